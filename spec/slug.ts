import { utf8ToBytes } from "@noble/hashes/utils.js";
import { ENDPOINT_BYTES_MAX, ENDPOINTS_MAX, SLUG_BYTES_MAX } from "./limits.ts";

/** Names that become parts of topics, addresses and lists (spec §11.1). */

const SLUG = /^[a-z0-9][a-z0-9._-]*$/;
/** Printable ASCII without a space: what a URL is made of, and no line break. */
const ENDPOINT = /^[!-~]+$/;

/** 1 to 64 of a–z, 0–9, dot, underscore and hyphen, the first a letter or digit. */
export function isSlug(text: string): boolean {
  return text.length <= SLUG_BYTES_MAX && SLUG.test(text);
}

/** True iff the endpoints are few, short, printable and distinct. */
export function areEndpoints(endpoints: readonly string[]): boolean {
  return (
    endpoints.length <= ENDPOINTS_MAX &&
    new Set(endpoints).size === endpoints.length &&
    endpoints.every((text) => ENDPOINT.test(text) && utf8ToBytes(text).length <= ENDPOINT_BYTES_MAX)
  );
}
