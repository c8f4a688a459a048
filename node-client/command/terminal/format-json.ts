import { bytesToHex } from "viem";
import { escapeJson } from "../../escape-text.ts";

/**
 * One line of JSON, for `--json`: bigints as decimal texts, bytes as 0x and hexadecimal digits, maps
 * as objects, so that nothing is rounded on the way to another program. What a terminal would obey
 * is escaped, as JSON escapes it.
 *
 * @param indent Spaces a level, for people; a line unless given.
 * @example
 * formatJson({ amount: 2n ** 64n, hash: new Uint8Array(2) }); // {"amount":"18446744073709551616","hash":"0x0000"}
 */
export function formatJson(value: unknown, indent?: number): string {
  return `${escapeJson(JSON.stringify(value, toPlain, indent))}\n`;
}

function toPlain(_name: string, value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  if (value instanceof Uint8Array) return bytesToHex(value);
  if (value instanceof Float64Array) return [...value];
  if (value instanceof Map) return Object.fromEntries(value);
  return value;
}

/** A JSON object, of whose fields nothing is known; `undefined` for every other text. */
export function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
