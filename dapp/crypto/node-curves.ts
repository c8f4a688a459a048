/**
 * The curves over OpenSSL, and secp256k1 over libsecp256k1 in WebAssembly (spec §7). OpenSSL's
 * Ed25519 is the protocol's rule: S < L, no cofactor, R compared as bytes.
 *
 * Keys are imported as JWK: OpenSSL 3 takes ten times as long for DER.
 */

import type { KeyObject } from "node:crypto";
import { createPrivateKey, createPublicKey, diffieHellman, ECDH, verify } from "node:crypto";
import * as libsecp256k1 from "tiny-secp256k1";
import { requireLength } from "../../spec/crypto-checks.ts";
import { cacheByKey } from "./key-cache.ts";
import { plainBytes } from "./node-aead.ts";
import { sha256 } from "./node-sha256.ts";

const PUBLIC_KEYS_MAX = 4_096;
/** The machine's own key, and a few ephemeral ones of a client that seals. */
const SECRET_KEYS_MAX = 16;

const base64url = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64url");

const importOkp = (curve: "Ed25519" | "X25519", x: Uint8Array): KeyObject =>
  createPublicKey({ key: { kty: "OKP", crv: curve, x: base64url(x) }, format: "jwk" });

// Node asks for a private key's x to be there, but computes it from d.
const secretKeyOf = cacheByKey(SECRET_KEYS_MAX, (d) =>
  createPrivateKey({ key: { kty: "OKP", crv: "X25519", x: "", d: base64url(d) }, format: "jwk" }),
);

/** See `Crypto.x25519PublicKey`. */
export function x25519PublicKey(secretKey: Uint8Array): Uint8Array {
  requireLength("X25519 secret key", secretKey, 32);
  const { x } = createPublicKey(secretKeyOf(secretKey)).export({ format: "jwk" });
  return new Uint8Array(Buffer.from(x!, "base64url"));
}

/** See `Crypto.x25519`. */
export function x25519(secretKey: Uint8Array, publicKey: Uint8Array): Uint8Array | undefined {
  requireLength("X25519 secret key", secretKey, 32);
  if (publicKey.length !== 32) return undefined;
  const keys = { privateKey: secretKeyOf(secretKey), publicKey: importOkp("X25519", publicKey) };
  try {
    return plainBytes(diffieHellman(keys));
  } catch {
    return undefined; // OpenSSL refuses the one thing left to refuse, an all-zero secret.
  }
}

const ed25519KeyOf = cacheByKey(PUBLIC_KEYS_MAX, (key) => importOkp("Ed25519", key));

/** See `Crypto.verifyEd25519`. */
export function verifyEd25519(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  return verify(null, message, ed25519KeyOf(publicKey), signature);
}

/** `undefined` for what is not a compressed point. */
const p256KeyOf = cacheByKey(PUBLIC_KEYS_MAX, (key): KeyObject | undefined => {
  const prefix = key[0];
  if (key.length !== 33 || (prefix !== 2 && prefix !== 3)) return undefined;
  let point: Buffer;
  try {
    point = ECDH.convertKey(key, "prime256v1", undefined, undefined, "uncompressed") as Buffer;
  } catch {
    return undefined; // x is not a coordinate of a point, or not below the field's prime.
  }
  const [x, y] = [base64url(point.subarray(1, 33)), base64url(point.subarray(33))];
  return createPublicKey({ key: { kty: "EC", crv: "P-256", x, y }, format: "jwk" });
});

/** See `Crypto.isP256PublicKey`. */
export const isP256PublicKey = (publicKey: Uint8Array): boolean =>
  p256KeyOf(publicKey) !== undefined;

/** See `Crypto.verifyP256`. OpenSSL checks the ranges of r and s, and takes both s. */
export function verifyP256(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (signature.length !== 64) return false;
  const key = p256KeyOf(publicKey);
  if (key === undefined) return false;
  return verify("sha256", message, { key, dsaEncoding: "ieee-p1363" }, signature);
}

/**
 * See `Crypto.isSecp256k1PublicKey`. Asked before every verification: libsecp256k1's wrapper throws
 * out of WebAssembly for a bad key and never gives the stack space back, so that some three
 * thousand bad keys would end all verification.
 */
export const isSecp256k1PublicKey: (publicKey: Uint8Array) => boolean = cacheByKey(
  PUBLIC_KEYS_MAX,
  (key) => libsecp256k1.isPointCompressed(key),
);

/** See `Crypto.verifySecp256k1`. */
export function verifySecp256k1(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (signature.length !== 64 || !hasLowSAndRange(signature)) return false;
  if (!isSecp256k1PublicKey(publicKey)) return false;
  return libsecp256k1.verify(sha256(message), publicKey, signature, true);
}

/** The key behind `Crypto.recoverAddress`: x ‖ y of 64 bytes. */
export function recoverPublicKey(
  digest: Uint8Array,
  signature: Uint8Array,
): Uint8Array | undefined {
  requireLength("digest", digest, 32);
  if (signature.length !== 65 || !hasLowSAndRange(signature)) return undefined;
  const v = signature[64]!;
  if (v !== 0 && v !== 1 && v !== 27 && v !== 28) return undefined;
  const compact = signature.subarray(0, 64);
  const parity = (v % 27) as 0 | 1;
  try {
    return libsecp256k1.recover(digest, compact, parity, false)?.subarray(1) ?? undefined;
  } catch (cause) {
    // The wrapper asks, outside of WebAssembly, whether r is a point's x. Asking it here as well
    // would cost a tenth of the recovery, a second square root.
    if (cause instanceof Error && cause.message === BAD_SIGNATURE) return undefined;
    throw cause;
  }
}

/** What the wrapper says of a signature that no key can have made. */
const BAD_SIGNATURE = "Expected Signature";

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const bigEndian = (value: bigint): Buffer =>
  Buffer.from(value.toString(16).padStart(64, "0"), "hex");
const R_MAX = bigEndian(ORDER - 1n);
const S_MAX = bigEndian(ORDER / 2n);
const ZERO = bigEndian(0n);

/** 0 < r < n and 0 < s ≤ n / 2, in the first 64 bytes of a signature. */
function hasLowSAndRange(signature: Uint8Array): boolean {
  const r = signature.subarray(0, 32);
  const s = signature.subarray(32, 64);
  return (
    Buffer.compare(r, R_MAX) <= 0 &&
    Buffer.compare(s, S_MAX) <= 0 &&
    Buffer.compare(r, ZERO) > 0 &&
    Buffer.compare(s, ZERO) > 0
  );
}
