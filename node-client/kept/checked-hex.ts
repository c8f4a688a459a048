import { createHash } from "node:crypto";

/**
 * Secrets in hexadecimal whose letters' case is a checksum, as EIP-55 has it for addresses: every
 * reader of plain digits reads them too, and a changed digit does not become another secret.
 */

/**
 * Bytes as hexadecimal digits with their checksum.
 *
 * @example
 * encodeCheckedHex(secret); // "5E5e5E…"
 */
export function encodeCheckedHex(bytes: Uint8Array): string {
  const digits = Buffer.from(bytes).toString("hex");
  const hash = createHash("sha256").update(digits).digest("hex");
  return [...digits].map((digit, i) => (hash[i]! >= "8" ? digit.toUpperCase() : digit)).join("");
}

/**
 * Reads digits: 64 at most, an even number of them.
 *
 * @returns `undefined` where the case of the letters is mixed and not their checksum.
 */
export function decodeCheckedHex(digits: string): Uint8Array | undefined {
  const bytes = Uint8Array.from(Buffer.from(digits, "hex"));
  const isMixed = /[a-f]/.test(digits) && /[A-F]/.test(digits);
  return isMixed && encodeCheckedHex(bytes) !== digits ? undefined : bytes;
}
