/**
 * HKDF-SHA256 (RFC 5869) by hand over one-shot hashes: `hkdfSync` takes three times as long, and
 * refuses an `info` of more than 1,024 bytes, which the RFC does not.
 */

import { hash } from "node:crypto";

const BLOCK_BYTES = 64;
const HASH_BYTES = 32;

/** See `Crypto.hkdfSha256`; the length has been checked. */
export function hkdfSha256(
  key: Uint8Array,
  salt: Uint8Array,
  info: Uint8Array,
  length: number,
): Uint8Array {
  const pseudorandomKey = hmacSha256(salt, key);
  const output = new Uint8Array(Math.ceil(length / HASH_BYTES) * HASH_BYTES);
  // Each block's message is the previous block ‖ info ‖ counter; the first has no previous block.
  const message = new Uint8Array(HASH_BYTES + info.length + 1);
  message.set(info, HASH_BYTES);
  for (let at = 0; at < output.length; at += HASH_BYTES) {
    message[message.length - 1] = at / HASH_BYTES + 1;
    const block = hmacSha256(pseudorandomKey, at === 0 ? message.subarray(HASH_BYTES) : message);
    output.set(block, at);
    message.set(block);
  }
  return output.slice(0, length);
}

/** RFC 2104. */
function hmacSha256(key: Uint8Array, message: Uint8Array): Uint8Array {
  const short = key.length > BLOCK_BYTES ? hash("sha256", key, "buffer") : key;
  const inner = new Uint8Array(BLOCK_BYTES + message.length);
  const outer = new Uint8Array(BLOCK_BYTES + HASH_BYTES);
  for (let i = 0; i < BLOCK_BYTES; i++) {
    const byte = i < short.length ? short[i]! : 0;
    inner[i] = byte ^ 0x36;
    outer[i] = byte ^ 0x5c;
  }
  inner.set(message, BLOCK_BYTES);
  outer.set(hash("sha256", inner, "buffer"), BLOCK_BYTES);
  return hash("sha256", outer, "buffer");
}
