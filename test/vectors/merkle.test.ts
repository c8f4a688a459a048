import { bytesToHex, hexToBytes } from "viem";
import { describe, expect, test } from "vitest";
import { nobleCrypto } from "../../spec/crypto-noble.ts";
import {
  computeInclusionProof,
  computeRoot,
  hashLeaf,
  verifyInclusion,
} from "../../spec/merkle.ts";
import { readVectors, type Vector } from "./read-vectors.ts";

type Hex = `0x${string}`;

/** A whole tree: its leaves, its root and the path of every leaf. */
interface TreeVector extends Vector {
  readonly leaves: readonly Hex[];
  readonly root: Hex;
  readonly paths: readonly (readonly Hex[])[];
}

/** A proof that must not verify. */
interface RefusedVector extends Vector {
  readonly leafHash: Hex;
  readonly index: number;
  readonly size: number;
  readonly path: readonly Hex[];
  readonly root: Hex;
}

const vectors = readVectors<TreeVector | RefusedVector>("merkle");
const trees = vectors.filter((vector) => "leaves" in vector);
const refused = vectors.filter((vector) => "leafHash" in vector);
const toBytes = (list: readonly Hex[]) => list.map((hex) => hexToBytes(hex));

describe("trees", () => {
  test.each(trees)("$id: $comment", ({ leaves, root, paths }) => {
    const leafHashes = toBytes(leaves).map((leaf) => hashLeaf(nobleCrypto, leaf));
    const size = leaves.length;
    expect(bytesToHex(computeRoot(nobleCrypto, leafHashes))).toBe(root);
    for (const [index, leafHash] of leafHashes.entries()) {
      const path = computeInclusionProof(nobleCrypto, leafHashes, index);
      expect(path.map((hash) => bytesToHex(hash))).toEqual(paths[index]);
      const claim = { leafHash, index, size, path };
      expect(verifyInclusion(nobleCrypto, claim, hexToBytes(root))).toBe(true);
    }
  });

  test("throws where there is nothing to prove", () => {
    const leafHashes = [hashLeaf(nobleCrypto, new Uint8Array())];
    expect(() => computeRoot(nobleCrypto, [])).toThrow(RangeError);
    expect(() => computeInclusionProof(nobleCrypto, leafHashes, 1)).toThrow(RangeError);
    expect(() => computeInclusionProof(nobleCrypto, leafHashes, -1)).toThrow(RangeError);
    expect(() => computeInclusionProof(nobleCrypto, leafHashes, 0.5)).toThrow(RangeError);
  });
});

describe("verifyInclusion refuses", () => {
  test.each(refused)("$id: $comment", ({ leafHash, index, size, path, root }) => {
    const claim = { leafHash: hexToBytes(leafHash), index, size, path: toBytes(path) };
    expect(verifyInclusion(nobleCrypto, claim, hexToBytes(root))).toBe(false);
  });
});
