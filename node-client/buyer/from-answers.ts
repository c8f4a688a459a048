import { hexToBytes } from "@noble/hashes/utils.js";
import { listGroups } from "../../spec/grant-keys.ts";
import type { Metric } from "../../spec/readings.ts";
import type { ReceivedBatch, ReceivedGrant, SealedStream } from "./read-sealed.ts";

/** The wire shapes of the queries that a buyer asks (spec §9), and the way to the native ones. */

export interface StreamAnswer {
  readonly stream_id: number;
  readonly device_id: number;
  readonly group_count: number;
  readonly metrics: readonly (Omit<Metric, "group"> & { readonly key_group: number })[];
}

export interface GrantAnswer {
  readonly grant_id: number;
  readonly stream_id: number;
  readonly epoch: number;
  readonly groups: number;
  readonly wrapped_keys: string;
  /** In the order of the granted groups. */
  readonly key_hashes: readonly (string | null)[];
}

export interface BatchAnswer {
  readonly batch_id: number;
  readonly epoch: number;
  readonly first_sequence: number;
  readonly reading_count: number;
  readonly batch_hash: string;
  readonly previous_hash: string;
  readonly commitment: string;
  readonly salt: string;
  readonly body: string;
  readonly disproved_group: number | null;
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
    metrics: answer.metrics.map(({ key_group: group, ...metric }) => ({ ...metric, group })),
  };
}

/** One of the answers to `grants`. */
export function fromGrantAnswer(answer: GrantAnswer): ReceivedGrant {
  const hashes = listGroups(answer.groups).map((group, position) => {
    const hash = answer.key_hashes[position];
    return [group, hash == null ? new Uint8Array(0) : bytes(hash)] as const;
  });
  return {
    grantId: answer.grant_id,
    streamId: answer.stream_id,
    epoch: answer.epoch,
    groups: answer.groups,
    wrappedKeys: bytes(answer.wrapped_keys),
    keyHashes: new Map(hashes),
  };
}

/** The answer to `batch`, or one of the answers to `batches`. */
export function fromBatchAnswer(answer: BatchAnswer): ReceivedBatch {
  return {
    batchId: answer.batch_id,
    epoch: answer.epoch,
    firstSequence: answer.first_sequence,
    readingCount: answer.reading_count,
    batchHash: bytes(answer.batch_hash),
    previousHash: bytes(answer.previous_hash),
    commitment: bytes(answer.commitment),
    salt: bytes(answer.salt),
    body: bytes(answer.body),
    disprovedGroup: answer.disproved_group,
  };
}
