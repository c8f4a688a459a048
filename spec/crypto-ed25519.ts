/**
 * Ed25519 as the protocol calls it valid (spec §7), in pure JavaScript. Not noble's own `verify`,
 * which clears the cofactor and so accepts what OpenSSL refuses.
 */

import { ed25519 } from "@noble/curves/ed25519.js";
import { bytesToNumberLE, equalBytes } from "@noble/curves/utils.js";
import { sha512 } from "@noble/hashes/sha2.js";

const { Point } = ed25519;
const ORDER = Point.Fn.ORDER;
type Point = InstanceType<typeof Point>;

/**
 * True iff the bytes are the canonical encoding of a point of prime order: y < p, no sign on x = 0,
 * no component of small order, not the identity. Costs a point multiplication: asked once, when a
 * key is registered. Both implementations of `Crypto` use it, as OpenSSL has no such check.
 */
export function isEd25519PublicKey(publicKey: Uint8Array): boolean {
  const point = decodePoint(publicKey, false);
  return point !== undefined && !point.is0() && point.isTorsionFree();
}

/**
 * RFC 8032 §5.1.7 without the cofactor: S < L, and [S]B − [k]A encodes to R's bytes. Like OpenSSL it
 * takes any key that decodes, canonical or not: which keys may sign is the registration's question.
 */
export function verifyEd25519(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (signature.length !== 64) return false;
  const key = decodePoint(publicKey, true);
  if (key === undefined) return false;
  const r = signature.subarray(0, 32);
  const s = bytesToNumberLE(signature.subarray(32));
  if (s >= ORDER) return false;
  const hash = sha512.create().update(r).update(publicKey).update(message).digest();
  const k = bytesToNumberLE(hash) % ORDER;
  const expected = Point.BASE.multiplyUnsafe(s).subtract(key.multiplyUnsafe(k));
  return equalBytes(expected.toBytes(), r);
}

function decodePoint(bytes: Uint8Array, acceptNonCanonical: boolean): Point | undefined {
  if (bytes.length !== 32) return undefined;
  try {
    return Point.fromBytes(bytes, acceptNonCanonical);
  } catch {
    return undefined; // No square root, or an encoding that is not canonical.
  }
}
