import { computeGroupRoot, deriveColumnKeys } from "./batch.ts";
import { metricsOfGroup, type SealedGroup } from "./batch-body.ts";
import { decodeColumns } from "./columns.ts";
import type { Crypto } from "./crypto.ts";
import { computeLeafBytesMax } from "./leaves.ts";
import { LEAF_BYTES_MAX } from "./limits.ts";
import type { Column, Metric } from "./readings.ts";
import { findOutOfBounds } from "./submission.ts";
import { equalBytes } from "./words.ts";

/** Why a sealed group is not what its device committed to. */
export type SealedFault =
  | "ciphertext_broken"
  | "columns_malformed"
  | "value_out_of_bounds"
  | "leaves_over_bounds"
  | "root_differs";

/**
 * Opens one key group of a sealed batch under its batch key, whose hash the caller has compared
 * with the group's `keyHash` (spec §4.1). The buyer's client refuses a batch with a fault; the
 * machine judges a challenge by the same function.
 */
export function openSealedGroup(
  crypto: Crypto,
  group: SealedGroup,
  batchKey: Uint8Array,
  contextBytes: Uint8Array,
  times: Float64Array,
  metrics: readonly Metric[],
  groupIndex: number,
): readonly Column[] | SealedFault {
  const { aeadKey, saltKey } = deriveColumnKeys(crypto, batchKey);
  const packed = crypto.openAes256Gcm(aeadKey, group.ciphertext, contextBytes);
  if (packed === undefined) return "ciphertext_broken";
  const groupMetrics = metricsOfGroup(metrics, groupIndex);
  const kinds = groupMetrics.map((metric) => metric.kind);
  const decoded = decodeColumns(packed, kinds, times.length);
  if (decoded === undefined || decoded.byteCount !== packed.length) return "columns_malformed";
  if (findOutOfBounds(groupMetrics, decoded.columns) !== undefined) return "value_out_of_bounds";
  if (computeLeafBytesMax(decoded.columns, times.length) > LEAF_BYTES_MAX) {
    return "leaves_over_bounds";
  }
  const root = computeGroupRoot(crypto, saltKey, times, decoded.columns);
  return equalBytes(root, group.root) ? decoded.columns : "root_differs";
}
