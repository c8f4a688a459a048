import type { GroupCommitment } from "./batch.ts";
import type { Leaves } from "./leaves.ts";
import {
  computeInclusionProof,
  computeRoot,
  computeRootFromPath,
  HASH_BYTES,
  hashLeaf,
  type Sha256,
  verifyInclusion,
} from "./merkle.ts";

/**
 * Proof that one reading is part of a batch's commitment (spec §3.5), checked here or on chain by
 * `ReadingVerifier.sol`. The commitment is a tree over the batch's key groups, and each group's
 * root is a tree over its readings, so one group can be shown without the others.
 */
export interface ReadingProof {
  readonly groupIndex: number;
  readonly groupCount: number;
  /** Hash of the key the group is sealed with, 32 bytes; the batch's header commits to it. */
  readonly keyHash: Uint8Array;
  readonly groupPath: readonly Uint8Array[];
  /** The reading itself: salt, time and the group's metrics, as `decodeLeaf` takes it. */
  readonly leaf: Uint8Array;
  /** Position within the batch: the reading's sequence less the batch's first sequence. */
  readonly readingIndex: number;
  readonly readingCount: number;
  readonly readingPath: readonly Uint8Array[];
}

/** A group's leaf in the commitment's tree: keyHash ‖ root. Throws `RangeError` unless 32 each. */
export function encodeGroupLeaf(group: GroupCommitment): Uint8Array {
  if (group.keyHash.length !== HASH_BYTES || group.root.length !== HASH_BYTES) {
    throw new RangeError("a key hash and a root have 32 bytes");
  }
  const leaf = new Uint8Array(2 * HASH_BYTES);
  leaf.set(group.keyHash);
  leaf.set(group.root, HASH_BYTES);
  return leaf;
}

/**
 * The proof of one reading. Needs the leaves of its own group only; of the other groups, what the
 * commitment binds.
 *
 * @throws RangeError when there is no such group or reading, or when the leaves do not lead to
 * their group's root: that proof would prove nothing.
 *
 * @example
 * const proof = computeReadingProof(crypto, groups, 0, encodeLeaves(salts, times, columns), 5);
 * verifyReadingProof(crypto, computeCommitment(crypto, groups), proof); // true
 */
export function computeReadingProof(
  crypto: Sha256,
  groups: readonly GroupCommitment[],
  groupIndex: number,
  { leaves, offsets }: Leaves,
  readingIndex: number,
): ReadingProof {
  const group = groups[groupIndex];
  if (group === undefined) throw new RangeError(`no group ${groupIndex}`);
  const readingCount = offsets.length - 1;
  const leafHashes: Uint8Array[] = [];
  for (let i = 0; i < readingCount; i++) {
    leafHashes.push(hashLeaf(crypto, leaves.subarray(offsets[i], offsets[i + 1])));
  }
  const proof: ReadingProof = {
    groupIndex,
    groupCount: groups.length,
    keyHash: group.keyHash,
    groupPath: computeInclusionProof(crypto, hashGroups(crypto, groups), groupIndex),
    leaf: leaves.slice(offsets[readingIndex], offsets[readingIndex + 1]),
    readingIndex,
    readingCount,
    readingPath: computeInclusionProof(crypto, leafHashes, readingIndex),
  };
  const commitment = computeRoot(crypto, hashGroups(crypto, groups));
  if (!verifyReadingProof(crypto, commitment, proof)) {
    throw new RangeError("the leaves are not those of the group's root");
  }
  return proof;
}

/**
 * True iff `commitment` contains this very reading. Never throws. The indices hold only for the
 * counts of the batch: take `groupCount` from the stream's declaration and `readingCount` from the
 * batch, or leave both indices out of account.
 */
export function verifyReadingProof(
  crypto: Sha256,
  commitment: Uint8Array,
  proof: ReadingProof,
): boolean {
  if (proof.keyHash.length !== HASH_BYTES) return false;
  const root = computeRootFromPath(crypto, {
    leafHash: hashLeaf(crypto, proof.leaf),
    index: proof.readingIndex,
    size: proof.readingCount,
    path: proof.readingPath,
  });
  if (root === undefined) return false;
  const claim = {
    leafHash: hashLeaf(crypto, encodeGroupLeaf({ keyHash: proof.keyHash, root })),
    index: proof.groupIndex,
    size: proof.groupCount,
    path: proof.groupPath,
  };
  return verifyInclusion(crypto, claim, commitment);
}

function hashGroups(crypto: Sha256, groups: readonly GroupCommitment[]): Uint8Array[] {
  return groups.map((group) => hashLeaf(crypto, encodeGroupLeaf(group)));
}
