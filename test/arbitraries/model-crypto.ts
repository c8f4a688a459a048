import { hash } from "node:crypto";
import * as libsecp256k1 from "tiny-secp256k1";
import type { Crypto } from "../../spec/crypto.ts";
import { crypto as nodeCrypto } from "./town.ts";

/**
 * The town's cryptography with a memory: engine and model ask for the same signatures and shared
 * secrets one behind the other, and what was just signed here need not be recovered at all. Pure
 * functions give the same either way; that they are right is shown elsewhere.
 */

const MEMORY_MAX = 20_000;
const memory = new Map<string, unknown>();

function remember<T>(name: string, parts: readonly Uint8Array[], compute: () => T): T {
  const key = name + parts.map((part) => Buffer.from(part).toString("latin1")).join("|");
  if (memory.has(key)) return memory.get(key) as T;
  if (memory.size >= MEMORY_MAX) memory.clear();
  const value = compute();
  memory.set(key, value);
  return value;
}

const HASHED = "sha256";
/** Long messages go by their hash. */
const brief = (bytes: Uint8Array): Uint8Array =>
  bytes.length <= 128 ? bytes : Uint8Array.from(hash(HASHED, bytes, "buffer"));

export const rememberingCrypto: Crypto = {
  ...nodeCrypto,
  recoverAddress: (digest, signature) =>
    remember("recover", [digest, signature], () => nodeCrypto.recoverAddress(digest, signature)),
  x25519PublicKey: (secret) =>
    remember("x25519 key", [secret], () => nodeCrypto.x25519PublicKey(secret)),
  x25519: (secret, key) => remember("x25519", [secret, key], () => nodeCrypto.x25519(secret, key)),
  verifyEd25519: (key, message, signature) =>
    remember("ed25519", [key, brief(message), signature], () =>
      nodeCrypto.verifyEd25519(key, message, signature),
    ),
  verifyP256: (key, message, signature) =>
    remember("p256", [key, brief(message), signature], () =>
      nodeCrypto.verifyP256(key, message, signature),
    ),
  verifySecp256k1: (key, message, signature) =>
    remember("secp256k1", [key, brief(message), signature], () =>
      nodeCrypto.verifySecp256k1(key, message, signature),
    ),
};

/** An account's r ‖ s ‖ v over a digest; the signer is remembered with it. */
export function signDigest(
  account: { readonly secret: Uint8Array; readonly address: Uint8Array },
  digest: Uint8Array,
): Uint8Array {
  const { signature, recoveryId } = libsecp256k1.signRecoverable(digest, account.secret);
  const bytes = new Uint8Array(65);
  bytes.set(signature);
  bytes[64] = 27 + recoveryId;
  remember("recover", [digest, bytes], () => account.address);
  return bytes;
}
