/** Fixed-width big-endian integers: Ethereum words and the widths of signed headers. */

/** Writes `value` as a 32-byte big-endian word at `offset`. Throws `RangeError` outside uint256. */
export function writeWord(target: Uint8Array, offset: number, value: bigint): void {
  if (value < 0n || value >> 256n !== 0n) throw new RangeError(`not a uint256: ${value}`);
  let rest = value;
  for (let i = offset + 31; rest > 0n; i--) {
    target[i] = Number(rest & 0xffn);
    rest >>= 8n;
  }
}

/** Reads a big-endian unsigned integer of any width. */
export function readBigEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  let at = 0;
  while (bytes[at] === 0) at++;
  // Six bytes at a time, because they fit a number and every step makes a new bigint.
  for (let end = at + ((bytes.length - at) % 6); at < bytes.length; end += 6) {
    let limb = 0;
    for (; at < end; at++) limb = limb * 256 + bytes[at]!;
    value = (value << 48n) | BigInt(limb);
  }
  return value;
}

/** The 32-byte word of `value`. Throws `RangeError` outside uint256. */
export function encodeWord(value: bigint): Uint8Array {
  const bytes = new Uint8Array(32);
  writeWord(bytes, 0, value);
  return bytes;
}

/** Writes a non-negative safe integer as `width` big-endian bytes at `offset`. */
export function writeUint(target: Uint8Array, offset: number, width: number, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`not a counter: ${value}`);
  let rest = value;
  for (let i = offset + width - 1; i >= offset; i--) {
    target[i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  if (rest !== 0) throw new RangeError(`${value} does not fit ${width} bytes`);
}

/** Byte-wise equality. Not constant-time: nothing compared here is secret. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** True iff every byte is zero. */
export function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}
