/**
 * SHA-256 and HKDF over OpenSSL (spec §7). For messages as short as ours, most of the time goes
 * into memory that the call allocates, not into hashing: a digest as text of one byte a character
 * takes half the time of one as a `Buffer`, and a message in a buffer that stays half of one made
 * for it. So HKDF by hand takes half the time of `hkdfSync`, which besides refuses an `info` of
 * more than 1,024 bytes.
 */

import { hash } from "node:crypto";

const BLOCK_BYTES = 64;
const HASH_BYTES = 32;

/** FIPS 180-4: 32 bytes. */
export function sha256(data: Uint8Array): Uint8Array {
  const digest = new Uint8Array(HASH_BYTES);
  digestInto(digest, 0, data);
  return digest;
}

function digestInto(to: Uint8Array, at: number, data: Uint8Array): void {
  const text = hash("sha256", data, "binary");
  for (let i = 0; i < HASH_BYTES; i++) to[at + i] = text.charCodeAt(i);
}

// RFC 2104: a key's block over the message, and its other block over the inner digest. Written
// anew by every call, which never waits in between.
let inner = new Uint8Array(1_024);
const outer = new Uint8Array(BLOCK_BYTES + HASH_BYTES);

function setHmacKey(key: Uint8Array): void {
  const short = key.length > BLOCK_BYTES ? sha256(key) : key;
  for (let i = 0; i < BLOCK_BYTES; i++) {
    const byte = i < short.length ? short[i]! : 0;
    inner[i] = byte ^ 0x36;
    outer[i] = byte ^ 0x5c;
  }
}

/** HMAC-SHA256 of the message that stands in `inner` after the key's block. */
function hmacInto(to: Uint8Array, at: number, messageBytes: number): void {
  digestInto(outer, BLOCK_BYTES, inner.subarray(0, BLOCK_BYTES + messageBytes));
  digestInto(to, at, outer);
}

/** RFC 5869; see `Crypto.hkdfSha256`. The length has been checked. */
export function hkdfSha256(
  key: Uint8Array,
  salt: Uint8Array,
  info: Uint8Array,
  length: number,
): Uint8Array {
  const bytesNeeded = BLOCK_BYTES + Math.max(key.length, HASH_BYTES + info.length + 1);
  if (inner.length < bytesNeeded) inner = new Uint8Array(bytesNeeded);

  const output = new Uint8Array(Math.ceil(length / HASH_BYTES) * HASH_BYTES);
  setHmacKey(salt);
  inner.set(key, BLOCK_BYTES);
  hmacInto(output, 0, key.length); // The pseudorandom key, until the first block replaces it.
  setHmacKey(output.subarray(0, HASH_BYTES));
  // A block is the HMAC of the block before ‖ info ‖ counter; the first has none before it.
  for (let at = 0; at < output.length; at += HASH_BYTES) {
    const infoAt = at === 0 ? BLOCK_BYTES : BLOCK_BYTES + HASH_BYTES;
    if (at > 0) inner.set(output.subarray(at - HASH_BYTES, at), BLOCK_BYTES);
    if (at <= HASH_BYTES) inner.set(info, infoAt);
    inner[infoAt + info.length] = at / HASH_BYTES + 1;
    hmacInto(output, at, infoAt + info.length + 1 - BLOCK_BYTES);
  }
  return length === output.length ? output : output.slice(0, length);
}
