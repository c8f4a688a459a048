/** Committed batches, proofs of their readings, and every way to spoil such a proof. */
import fc from "fast-check";
import type { GroupCommitment } from "../../spec/batch.ts";
import { nobleCrypto } from "../../spec/crypto-noble.ts";
import { encodeLeaves, type Leaves } from "../../spec/leaves.ts";
import type { ReadingProof } from "../../spec/reading-proof.ts";
import type { Column } from "../../spec/readings.ts";

export interface CommittedBatch {
  readonly groups: readonly GroupCommitment[];
  readonly groupLeaves: readonly Leaves[];
  /** One reading of one group. */
  readonly groupIndex: number;
  readonly readingIndex: number;
}

/** Batches of 1 to `countMax` readings in up to 5 groups, with salts that make all leaves differ. */
export const arbitraryCommittedBatch = (countMax: number): fc.Arbitrary<CommittedBatch> =>
  fc
    .record({
      count: fc.integer({ min: 1, max: countMax }),
      groupCount: fc.integer({ min: 1, max: 5 }),
      salt: fc.uint8Array({ minLength: 32, maxLength: 32 }),
      group: fc.nat(),
      reading: fc.nat(),
    })
    .map(({ count, groupCount, salt, group, reading }) => {
      const groupLeaves = Array.from({ length: groupCount }, (_, i) => {
        const key = nobleCrypto.sha256(Uint8Array.of(i, ...salt));
        const salts = nobleCrypto.chacha20Keystream(key, 16 * count);
        return encodeLeaves(salts, timesOf(count), [numbersOf(count, i), textsOf(count)]);
      });
      const groups = groupLeaves.map(({ leaves, offsets }, i) => ({
        keyHash: nobleCrypto.sha256(Uint8Array.of(i)),
        root: nobleCrypto.merkleRoot(leaves, offsets),
      }));
      const [groupIndex, readingIndex] = [group % groupCount, reading % count];
      return { groups, groupLeaves, groupIndex, readingIndex };
    });

const timesOf = (count: number) =>
  Float64Array.from({ length: count }, (_, i) => 1_640_995_200 + 60 * i);

const numbersOf = (count: number, seed: number): Column => ({
  values: Float64Array.from({ length: count }, (_, i) => (i - 3) * 7 ** ((seed + i) % 15)),
  present: undefined,
  dictionary: undefined,
});

const textsOf = (count: number): Column => ({
  values: Float64Array.from({ length: count }, (_, i) => i % 2),
  present: Uint8Array.from({ length: count }, (_, i) => (i % 3 === 2 ? 0 : 1)),
  dictionary: ["clear", "Regen"],
});

export interface Tampered {
  readonly what: string;
  readonly commitment: Uint8Array;
  readonly proof: ReadingProof;
}

/**
 * Spoils a valid proof in every way there is. Counts that leave a path's shape alone are missing
 * here: the commitment does not bind them (spec §3.5).
 */
export function tamper(commitment: Uint8Array, proof: ReadingProof): Tampered[] {
  const { leaf, keyHash, groupPath, readingPath } = proof;
  const { groupIndex, groupCount, readingIndex, readingCount } = proof;
  const spoil = (what: string, change: Partial<ReadingProof>): Tampered => ({
    what,
    commitment,
    proof: { ...proof, ...change },
  });
  const list = [
    { what: "commitment", commitment: flip(commitment), proof },
    { what: "commitment is the key hash", commitment: keyHash, proof },
    spoil("key hash", { keyHash: flip(keyHash) }),
    spoil("leaf's first bit", { leaf: flip(leaf, 0) }),
    spoil("leaf's last bit", { leaf: flip(leaf, leaf.length - 1) }),
    spoil("leaf cut", { leaf: leaf.subarray(1) }),
    spoil("leaf longer", { leaf: Uint8Array.of(...leaf, 0) }),
    spoil("leaf empty", { leaf: new Uint8Array() }),
    spoil("reading index at count", { readingIndex: readingCount }),
    spoil("group index at count", { groupIndex: groupCount }),
    spoil("no readings", { readingIndex: 0, readingCount: 0 }),
    spoil("no groups", { groupIndex: 0, groupCount: 0 }),
    spoil("twice the readings", { readingCount: 4 * readingCount }),
    spoil("reading path longer", { readingPath: [...readingPath, keyHash] }),
    spoil("group path longer", { groupPath: [...groupPath, keyHash] }),
    spoil("paths joined", { readingPath: [...readingPath, ...groupPath, keyHash] }),
  ];
  for (let other = 0; other < Math.min(readingCount, 9); other++) {
    if (other !== readingIndex) list.push(spoil("reading index", { readingIndex: other }));
  }
  for (let other = 0; other < groupCount; other++) {
    if (other !== groupIndex) list.push(spoil("group index", { groupIndex: other }));
  }
  for (const name of ["readingPath", "groupPath"] as const) {
    const path = proof[name];
    path.forEach((hash, i) => {
      const spoilt = path.map((other, j) => (j === i ? flip(hash) : other));
      list.push(spoil(`${name} bit`, { [name]: spoilt }));
      list.push(spoil(`${name} without one`, { [name]: path.filter((_, j) => j !== i) }));
      if (i > 0) list.push(spoil(`${name} swapped`, { [name]: swap(path, i) }));
    });
  }
  return list;
}

function flip(bytes: Uint8Array, at = 7): Uint8Array {
  const flipped = bytes.slice();
  flipped[at]! ^= 1;
  return flipped;
}

function swap(path: readonly Uint8Array[], i: number): Uint8Array[] {
  const swapped = [...path];
  [swapped[i - 1], swapped[i]] = [path[i]!, path[i - 1]!];
  return swapped;
}
