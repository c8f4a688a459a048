import type { IncomingMessage } from "node:http";
import { isHomeName, toHostName } from "../../home-name.ts";

/** Whom an HTTP service lets in. */
export interface GateOptions {
  /** The address that the service listens on. */
  readonly host: string;
  /** Origins of web pages that may call; `*` is every one. */
  readonly allowedOrigins: readonly string[];
  /** Names by which others, such as a reverse proxy, call this machine; `*` is every one. */
  readonly allowedHosts: readonly string[];
}

const PREFLIGHT_SEC = 600;

/**
 * Why a request is kept out; `undefined` lets it in.
 *
 * Web pages are kept out unless their origin is allowed: a browser names it in every POST. And a page
 * can give this machine a name of its own, so that its requests seem to stay at home: so a name is
 * believed only where nobody else could have made it up, and a number always.
 */
export function findRefusal(
  { host, origin }: IncomingMessage["headers"],
  { host: ownHost, allowedHosts, allowedOrigins }: GateOptions,
): string | undefined {
  const name = toHostName(host ?? "");
  const isHome = isHomeName(name) || name === ownHost.toLowerCase();
  if (!isHome && !includes(allowedHosts, name)) {
    return "Forbidden: this node does not go by that host name (--allow-host)";
  }
  if (origin === undefined || includes(allowedOrigins, origin)) return undefined;
  return "Forbidden: pages of that origin may not call this node (--allow-origin)";
}

/** What a browser has to hear before it lets an allowed page ask, or read the answer. */
export function listCorsHeaders(request: IncomingMessage): Record<string, string> {
  const { origin } = request.headers;
  if (origin === undefined) return {};
  const headers = {
    "access-control-allow-origin": origin,
    "access-control-expose-headers": "retry-after",
    vary: "origin",
  };
  if (request.method !== "OPTIONS") return headers;
  const isPrivate = request.headers["access-control-request-private-network"] === "true";
  return {
    ...headers,
    "access-control-allow-methods": "GET, POST",
    "access-control-allow-headers": "content-type",
    "access-control-max-age": String(PREFLIGHT_SEC),
    ...(isPrivate ? { "access-control-allow-private-network": "true" } : {}),
  };
}

function includes(allowed: readonly string[], given: string): boolean {
  return allowed.includes("*") || allowed.includes(given);
}
