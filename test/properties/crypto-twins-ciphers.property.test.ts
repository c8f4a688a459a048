/**
 * The two implementations of `Crypto` never disagree (spec §7), second part: hashes, Merkle trees,
 * derived keys and ciphers.
 */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nodeAeads } from "../../dapp/crypto/node-aead.ts";
import { createNodeCrypto } from "../../dapp/crypto/node-crypto.ts";
import type { Crypto } from "../../spec/crypto.ts";
import type { Aeads } from "../../spec/crypto-aead.ts";
import { nobleAeads } from "../../spec/crypto-aead.ts";
import { nobleCrypto } from "../../spec/crypto-noble.ts";
import { bytes, flipBit, patterned } from "../arbitraries/crypto.ts";
import { runs, seed } from "../seed.ts";

const node = await createNodeCrypto();
const parameters = (long: number) => ({ seed: seed("crypto-twins-ciphers"), numRuns: runs(long) });

/** What both implementations answer, which must be the same. */
function both<T>(ask: (crypto: Crypto, aeads: Aeads) => T): T {
  const answer = ask(node, nodeAeads);
  expect(answer).toEqual(ask(nobleCrypto, nobleAeads));
  return answer;
}

/** Lengths around the blocks of the hashes, of BLAKE3's chunks and of copies into WebAssembly. */
const lengths = fc.oneof(
  fc.nat(300),
  fc.constantFrom(1_023, 1_024, 1_025, 2_048, 2_049, 16_383, 16_384, 16_385, 40_000),
);

test("hashes agree, and a shorter output of BLAKE3 begins a longer one", () => {
  const outputs = fc.oneof(
    fc.constantFrom(1, 31, 32, 33, 2_047, 2_048, 2_049),
    fc.integer({ min: 1, max: 4_096 }),
  );
  const property = fc.property(patterned(lengths), outputs, (data, length) => {
    both((c) => c.sha256(data));
    both((c) => c.keccak256(data));
    const output = both((c) => c.blake3(data, length));
    expect(node.blake3(data, 4_096).slice(0, length)).toEqual(output);
  });
  fc.assert(property, parameters(2_000));
});

test("derived keys agree, with inputs longer than a block or than OpenSSL would take", () => {
  const inputs = patterned(fc.oneof(fc.nat(130), fc.constantFrom(63, 64, 65, 1_025, 2_000)));
  const outputs = fc.oneof(fc.integer({ min: 1, max: 200 }), fc.constantFrom(32, 64, 8_159, 8_160));
  const property = fc.property(inputs, inputs, inputs, outputs, (key, salt, info, length) => {
    both((c) => c.hkdfSha256(key, salt, info, length));
  });
  fc.assert(property, parameters(1_500));
});

test("keystreams agree, and a shorter one begins a longer one", () => {
  const property = fc.property(bytes(32), fc.nat(5_000), (key, length) => {
    const keystream = both((c) => c.chacha20Keystream(key, length));
    expect(node.chacha20Keystream(key, 5_000).slice(0, length)).toEqual(keystream);
  });
  fc.assert(property, parameters(1_000));
});

