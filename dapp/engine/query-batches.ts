import { computeBatchKeyHash, computeGroupLeaves, deriveColumnKeys } from "../../spec/batch.ts";
import { PAGE_BODY_BYTES_MAX, PAGE_ITEMS_MAX } from "../../spec/limits.ts";
import { computeReadingProof } from "../../spec/reading-proof.ts";
import { invariant } from "./invariant.ts";
import { type EngineParts, hex } from "./operation-context.ts";
import { findStream } from "./query-devices.ts";
import { type Answer, type Queries, type QueryFields, queryError } from "./query-fields.ts";
import { findBatchFrom, findBatchUpTo, findOpenStream, readBody } from "./query-readings.ts";
import type { BatchRow, Store } from "./store.ts";

/** Queries of batches by name (spec §9). */
export const BATCH_QUERIES: Queries = {
  batch: getBatch,
  batches: listBatches,
  batch_key: getBatchKey,
  proof: getReadingProof,
};

/** `{batch_id}` or `{stream_id, sequence}` → the batch, with the body that a buyer decrypts. */
function getBatch({ store }: EngineParts, fields: QueryFields): Answer {
  return describeBatch(findBatch(store, fields));
}

/** `{stream_id, from_sequence?, limit?}` → the stream's batches with their bodies, ascending. */
function listBatches({ store }: EngineParts, fields: QueryFields): Answer {
  const stream = findStream(store, fields);
  const limit = fields.limit(PAGE_ITEMS_MAX);
  const from = fields.count("from_sequence", 0);
  const page: BatchRow[] = [];
  let cursor = from;
  let bodyBytes = 0;
  while (page.length < limit && bodyBytes < PAGE_BODY_BYTES_MAX) {
    const batch = findBatchFrom(store, stream.streamId, cursor);
    if (batch === undefined) break;
    page.push(batch);
    bodyBytes += batch.body.length;
    cursor = batch.firstSequence + batch.readingCount;
  }
  const isMore = page.length > 0 && cursor < stream.nextSequence;
  return { batches: page.map(describeBatch), next: isMore ? cursor : null };
}

/**
 * `{batch_id}` → the batch key of an open stream's batch: with it anybody recomputes the salted
 * leaves and the commitment from the readings.
 */
function getBatchKey({ store }: EngineParts, fields: QueryFields): Answer {
  const batch = findBatch(store, fields);
  if (batch.openingKey === null) throw queryError("stream_sealed", "the stream is sealed");
  return { batch_id: batch.batchId, batch_key: hex(batch.openingKey) };
}

/** `{stream_id, sequence}` → the proof of one reading of an open stream (spec §3.5). */
function getReadingProof({ store, crypto }: EngineParts, fields: QueryFields): Answer {
  const stream = findOpenStream(store, fields);
  const sequence = fields.count("sequence");
  const batch = findBatchAt(store, stream.streamId, sequence);
  const index = sequence - batch.firstSequence;
  invariant(batch.openingKey !== null, "an open batch has its opening key");
  const { saltKey } = deriveColumnKeys(crypto, batch.openingKey);
  const body = readBody(batch, store.getMetrics(stream.streamId));
  const { leaves, offsets } = computeGroupLeaves(crypto, saltKey, body.times, body.columns);
  const root = crypto.merkleRoot(leaves, offsets);
  const keyHash = computeBatchKeyHash(crypto, batch.openingKey);
  const proof = computeReadingProof(crypto, [{ keyHash, root }], 0, { leaves, offsets }, index);
  return {
    batch_id: batch.batchId,
    commitment: hex(batch.commitment),
    group_index: proof.groupIndex,
    group_count: proof.groupCount,
    key_hash: hex(proof.keyHash),
    group_path: proof.groupPath.map(hex),
    leaf: hex(proof.leaf),
    reading_index: proof.readingIndex,
    reading_count: proof.readingCount,
    reading_path: proof.readingPath.map(hex),
  };
}

/** The batch that a query names, by identifier or by one of its sequences. */
function findBatch(store: Store, fields: QueryFields): BatchRow {
  if (fields.has("batch_id")) {
    const batch = store.batches.get(fields.count("batch_id"));
    if (batch === undefined) throw queryError("batch_not_found", "no such batch");
    return batch;
  }
  return findBatchAt(store, findStream(store, fields).streamId, fields.count("sequence"));
}

function findBatchAt(store: Store, streamId: number, sequence: number): BatchRow {
  const batch = findBatchUpTo(store, streamId, sequence);
  if (batch === undefined || sequence >= batch.firstSequence + batch.readingCount) {
    throw queryError("reading_not_found", "no reading has sequence {sequence}", { sequence });
  }
  return batch;
}

function describeBatch(batch: BatchRow): Answer {
  return {
    batch_id: batch.batchId,
    stream_id: batch.streamId,
    epoch: batch.epoch,
    first_sequence: batch.firstSequence,
    reading_count: batch.readingCount,
    first_time: batch.firstTimeSec,
    last_time: batch.lastTimeSec,
    is_break: batch.isBreak,
    batch_hash: hex(batch.batchHash),
    previous_hash: hex(batch.previousHash),
    commitment: hex(batch.commitment),
    salt: hex(batch.salt),
    body: hex(batch.body),
    disproved_group: batch.disprovedGroup,
  };
}
