/**
 * `Crypto` for the machine and for Node (spec §7): OpenSSL where it has the algorithm, WebAssembly
 * where it does not. Pure JavaScript does one thing only, the check of an Ed25519 key's order when
 * it is registered, which no library offers.
 */

import { createBLAKE3, createKeccak } from "hash-wasm";
import type { Crypto } from "../../spec/crypto.ts";
import { KEY_BYTES, withZeroNonces } from "../../spec/crypto-aead.ts";
import {
  BLAKE3_BYTES_MAX,
  HKDF_BYTES_MAX,
  KEYSTREAM_BYTES_MAX,
  requireLength,
  requireOffsets,
  requireOutputLength,
} from "../../spec/crypto-checks.ts";
import { isEd25519PublicKey } from "../../spec/crypto-ed25519.ts";
import { chacha20Keystream, nodeAeads } from "./node-aead.ts";
import * as nodeCurves from "./node-curves.ts";
import { hkdfSha256, sha256 } from "./node-sha256.ts";
import { createMerkleRoot } from "./sha256-wasm.ts";

/**
 * Hashers can only be made asynchronously, and each has its output length. A shorter output is the
 * beginning of a longer one, so these serve all: a hash, a row of the state's root, and the rest.
 */
const BLAKE3_LENGTHS = [32, 2_048, BLAKE3_BYTES_MAX] as const;

const { recoverPublicKey, ...curves } = nodeCurves;

/**
 * Compiles the WebAssembly modules, some milliseconds, and gives the implementation. One may serve
 * a whole process: nothing it keeps changes an answer.
 *
 * @example
 * const crypto = await createNodeCrypto();
 * crypto.keccak256(new Uint8Array(0)); // c5d24601…
 */
export async function createNodeCrypto(): Promise<Crypto> {
  const keccak = await createKeccak(256);
  const blake3 = await Promise.all(BLAKE3_LENGTHS.map((length) => createBLAKE3(8 * length)));
  const merkleRoot = createMerkleRoot();
  const keccak256 = (data: Uint8Array) => keccak.init().update(data).digest("binary");

  return {
    sha256,
    keccak256,
    blake3(data, length) {
      requireOutputLength(length, 1, BLAKE3_BYTES_MAX);
      const hasher = blake3[BLAKE3_LENGTHS.findIndex((longest) => length <= longest)]!;
      const output = hasher.init().update(data).digest("binary");
      return length === output.length ? output : output.slice(0, length);
    },
    hkdfSha256(key, salt, info, length) {
      requireOutputLength(length, 1, HKDF_BYTES_MAX);
      return hkdfSha256(key, salt, info, length);
    },
    merkleRoot(leaves, offsets) {
      requireOffsets(leaves, offsets);
      return merkleRoot(leaves, offsets);
    },

    chacha20Keystream(key, length) {
      requireLength("key", key, KEY_BYTES);
      requireOutputLength(length, 0, KEYSTREAM_BYTES_MAX);
      return chacha20Keystream(key, length);
    },
    ...withZeroNonces(nodeAeads),
    isEd25519PublicKey,
    ...curves,
    recoverAddress(digest, signature) {
      const key = recoverPublicKey(digest, signature);
      return key === undefined ? undefined : keccak256(key).slice(12);
    },
  };
}
