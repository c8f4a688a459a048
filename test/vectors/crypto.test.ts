/**
 * Known answers for every method of `Crypto`, in both implementations, from `spec/vectors/crypto`;
 * each vector names its source. What generated cases could miss together, these pin down.
 */

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { nodeAeads } from "../../dapp/crypto/node-aead.ts";
import { createNodeCrypto } from "../../dapp/crypto/node-crypto.ts";
import type { Crypto } from "../../spec/crypto.ts";
import type { Aeads } from "../../spec/crypto-aead.ts";
import { nobleAeads } from "../../spec/crypto-aead.ts";
import { nobleCrypto } from "../../spec/crypto-noble.ts";

/** Bytes in hex, a number, offsets, or so many bytes 0, 1, …, 250, 0, … */
type Argument = string | number | { offsets: number[] } | { countingBytes: number };
interface Vector {
  readonly id: string;
  readonly comment: string;
  /** A method of `Crypto`, or `aeads.<name>.<seal or open>` for those that take a nonce. */
  readonly method: string;
  readonly arguments: readonly Argument[];
  readonly expected: string | boolean | null;
}

const folder = new URL("../../spec/vectors/crypto/", import.meta.url);
const vectors = readdirSync(folder)
  .sort()
  .flatMap((name) => JSON.parse(readFileSync(new URL(name, folder), "utf8")) as Vector[]);

const nodeCrypto = await createNodeCrypto();
const implementations: [string, Crypto, Aeads][] = [
  ["noble", nobleCrypto, nobleAeads],
  ["node", nodeCrypto, nodeAeads],
];

const fromHex = (hex: string) => new Uint8Array(Buffer.from(hex.slice(2), "hex"));
function decodeArgument(argument: Argument): unknown {
  if (typeof argument === "string") return fromHex(argument);
  if (typeof argument === "number") return argument;
  if ("offsets" in argument) return Uint32Array.from(argument.offsets);
  return Uint8Array.from({ length: argument.countingBytes }, (_, i) => i % 251);
}
function encodeResult(result: unknown): string | boolean | null {
  if (result === undefined) return null;
  if (typeof result === "boolean") return result;
  // No Buffer: its methods differ, and the implementations are to be exchanged freely.
  expect(Object.getPrototypeOf(result)).toBe(Uint8Array.prototype);
  return `0x${Buffer.from(result as Uint8Array).toString("hex")}`;
}
const METHOD_NAMES = Object.keys(nobleCrypto) as (keyof Crypto)[];

