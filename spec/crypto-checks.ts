/**
 * What both implementations of `Crypto` demand of their caller (spec §7): the same misuse throws
 * the same `RangeError` in both. What an outsider sends never comes here.
 */

/** @throws RangeError when `bytes` has not exactly `length` bytes. */
export function requireLength(name: string, bytes: Uint8Array, length: number): void {
  if (bytes.length !== length) {
    throw new RangeError(`${name} has ${bytes.length} bytes instead of ${length}`);
  }
}

/** @throws RangeError when `length` is not an integer from `min` to `max`. */
export function requireOutputLength(length: number, min: number, max: number): void {
  if (!Number.isInteger(length) || length < min || length > max) {
    throw new RangeError(`an output of ${length} bytes, instead of ${min} to ${max}`);
  }
}

/** @throws RangeError unless the offsets rise (equal ones are empty leaves) and stay in `leaves`. */
export function requireOffsets(leaves: Uint8Array, offsets: Uint32Array): void {
  if (offsets.length < 2) throw new RangeError("a Merkle tree without leaves");
  for (let i = 1; i < offsets.length; i++) {
    if (offsets[i]! < offsets[i - 1]!) throw new RangeError(`leaf ${i - 1} ends before it begins`);
  }
  if (offsets[offsets.length - 1]! > leaves.length) {
    throw new RangeError("the last leaf ends after the bytes of the leaves");
  }
}

export const BLAKE3_BYTES_MAX = 4_096;
/** RFC 5869 §2.3: one byte counts the blocks. */
export const HKDF_BYTES_MAX = 255 * 32;
/** Far above what the protocol asks for, far below where ChaCha20's block counter ends. */
export const KEYSTREAM_BYTES_MAX = 2 ** 24;
