import type { Crypto } from "./crypto.ts";
import { equalBytes } from "./words.ts";

/**
 * Merkle trees and inclusion proofs of RFC 9162 §2.1 over SHA-256 (spec §3.5): leaves are hashed
 * after a 0x00 byte, nodes after a 0x01 byte, and a tree of n leaves splits at the largest power
 * of two below n. `Crypto.merkleRoot` computes the same roots faster, but keeps no path.
 */

export const HASH_BYTES = 32;

/** Only SHA-256 is needed here, so that a verifier can bring its own. */
export type Sha256 = Pick<Crypto, "sha256">;

/** What an inclusion proof claims: the leaf with `leafHash` is number `index` of `size`. */
export interface Inclusion {
  readonly leafHash: Uint8Array;
  readonly index: number;
  readonly size: number;
  /** Sibling hashes from the leaf upwards. */
  readonly path: readonly Uint8Array[];
}

/** SHA-256(0x00 ‖ leaf). */
export function hashLeaf(crypto: Sha256, leaf: Uint8Array): Uint8Array {
  const input = new Uint8Array(1 + leaf.length);
  input.set(leaf, 1);
  return crypto.sha256(input);
}

/** SHA-256(0x01 ‖ left ‖ right). */
export function hashNode(crypto: Sha256, left: Uint8Array, right: Uint8Array): Uint8Array {
  const input = new Uint8Array(1 + 2 * HASH_BYTES);
  input[0] = 0x01;
  input.set(left, 1);
  input.set(right, 1 + HASH_BYTES);
  return crypto.sha256(input);
}

/** The root over leaf hashes. Throws `RangeError` on an empty list. */
export function computeRoot(crypto: Sha256, leafHashes: readonly Uint8Array[]): Uint8Array {
  if (leafHashes.length === 0) throw new RangeError("a tree has at least one leaf");
  let level = leafHashes;
  while (level.length > 1) level = computeNextLevel(crypto, level);
  return level[0]!;
}

/**
 * The path that proves leaf `index` (RFC 9162 §2.1.3.1): sibling hashes from the leaf upwards.
 *
 * @throws RangeError when there is no such leaf.
 *
 * @example
 * const path = computeInclusionProof(crypto, leafHashes, 2);
 * verifyInclusion(crypto, { leafHash: leafHashes[2], index: 2, size: leafHashes.length, path }, root);
 */
export function computeInclusionProof(
  crypto: Sha256,
  leafHashes: readonly Uint8Array[],
  index: number,
): Uint8Array[] {
  if (leafHashes[index] === undefined) throw new RangeError(`no leaf ${index}`);
  const path: Uint8Array[] = [];
  let level = leafHashes;
  let at = index;
  while (level.length > 1) {
    const sibling = level[at % 2 === 0 ? at + 1 : at - 1];
    if (sibling !== undefined) path.push(sibling); // The last of an odd level has none.
    level = computeNextLevel(crypto, level);
    at = Math.floor(at / 2);
  }
  return path;
}

/** Pairs are hashed, an odd last node moves up as it is: the RFC's tree, built from below. */
function computeNextLevel(crypto: Sha256, level: readonly Uint8Array[]): Uint8Array[] {
  const next: Uint8Array[] = [];
  for (let i = 0; i < level.length; i += 2) {
    const right = level[i + 1];
    next.push(right === undefined ? level[i]! : hashNode(crypto, level[i]!, right));
  }
  return next;
}

/**
 * The root that an inclusion proof leads to (RFC 9162 §2.1.3.2), or `undefined` when the index is
 * not in the tree, a hash has not 32 bytes, or the path is longer or shorter than that leaf's.
 */
export function computeRootFromPath(crypto: Sha256, claim: Inclusion): Uint8Array | undefined {
  const { leafHash, index, size, path } = claim;
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size)) return undefined;
  if (index < 0 || index >= size || leafHash.length !== HASH_BYTES) return undefined;
  // The RFC's fn and sn: the node's and the last node's number on the current level. Arithmetic
  // instead of shifts, which would cut numbers above 32 bits.
  let node = index;
  let last = size - 1;
  let root = leafHash;
  for (const sibling of path) {
    if (last === 0 || sibling.length !== HASH_BYTES) return undefined;
    if (node % 2 === 1 || node === last) {
      root = hashNode(crypto, sibling, root);
      // A last node without a right sibling moves up until it has a left one.
      while (node % 2 === 0 && node !== 0) {
        node = Math.floor(node / 2);
        last = Math.floor(last / 2);
      }
    } else {
      root = hashNode(crypto, root, sibling);
    }
    node = Math.floor(node / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 ? root : undefined;
}

/**
 * True iff the proof leads to `root`. The size is part of the claim, not of the root: who needs the
 * index must have the size from where the root came from.
 */
export function verifyInclusion(crypto: Sha256, claim: Inclusion, root: Uint8Array): boolean {
  const computed = computeRootFromPath(crypto, claim);
  return computed !== undefined && equalBytes(computed, root);
}
