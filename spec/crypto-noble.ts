/**
 * `Crypto` in pure JavaScript over the noble libraries (spec §7): for browsers, and the slow,
 * obvious twin that the tests hold against `dapp/crypto/node-crypto.ts`.
 */

import { chacha20 } from "@noble/ciphers/chacha.js";
import { x25519 } from "@noble/curves/ed25519.js";
import { p256 } from "@noble/curves/nist.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { blake3 } from "@noble/hashes/blake3.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { concatBytes } from "@noble/hashes/utils.js";
import type { Crypto } from "./crypto.ts";
import { KEY_BYTES, nobleAeads, withZeroNonces } from "./crypto-aead.ts";
import {
  BLAKE3_BYTES_MAX,
  HKDF_BYTES_MAX,
  KEYSTREAM_BYTES_MAX,
  requireLength,
  requireOffsets,
  requireOutputLength,
} from "./crypto-checks.ts";
import { isEd25519PublicKey, verifyEd25519 } from "./crypto-ed25519.ts";

const ZERO_NONCE_12 = new Uint8Array(12);
const LEAF_PREFIX = Uint8Array.of(0);
const NODE_PREFIX = Uint8Array.of(1);

/** RFC 9162 §2.1.1, as it is written: the left subtree takes the largest power of two below n. */
function hashTree(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 1) return sha256(concatBytes(LEAF_PREFIX, leaves[0]!));
  let split = 1;
  while (2 * split < leaves.length) split *= 2;
  const [left, right] = [hashTree(leaves.slice(0, split)), hashTree(leaves.slice(split))];
  return sha256(concatBytes(NODE_PREFIX, left, right));
}

function verifyEcdsa(
  curve: typeof p256 | typeof secp256k1,
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
  lowS: boolean,
): boolean {
  // Noble throws for a wrong length, and would take an uncompressed key.
  if (publicKey.length !== 33 || signature.length !== 64) return false;
  return curve.verify(signature, message, publicKey, { lowS, prehash: true, format: "compact" });
}

/**
 * The implementation over noble.
 *
 * @example
 * nobleCrypto.sha256(new TextEncoder().encode("abc")); // ba7816bf…
 */
export const nobleCrypto: Crypto = {
  sha256: (data) => sha256(data),
  keccak256: (data) => keccak_256(data),
  blake3(data, length) {
    requireOutputLength(length, 1, BLAKE3_BYTES_MAX);
    return blake3(data, { dkLen: length });
  },
  hkdfSha256(key, salt, info, length) {
    requireOutputLength(length, 1, HKDF_BYTES_MAX);
    return hkdf(sha256, key, salt, info, length);
  },
  merkleRoot(leaves, offsets) {
    requireOffsets(leaves, offsets);
    const list: Uint8Array[] = [];
    for (let i = 1; i < offsets.length; i++) list.push(leaves.slice(offsets[i - 1]!, offsets[i]!));
    return hashTree(list);
  },

  chacha20Keystream(key, length) {
    requireLength("key", key, KEY_BYTES);
    requireOutputLength(length, 0, KEYSTREAM_BYTES_MAX);
    return chacha20(key, ZERO_NONCE_12, new Uint8Array(length));
  },
  ...withZeroNonces(nobleAeads),
  x25519PublicKey(secretKey) {
    requireLength("X25519 secret key", secretKey, 32);
    return x25519.getPublicKey(secretKey);
  },
  x25519(secretKey, publicKey) {
    requireLength("X25519 secret key", secretKey, 32);
    if (publicKey.length !== 32) return undefined;
    try {
      return x25519.getSharedSecret(secretKey, publicKey);
    } catch {
      return undefined; // The lengths are right, so the shared secret is zero: a small order.
    }
  },

  isEd25519PublicKey,
  isP256PublicKey: (publicKey) =>
    publicKey.length === 33 && p256.utils.isValidPublicKey(publicKey, true),
  isSecp256k1PublicKey: (publicKey) =>
    publicKey.length === 33 && secp256k1.utils.isValidPublicKey(publicKey, true),
  verifyEd25519,
  verifyP256: (publicKey, message, signature) =>
    verifyEcdsa(p256, publicKey, message, signature, false),
  verifySecp256k1: (publicKey, message, signature) =>
    verifyEcdsa(secp256k1, publicKey, message, signature, true),
  recoverAddress(digest, signature) {
    requireLength("digest", digest, 32);
    if (signature.length !== 65) return undefined;
    const v = signature[64]!;
    if (v !== 0 && v !== 1 && v !== 27 && v !== 28) return undefined;
    try {
      const compact = secp256k1.Signature.fromBytes(signature.subarray(0, 64), "compact");
      if (compact.hasHighS()) return undefined;
      const key = compact.addRecoveryBit(v % 27).recoverPublicKey(digest);
      return keccak_256(key.toBytes(false).subarray(1)).slice(12);
    } catch {
      return undefined; // r or s out of range, no point at r, or the recovered key is infinity.
    }
  },
};
