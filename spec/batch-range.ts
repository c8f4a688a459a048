import { concatBytes } from "@noble/hashes/utils.js";
import { computeRootFromPath, HASH_BYTES, hashLeaf, hashNode, type Sha256 } from "./merkle.ts";
import { equalBytes, writeUint } from "./words.ts";

/**
 * A stream's batches that have folded (spec §3.8): the tree of RFC 9162 over one leaf a batch, kept
 * as the roots of its full subtrees, largest first. Appending is what adding 1 does to a binary
 * number, so it costs O(log n).
 */

/** What a leaf says of a batch. */
interface FoldedBatch {
  readonly batchId: number;
  readonly batchHash: Uint8Array;
  readonly disprovedGroup: number | null;
}

/** The range as the state keeps it. */
interface BatchRange {
  readonly foldedCount: number;
  /** 32 bytes a full subtree. */
  readonly peaks: Uint8Array;
}

/** A stream's range before its first batch folds. */
export const EMPTY_RANGE: BatchRange = { foldedCount: 0, peaks: new Uint8Array(0) };

/** SHA-256(0x00 ‖ batch id (8) ‖ batch hash ‖ 0, or 1 + the disproved group). */
export function hashBatchLeaf(crypto: Sha256, batch: FoldedBatch): Uint8Array {
  const leaf = new Uint8Array(8 + HASH_BYTES + 1);
  writeUint(leaf, 0, 8, batch.batchId);
  leaf.set(batch.batchHash, 8);
  leaf[8 + HASH_BYTES] = batch.disprovedGroup === null ? 0 : batch.disprovedGroup + 1;
  return hashLeaf(crypto, leaf);
}

/**
 * The range with one more leaf.
 *
 * @example
 * const range = appendToRange(crypto, EMPTY_RANGE, hashBatchLeaf(crypto, batch));
 */
export function appendToRange(
  crypto: Sha256,
  { foldedCount, peaks }: BatchRange,
  leafHash: Uint8Array,
): BatchRange {
  let end = peaks.length;
  let root = leafHash;
  // Each full subtree of the new one's size joins it. Arithmetic instead of shifts: 53 bits.
  for (let left = foldedCount; left % 2 === 1; left = (left - 1) / 2) {
    root = hashNode(crypto, peaks.subarray(end - HASH_BYTES, end), root);
    end -= HASH_BYTES;
  }
  return { foldedCount: foldedCount + 1, peaks: concatBytes(peaks.subarray(0, end), root) };
}

/** RFC 9162's tree hash over all leaves; `undefined` where there is none. */
export function computeRangeRoot(crypto: Sha256, { peaks }: BatchRange): Uint8Array | undefined {
  let root: Uint8Array | undefined;
  for (let end = peaks.length; end > 0; end -= HASH_BYTES) {
    const peak = peaks.slice(end - HASH_BYTES, end);
    root = root === undefined ? peak : hashNode(crypto, peak, root);
  }
  return root;
}

/** Whether a path proves a batch's leaf at a place of the range. */
export function isInRange(
  crypto: Sha256,
  range: BatchRange,
  batch: FoldedBatch,
  leafIndex: number,
  path: readonly Uint8Array[],
): boolean {
  const root = computeRangeRoot(crypto, range);
  const leafHash = hashBatchLeaf(crypto, batch);
  const claim = { leafHash, index: leafIndex, size: range.foldedCount, path };
  const computed = computeRootFromPath(crypto, claim);
  return root !== undefined && computed !== undefined && equalBytes(computed, root);
}
