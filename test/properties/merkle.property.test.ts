import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { computeCommitment } from "../../spec/batch.ts";
import { nobleCrypto } from "../../spec/crypto-noble.ts";
import {
  computeInclusionProof,
  computeRoot,
  hashLeaf,
  verifyInclusion,
} from "../../spec/merkle.ts";
import { computeReadingProof, verifyReadingProof } from "../../spec/reading-proof.ts";
import { arbitraryCommittedBatch, tamper } from "../arbitraries/reading-proofs.ts";
import { runs, seed } from "../seed.ts";

const parameters = (long: number) => ({ seed: seed("merkle"), numRuns: runs(long) });
const leaf = fc.uint8Array({ maxLength: 70 });

describe("inclusion proofs", () => {
  test("the root is that of Crypto.merkleRoot", () => {
    const property = fc.property(fc.array(leaf, { minLength: 1, maxLength: 70 }), (leaves) => {
      const offsets = new Uint32Array(leaves.length + 1);
      leaves.forEach((bytes, i) => {
        offsets[i + 1] = offsets[i]! + bytes.length;
      });
      const joined = Uint8Array.from(leaves.flatMap((bytes) => [...bytes]));
      const leafHashes = leaves.map((bytes) => hashLeaf(nobleCrypto, bytes));
      const root = nobleCrypto.merkleRoot(joined, offsets);
      expect(computeRoot(nobleCrypto, leafHashes)).toEqual(root);
    });
    fc.assert(property, parameters(1_000));
  });

  test("every leaf of every small tree is proved, at its own place only", () => {
    for (let size = 1; size <= 33; size++) {
      const leafHashes = Array.from({ length: size }, (_, i) =>
        hashLeaf(nobleCrypto, Uint8Array.of(i)),
      );
      const root = computeRoot(nobleCrypto, leafHashes);
      for (const [index, leafHash] of leafHashes.entries()) {
        const path = computeInclusionProof(nobleCrypto, leafHashes, index);
        for (let place = 0; place <= size; place++) {
          const claim = { leafHash, index: place, size, path };
          expect(verifyInclusion(nobleCrypto, claim, root)).toBe(place === index);
        }
      }
    }
  });

  test("sizes beyond 32 bits are counted exactly", () => {
    // The last leaf of 2^40 + 1 hangs directly below the root.
    const [left, right] = [Uint8Array.of(1), Uint8Array.of(2)].map((x) => hashLeaf(nobleCrypto, x));
    const root = computeRoot(nobleCrypto, [left!, right!]);
    const claim = { leafHash: right!, index: 2 ** 40, size: 2 ** 40 + 1, path: [left!] };
    expect(verifyInclusion(nobleCrypto, claim, root)).toBe(true);
    expect(verifyInclusion(nobleCrypto, { ...claim, index: 2 ** 40 - 1 }, root)).toBe(false);
    expect(verifyInclusion(nobleCrypto, { ...claim, size: 2 ** 53 }, root)).toBe(false);
  });
});

describe("reading proofs", () => {
  test("every reading of a batch is proved against its commitment", () => {
    const property = fc.property(arbitraryCommittedBatch(20), (batch) => {
      const { groups, groupLeaves, groupIndex, readingIndex } = batch;
      const commitment = computeCommitment(nobleCrypto, groups);
      const leaves = groupLeaves[groupIndex]!;
      const proof = computeReadingProof(nobleCrypto, groups, groupIndex, leaves, readingIndex);
      expect(verifyReadingProof(nobleCrypto, commitment, proof)).toBe(true);
      for (const { what, commitment: other, proof: bad } of tamper(commitment, proof)) {
        expect([what, verifyReadingProof(nobleCrypto, other, bad)]).toEqual([what, false]);
      }
    });
    fc.assert(property, parameters(500));
  });

  test("leaves of another group or batch make no proof", () => {
    const property = fc.property(
      arbitraryCommittedBatch(8),
      arbitraryCommittedBatch(8),
      (batch, other) => {
        const { groups, groupIndex } = batch;
        const foreign = other.groupLeaves[0]!;
        expect(() => computeReadingProof(nobleCrypto, groups, groupIndex, foreign, 0)).toThrow(
          RangeError,
        );
        expect(() => computeReadingProof(nobleCrypto, groups, groups.length, foreign, 0)).toThrow(
          RangeError,
        );
      },
    );
    fc.assert(property, parameters(200));
  });
});
