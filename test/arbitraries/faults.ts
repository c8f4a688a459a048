import { concatBytes } from "@noble/hashes/utils.js";
import {
  computeBatchKeyHash,
  computeCommitment,
  computeGroupRoot,
  deriveBatchKey,
  deriveColumnKeys,
  deriveLayer2Keys,
  encodeBatchContext,
  encodeSignedBatch,
  type GroupCommitment,
} from "../../spec/batch.ts";
import { encodeSealedBody } from "../../spec/batch-body.ts";
import { encodeColumns } from "../../spec/columns.ts";
import type { Crypto } from "../../spec/crypto.ts";
import type { Column } from "../../spec/readings.ts";
import type { BatchDraft, SealedBatch } from "../../spec/seal-batch.ts";
import type { SealedFault } from "../../spec/sealed-columns.ts";
import { findInterval } from "../../spec/submission.ts";
import { HEAVY_TEXT } from "./readings.ts";
import { texts } from "./world.ts";

/** Layer 2's content and what the device says of it, however false. */
export interface RawContent {
  readonly body: Uint8Array;
  readonly groups: readonly GroupCommitment[];
  readonly interval?: { readonly firstTimeSec: number; readonly lastTimeSec: number };
  readonly batchKeys?: readonly Uint8Array[];
}

/** Seals any content as `sealBatch` would seal an honest one: layer 2 and the header are true. */
export function sealRaw(
  crypto: Crypto,
  draft: BatchDraft,
  machineKey: Uint8Array,
  ephemeralSecret: Uint8Array,
  makeContent: (openingKey: Uint8Array, context: Uint8Array) => RawContent,
): SealedBatch {
  const ephemeral = crypto.x25519PublicKey(ephemeralSecret);
  const shared = crypto.x25519(ephemeralSecret, machineKey)!;
  const context = encodeBatchContext(draft);
  const keys = deriveLayer2Keys(crypto, shared, ephemeral, machineKey, draft.salt, context);
  const content = makeContent(keys.openingKey.slice(), context);
  const commitment = computeCommitment(crypto, content.groups);
  const interval = content.interval ??
    findInterval(draft.times) ?? { firstTimeSec: 0, lastTimeSec: 0 };
  const signedBytes = encodeSignedBatch(context, {
    ...interval,
    previousHash: draft.previousHash,
    commitment,
    bodyHash: crypto.sha256(content.body),
  });
  const layer2 = crypto.sealXChaCha20Poly1305(keys.aeadKey, content.body, context);
  return {
    sealed: concatBytes(draft.salt, ephemeral, layer2),
    signedBytes,
    batchHash: crypto.sha256(signedBytes),
    commitment,
    batchKeys: content.batchKeys ?? [],
  };
}

/**
 * A sealed batch that the machine accepts and a challenge of `faultyGroup` disproves. Where the
 * stream's metrics do not allow the fault that was asked for, the root differs instead.
 */
export function sealFaulty(
  crypto: Crypto,
  draft: BatchDraft,
  epochKeys: readonly Uint8Array[],
  fault: SealedFault,
  faultyGroup: number,
  machineKey: Uint8Array,
  ephemeralSecret: Uint8Array,
): SealedBatch {
  return sealRaw(crypto, draft, machineKey, ephemeralSecret, (_, context) => {
    const groups = epochKeys.map((epochKey, group) => {
      const batchKey = deriveBatchKey(crypto, epochKey, group, draft.salt, context);
      const { aeadKey, saltKey } = deriveColumnKeys(crypto, batchKey);
      const honest = draft.columns.filter((_, i) => draft.metrics[i]!.group === group);
      const isFaulty = group === faultyGroup;
      const columns = isFaulty ? spoilColumns(draft, honest, fault, group) : honest;
      let packed = encodeColumns(columns ?? honest, draft.count);
      let root = crypto.sha256(packed);
      // The false columns of the other faults are never hashed, so any root will do.
      if (!isFaulty) root = computeGroupRoot(crypto, saltKey, draft.times, honest);
      else if (fault === "columns_malformed") packed = concatBytes(packed, Uint8Array.of(0));
      const ciphertext = crypto.sealAes256Gcm(aeadKey, packed, context);
      if (isFaulty && fault === "ciphertext_broken") ciphertext[0]! ^= 1;
      return { batchKey, keyHash: computeBatchKeyHash(crypto, batchKey), root, ciphertext };
    });
    return {
      body: encodeSealedBody({ times: draft.times, groups }),
      groups,
      batchKeys: groups.map(({ batchKey }) => batchKey),
    };
  });
}

function spoilColumns(
  draft: BatchDraft,
  columns: readonly Column[],
  fault: SealedFault,
  group: number,
): Column[] | undefined {
  const metrics = draft.metrics.filter((metric) => metric.group === group);
  if (fault === "leaves_over_bounds") {
    const heavy = texts(...Array.from({ length: draft.count }, () => HEAVY_TEXT));
    return columns.map((column) => (column.dictionary === undefined ? column : heavy));
  }
  const narrow = metrics.findIndex(({ kind, maximum }) => kind === "integer" && maximum < 2 ** 49);
  if (fault !== "value_out_of_bounds" || narrow === -1) return undefined;
  return columns.map((column, i) => {
    if (i !== narrow) return column;
    const values = column.values.map(() => metrics[narrow]!.maximum + 1);
    return { ...column, values, present: undefined };
  });
}