describe.each(implementations)("%s", (_, crypto, aeads) => {
  test.each(vectors.map((v) => [v.id, v.comment, v] as const))(
    "%s: %s",
    (_id, _comment, vector) => {
      let of: object = { ...crypto, aeads };
      const path = vector.method.split(".");
      for (const name of path.slice(0, -1)) of = of[name as keyof typeof of];
      const method = of[path.at(-1) as keyof typeof of] as (...values: unknown[]) => unknown;
      expect(encodeResult(method(...vector.arguments.map(decodeArgument)))).toBe(vector.expected);
    },
  );

  test("refuses misuse by the caller with a RangeError", () => {
    const [none, short, key] = [new Uint8Array(0), new Uint8Array(31), new Uint8Array(32)];
    const misuses: (() => unknown)[] = [
      ...[0, 4_097, 1.5, -1, Number.NaN].map((length) => () => crypto.blake3(none, length)),
      ...[0, 8_161, 1.5].map((length) => () => crypto.hkdfSha256(key, none, none, length)),
      () => crypto.merkleRoot(none, Uint32Array.of(0)),
      () => crypto.merkleRoot(none, new Uint32Array(0)),
      () => crypto.merkleRoot(key, Uint32Array.of(0, 33)),
      () => crypto.merkleRoot(key, Uint32Array.of(0, 20, 10)),
      () => crypto.chacha20Keystream(short, 1),
      () => crypto.chacha20Keystream(key, -1),
      () => crypto.sealXChaCha20Poly1305(short, none, none),
      () => crypto.openXChaCha20Poly1305(short, key, none),
      () => crypto.sealAes256Gcm(short, none, none),
      () => crypto.openAes256Gcm(short, key, none),
      () => aeads.chacha20Poly1305.seal(key, new Uint8Array(8), none, none),
      () => aeads.xchacha20Poly1305.open(key, new Uint8Array(12), key, none),
      () => aeads.aes256Gcm.seal(key, new Uint8Array(16), none, none),
      () => crypto.x25519PublicKey(short),
      () => crypto.x25519(short, key),
      () => crypto.recoverAddress(short, new Uint8Array(65)),
    ];
    for (const misuse of misuses) expect(misuse, String(misuse)).toThrow(RangeError);
  });

  test("answers an outsider's bytes of any length without a throw", () => {
    const key = new Uint8Array(32).fill(1);
    for (let length = 0; length <= 70; length++) {
      const bytes = new Uint8Array(length).fill(2);
      for (const scheme of ["Ed25519", "P256", "Secp256k1"] as const) {
        expect(crypto[`is${scheme}PublicKey`](bytes)).toBeTypeOf("boolean");
        expect(crypto[`verify${scheme}`](bytes, bytes, bytes)).toBe(false);
      }
      expect(crypto.recoverAddress(key, bytes)).toBe(undefined);
      expect(crypto.x25519(key, bytes) === undefined).toBe(length !== 32);
      expect(crypto.openAes256Gcm(key, bytes, bytes)).toBe(undefined);
      expect(crypto.openXChaCha20Poly1305(key, bytes, bytes)).toBe(undefined);
    }
  });
});

test("has a vector for every method", () => {
  const named = new Set(vectors.map((vector) => vector.method));
  // Their zero nonce is the caller's of the methods with a nonce; the twins' test compares them.
  const throughNonce = ["sealXChaCha20Poly1305", "openXChaCha20Poly1305"];
  const missing = METHOD_NAMES.filter((name) => !named.has(name) && !throughNonce.includes(name));
  expect(missing).toEqual([]);
});

test("keeps verifying after thousands of keys and signatures that libsecp256k1 refuses", () => {
  const good = vectors.find((vector) => vector.id === "crypto/secp256k1_low_s")!;
  const recovered = vectors.find((vector) => vector.id === "crypto/recover_v_27")!;
  const [publicKey, message, signature] = good.arguments.map((a) => fromHex(a as string));
  const [digest, withV] = recovered.arguments.map((a) => fromHex(a as string));
  const noKey = new Uint8Array(33).fill(0, 1).fill(2, 0, 1);
  noKey[32] = 5;
  const noPoint = withV!.slice().fill(0, 0, 31).fill(5, 31, 32);
  const infinity = vectors.find((vector) => vector.id === "crypto/recover_infinity")!;
  const [one, toInfinity] = infinity.arguments.map((a) => fromHex(a as string));
  // The wrapper loses stack space whenever it throws out of WebAssembly: some 3,400 times suffice.
  let acceptedCount = 0;
  for (let i = 0; i < 4_000; i++) {
    if (nodeCrypto.verifySecp256k1(noKey, message!, signature!)) acceptedCount++;
    if (nodeCrypto.recoverAddress(digest!, noPoint) !== undefined) acceptedCount++;
    if (i % 20 !== 0) continue;
    if (nodeCrypto.recoverAddress(one!, toInfinity!) !== undefined) acceptedCount++;
  }
  expect(acceptedCount).toBe(0);
  expect(nodeCrypto.verifySecp256k1(publicKey!, message!, signature!)).toBe(true);
  expect(nodeCrypto.recoverAddress(digest!, withV!)).toEqual(fromHex(recovered.expected as string));
});
