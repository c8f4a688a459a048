import { hexToBytes } from "@noble/hashes/utils.js";
import { listGroups } from "../../../spec/grant-keys.ts";
import type { Hex } from "../../../spec/outputs.ts";
import type { Metric } from "../../../spec/readings.ts";
import type { ReceivedBatch, ReceivedGrant, SealedStream } from "./read-sealed.ts";

/** The wire shapes of the queries that a buyer asks (spec §9), and the way to the native ones. */

export type MetricAnswer = Omit<Metric, "group"> & { readonly key_group: number };

export interface StreamAnswer {
  readonly stream_id: number;
  readonly device_id: number;
  readonly group_count: number;
  readonly metrics: readonly MetricAnswer[];
}

export interface GrantAnswer {
  readonly grant_id: number;
  readonly stream_id: number;
  readonly epoch: number;
  readonly buyer: string;
  readonly groups: number;
  readonly expires_at: number;
  readonly is_revoked: boolean;
  readonly wrapped_keys: string;
  /** In the order of the granted groups. */
  readonly key_hashes: readonly (string | null)[];
}

export interface BatchAnswer {
  readonly batch_id: number;
  readonly stream_id: number;
  readonly epoch: number;
  readonly first_sequence: number;
  readonly reading_count: number;
  readonly first_time: number;
  readonly last_time: number;
  readonly is_break: boolean;
  readonly batch_hash: string;
  readonly previous_hash: string;
  readonly commitment: string;
  readonly salt: string;
  readonly body: string;
  readonly disproved_group: number | null;
}

/** A grant with what the state says of it beyond what opens batches. */
export interface StoredGrant extends ReceivedGrant {
  /** Lower case. */
  readonly buyer: Hex;
  readonly expiresAtSec: number;
  readonly isRevoked: boolean;
}

/** A batch with what the state says of it beyond what a buyer checks. */
export interface StoredBatch extends ReceivedBatch {
  readonly streamId: number;
  readonly firstTimeSec: number;
  readonly lastTimeSec: number;
  /** The device declared that the batch before it may be lost. */
  readonly isBreak: boolean;
}

const bytes = (text: string): Uint8Array => hexToBytes(text.slice(2));

/** The answer to `stream` as what `readSealed` takes. */
export function fromStreamAnswer(
  answer: StreamAnswer,
  at: { readonly chainId: bigint; readonly app: Uint8Array },
): SealedStream {
  return {
    chainId: at.chainId,
    app: at.app,
    deviceId: answer.device_id,
    streamId: answer.stream_id,
    groupCount: answer.group_count,
    metrics: answer.metrics.map(fromMetricAnswer),
  };
}

/** One of the metrics in the answer to `stream`. */
export function fromMetricAnswer({ key_group: group, ...metric }: MetricAnswer): Metric {
  return { ...metric, group };
}

/** One of the answers to `grants`. */
export function fromGrantAnswer(answer: GrantAnswer): StoredGrant {
  const hashes = listGroups(answer.groups).map((group, position) => {
    const hash = answer.key_hashes[position];
    return [group, hash == null ? new Uint8Array(0) : bytes(hash)] as const;
  });
  return {
    grantId: answer.grant_id,
    streamId: answer.stream_id,
    epoch: answer.epoch,
    buyer: answer.buyer as Hex,
    groups: answer.groups,
    expiresAtSec: answer.expires_at,
    isRevoked: answer.is_revoked,
    wrappedKeys: bytes(answer.wrapped_keys),
    keyHashes: new Map(hashes),
  };
}

/** The answer to `batch`, or one of the answers to `batches`. */
export function fromBatchAnswer(answer: BatchAnswer): StoredBatch {
  return {
    batchId: answer.batch_id,
    streamId: answer.stream_id,
    epoch: answer.epoch,
    firstSequence: answer.first_sequence,
    readingCount: answer.reading_count,
    firstTimeSec: answer.first_time,
    lastTimeSec: answer.last_time,
    isBreak: answer.is_break,
    batchHash: bytes(answer.batch_hash),
    previousHash: bytes(answer.previous_hash),
    commitment: bytes(answer.commitment),
    salt: bytes(answer.salt),
    body: bytes(answer.body),
    disprovedGroup: answer.disproved_group,
  };
}
