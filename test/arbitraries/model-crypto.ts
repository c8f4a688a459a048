import { hash } from "node:crypto";
import * as libsecp256k1 from "tiny-secp256k1";
import type { DeviceSigner } from "../../node-client/client/device/device-signer.ts";
import type { Crypto } from "../../spec/crypto.ts";
import { splitDeviceKey } from "../../spec/device-key.ts";
import { ROW_HASH_BYTES } from "../../spec/state-root.ts";
import { crypto as nodeCrypto } from "./shared-keys.ts";

/**
 * The histories' cryptography with a memory: engine and model ask for the same signatures, shared
 * secrets and hashes of rows one behind the other, and what was just signed here need not be
 * recovered at all. Pure functions give the same either way; that they are right is shown elsewhere.
 */

/** Answers by what was asked, as many as `entriesMax`; a full memory begins anew. */
class Memory<T> {
  readonly #entriesMax: number;
  readonly #answers = new Map<string, T>();

  constructor(entriesMax: number) {
    this.#entriesMax = entriesMax;
  }

  answer(question: string, compute: () => T): T {
    const known = this.#answers.get(question);
    if (known !== undefined || this.#answers.has(question)) return known as T;
    if (this.#answers.size >= this.#entriesMax) this.#answers.clear();
    const answer = compute();
    this.#answers.set(question, answer);
    return answer;
  }
}

const memory = new Memory<unknown>(20_000);
/** A row is hashed when it comes and when it goes, by both; its lanes are 2 KB. */
const rowHashes = new Memory<Uint8Array>(8_192);

const textOf = ({ buffer, byteOffset, length }: Uint8Array): string =>
  Buffer.from(buffer, byteOffset, length).toString("latin1");

function remember<T>(name: string, parts: readonly Uint8Array[], compute: () => T): T {
  return memory.answer(name + parts.map(textOf).join("|"), compute) as T;
}

const HASHED = "sha256";
/** Long messages go by their hash. */
const brief = (bytes: Uint8Array): Uint8Array =>
  bytes.length <= 128 ? bytes : Uint8Array.from(hash(HASHED, bytes, "buffer"));

export const rememberingCrypto: Crypto = {
  ...nodeCrypto,
  blake3: (data, length) =>
    length === ROW_HASH_BYTES
      ? rowHashes.answer(textOf(data), () => nodeCrypto.blake3(data, length))
      : nodeCrypto.blake3(data, length),
  isEd25519PublicKey: (key) =>
    remember("is ed25519", [key], () => nodeCrypto.isEd25519PublicKey(key)),
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

/** A device's signature; that its key verifies it is remembered with it. */
export function signAsDevice(signer: DeviceSigner, message: Uint8Array): Uint8Array {
  const signature = signer.sign(message);
  const key = splitDeviceKey(signer.key)!;
  remember(key.type, [key.raw, brief(message), signature], () => true);
  return signature;
}
