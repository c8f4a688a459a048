import { bytesToHex } from "viem";
import { encodeTypedData } from "../../../spec/typed-data.ts";
import type { TallyrollClient } from "../../client/actions/tallyroll-client.ts";
import { escapeText } from "../../escape-text.ts";
import { escapeValue } from "../../escape-value.ts";
import type { RelayedFile } from "../operation/relay-file.ts";
import { formatTime } from "../terminal/format-csv.ts";
import { nameOfFile } from "../terminal/read-file.ts";

const ENTRIES_MAX = 8;
/** A hash or an address is shown whole, longer bytes by their beginning. */
const HEX_CHARACTERS_MAX = 66;
const TEXT_CHARACTERS_MAX = 128;
/** Beside the body's own fields, and shown in front of them. */
const CLAIM: ReadonlySet<string> = new Set(["account", "nonce", "deadline"]);

/**
 * What a signed operation does, field by field as its signer's wallet has shown it, in one line
 * that holds nothing unescaped.
 *
 * @example
 * describeRelayed(client, { file, operation });
 * // pay.json: transfer by 0x7099…, nonce 0, until 2026-11-29 15:00:00 UTC: token 0x…, to 0x…, amount 5
 */
export function describeRelayed(
  { at }: Pick<TallyrollClient, "at">,
  { file, operation }: RelayedFile,
): string {
  const { authorization, body } = operation;
  const { message } = encodeTypedData(at, authorization, body);
  const fields = Object.entries(message).filter(([name]) => !CLAIM.has(name));
  const { nonce, deadlineSec } = authorization;
  const by = `${body.kind} by ${bytesToHex(authorization.account)}`;
  const until = `nonce ${nonce}, until ${formatTime(deadlineSec)}`;
  return `${escapeText(nameOfFile(file))}: ${by}, ${until}: ${describeFields(fields)}`;
}

const describeFields = (fields: readonly (readonly [string, unknown])[]): string =>
  fields.map(([name, value]) => `${name} ${describeValue(value)}`).join(", ");

function describeValue(value: unknown): string {
  if (Array.isArray(value)) {
    const shown = value.slice(0, ENTRIES_MAX).map(describeValue);
    const rest = value.length - shown.length;
    return `[${shown.join(", ")}${rest > 0 ? `, and ${rest} more` : ""}]`;
  }
  if (typeof value === "object" && value !== null) {
    return `{ ${describeFields(Object.entries(value))} }`;
  }
  if (typeof value !== "string") return escapeValue(value);
  if (!/^0x[0-9a-f]*$/.test(value)) return escapeValue(value, TEXT_CHARACTERS_MAX);
  if (value.length <= HEX_CHARACTERS_MAX) return value;
  return `${value.slice(0, 18)}… (${(value.length - 2) / 2} bytes)`;
}