describe("Merkle roots", () => {
  /** A tree of leaves cut from one run of bytes, which begins somewhere in it. */
  function checkRoot(leafLengths: readonly number[], data: Uint8Array, start: number): void {
    const offsets = new Uint32Array(leafLengths.length + 1).fill(start, 0, 1);
    for (const [i, length] of leafLengths.entries()) offsets[i + 1] = offsets[i]! + length;
    const size = offsets.at(-1)!;
    const leaves = new Uint8Array(size + 3);
    for (let i = 0; i < leaves.length; i++) leaves[i] = data[i % data.length]! + (i >>> 8);
    const before = leaves.slice();
    both((c) => c.merkleRoot(leaves, offsets));
    expect(Buffer.compare(leaves, before)).toBe(0); // `toEqual` takes seconds for megabytes.
  }

  test("agree for any number of leaves of any length", () => {
    const counts = fc.oneof(
      fc.integer({ min: 1, max: 40 }),
      fc.constantFrom(1, 2, 3, 127, 128, 129, 257),
    );
    const leafLengths = fc.oneof(
      { weight: 4, arbitrary: fc.constant(fc.constant(40)) },
      { weight: 4, arbitrary: fc.constant(fc.nat(130)) },
      { weight: 4, arbitrary: fc.constant(fc.constantFrom(0, 54, 55, 56, 62, 63, 64, 118, 119)) },
      { weight: 1, arbitrary: fc.constant(fc.nat(8_192)) },
    );
    const shapes = fc
      .tuple(counts, leafLengths)
      .chain(([count, length]) => fc.array(length, { minLength: count, maxLength: count }));
    const property = fc.property(shapes, bytes(251), fc.nat(70), checkRoot);
    fc.assert(property, parameters(1_000));
  });

  test("agree for the largest trees and leaves, and afterwards for small ones", () => {
    const data = Uint8Array.from({ length: 251 }, (_, i) => i * i);
    for (const [count, length] of [
      ...[
        [4_096, 40],
        [4_095, 1],
        [300, 8_192],
        [1, 65_536],
        [2, 65_537],
        [3, 400_000],
      ],
      ...[
        [128, 40],
        [1, 0],
        [2, 55],
      ],
    ] as [number, number][]) {
      checkRoot(Array(count).fill(length), data, 7);
    }
    // Leaves that end ever closer to the end of a page of WebAssembly's memory.
    const page = 65_536;
    for (let behind = 1_400; behind > 800; behind -= 30) checkRoot([9 * page - behind], data, 0);
  });
});

describe.each(["chacha20Poly1305", "xchacha20Poly1305", "aes256Gcm"] as const)("%s", (name) => {
  const { nonceBytes } = nobleAeads[name];
  const texts = patterned(fc.oneof(fc.nat(200), fc.nat(3_000)));

  test("seals to the same bytes, opens them, and refuses any bit changed or cut off", () => {
    const property = fc.property(
      ...([bytes(32), bytes(nonceBytes), texts, patterned(fc.nat(300)), fc.nat(1 << 20)] as const),
      (key, nonce, text, aad, bit) => {
        const sealed = both((_, aeads) => aeads[name].seal(key, nonce, text, aad));
        const open = (k: Uint8Array, n: Uint8Array, s: Uint8Array, a: Uint8Array) =>
          both((_, aeads) => aeads[name].open(k, n, s, a));
        expect(open(key, nonce, sealed, aad)).toEqual(text);
        expect(open(flipBit(key, bit), nonce, sealed, aad)).toBe(undefined);
        expect(open(key, flipBit(nonce, bit), sealed, aad)).toBe(undefined);
        expect(open(key, nonce, flipBit(sealed, bit), aad)).toBe(undefined);
        expect(open(key, nonce, sealed.slice(0, bit % sealed.length), aad)).toBe(undefined);
        if (aad.length > 0) expect(open(key, nonce, sealed, flipBit(aad, bit))).toBe(undefined);
      },
    );
    fc.assert(property, parameters(1_000));
  });

  test("has a zero nonce in the protocol", () => {
    const property = fc.property(bytes(32), texts, bytes(0, 40), (key, text, aad) => {
      if (name === "chacha20Poly1305") return; // Only a part of the other two.
      const [seal, open] =
        name === "aes256Gcm"
          ? (["sealAes256Gcm", "openAes256Gcm"] as const)
          : (["sealXChaCha20Poly1305", "openXChaCha20Poly1305"] as const);
      const sealed = both((c) => c[seal](key, text, aad));
      expect(sealed).toEqual(nobleAeads[name].seal(key, new Uint8Array(nonceBytes), text, aad));
      expect(both((c) => c[open](key, sealed, aad))).toEqual(text);
      expect(both((c) => c[open](key, flipBit(sealed, 0), aad))).toBe(undefined);
    });
    fc.assert(property, parameters(500));
  });
});
