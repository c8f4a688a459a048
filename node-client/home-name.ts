import { isIP } from "node:net";

const LOOPBACK: ReadonlySet<string> = new Set(["127.0.0.1", "::1", "localhost"]);

/** The name in a `Host` header, without its port and brackets. */
export function toHostName(host: string): string {
  return host
    .replace(/:\d+$/, "")
    .replace(/^\[(.*)\]$/, "$1")
    .toLowerCase();
}

/**
 * Whether no stranger can have made up a host name. A page can give this machine a name of its own
 * (DNS rebinding), so that its requests seem to stay at home: a number it cannot.
 */
export function isHomeName(name: string): boolean {
  return LOOPBACK.has(name) || isIP(name) !== 0;
}
