import { concatBytes } from "@noble/hashes/utils.js";
import {
  type BatchContext,
  computeBatchKeyHash,
  computeCommitment,
  computeGroupRoot,
  deriveBatchKey,
  deriveColumnKeys,
  deriveLayer2Keys,
  encodeBatchContext,
  encodeSignedBatch,
  type GroupCommitment,
} from "./batch.ts";
import { encodeOpenBody, encodeSealedBody } from "./batch-body.ts";
import { encodeColumns } from "./columns.ts";
import type { Crypto } from "./crypto.ts";
import { computeLeafBytesMax } from "./leaves.ts";
import { LEAF_BYTES_MAX } from "./limits.ts";
import type { Column, Metric } from "./readings.ts";
import { findInterval, findOutOfBounds } from "./submission.ts";

/** A batch before it is sealed: the device's side of spec §3. */
export interface BatchDraft extends BatchContext {
  readonly metrics: readonly Metric[];
  readonly times: Float64Array;
  /** One a metric, in declaration order. */
  readonly columns: readonly Column[];
  /** The hash of the stream's last accepted batch, or 32 zero bytes. */
  readonly previousHash: Uint8Array;
  /** One a key group for a sealed stream; `undefined` for an open one. */
  readonly epochKeys: readonly Uint8Array[] | undefined;
}

/** What goes on the wire, and what the device signs and remembers. */
export interface SealedBatch {
  /** `Submit.sealed`: salt ‖ ephemeral key ‖ layer 2. */
  readonly sealed: Uint8Array;
  /** The bytes to sign with the device's key. */
  readonly signedBytes: Uint8Array;
  /** The next batch's previous hash, once this one is accepted. */
  readonly batchHash: Uint8Array;
  readonly commitment: Uint8Array;
  /** One a key group: opens and proves the readings of this batch. Keep them secret. */
  readonly batchKeys: readonly Uint8Array[];
}

/**
 * Packs, commits to and encrypts one batch (spec §3.3 to §3.6).
 *
 * @param machineKey The machine's X25519 public key.
 * @param ephemeralSecret 32 fresh random bytes, for this batch only; `draft.salt` likewise 16.
 */
export function sealBatch(
  crypto: Crypto,
  draft: BatchDraft,
  machineKey: Uint8Array,
  ephemeralSecret: Uint8Array,
): SealedBatch {
  const interval = findInterval(draft.times);
  if (draft.times.length === 0 || draft.times.length !== draft.count || interval === undefined) {
    throw new RangeError("a batch has `count` readings, at least one, with times in bounds");
  }
  const outOfBounds = findOutOfBounds(draft.metrics, draft.columns);
  if (outOfBounds !== undefined) {
    throw new RangeError(`a value of ${draft.metrics[outOfBounds]?.name} is outside its bounds`);
  }
  if (computeLeafBytesMax(draft.columns, draft.count) > LEAF_BYTES_MAX) {
    throw new RangeError("the batch's texts make too many leaf bytes: take fewer readings");
  }
  const ephemeral = crypto.x25519PublicKey(ephemeralSecret);
  const shared = crypto.x25519(ephemeralSecret, machineKey);
  if (shared === undefined) throw new RangeError("the machine's key is not an X25519 key");
  const context = encodeBatchContext(draft);
  const keys = deriveLayer2Keys(crypto, shared, ephemeral, machineKey, draft.salt, context);

  const content =
    draft.epochKeys === undefined
      ? packOpen(crypto, draft, keys.openingKey.slice())
      : packSealed(crypto, draft, draft.epochKeys, context);
  const commitment = computeCommitment(crypto, content.groups);
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
    batchKeys: content.batchKeys,
  };
}

interface PackedContent {
  readonly body: Uint8Array;
  readonly groups: readonly GroupCommitment[];
  readonly batchKeys: readonly Uint8Array[];
}

function packOpen(crypto: Crypto, draft: BatchDraft, openingKey: Uint8Array): PackedContent {
  const { saltKey } = deriveColumnKeys(crypto, openingKey);
  const root = computeGroupRoot(crypto, saltKey, draft.times, draft.columns);
  return {
    body: encodeOpenBody({ times: draft.times, columns: draft.columns }),
    groups: [{ keyHash: computeBatchKeyHash(crypto, openingKey), root }],
    batchKeys: [openingKey],
  };
}

function packSealed(
  crypto: Crypto,
  draft: BatchDraft,
  epochKeys: readonly Uint8Array[],
  context: Uint8Array,
): PackedContent {
  const sealedGroups = epochKeys.map((epochKey, group) => {
    const batchKey = deriveBatchKey(crypto, epochKey, group, draft.salt, context);
    const { aeadKey, saltKey } = deriveColumnKeys(crypto, batchKey);
    const columns = draft.columns.filter((_, i) => draft.metrics[i]!.group === group);
    const packed = encodeColumns(columns, draft.count);
    return {
      batchKey,
      keyHash: computeBatchKeyHash(crypto, batchKey),
      root: computeGroupRoot(crypto, saltKey, draft.times, columns),
      ciphertext: crypto.sealAes256Gcm(aeadKey, packed, context),
    };
  });
  return {
    body: encodeSealedBody({ times: draft.times, groups: sealedGroups }),
    groups: sealedGroups,
    batchKeys: sealedGroups.map(({ batchKey }) => batchKey),
  };
}
