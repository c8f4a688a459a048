import { computeBatchKeyHash, computeGroupLeaves, deriveColumnKeys } from "../../spec/batch.ts";
import { PAGE_BODY_BYTES_MAX } from "../../spec/limits.ts";
import type { AnswerOf, AskedOf } from "../../spec/queries.ts";
import { queryError } from "../../spec/query-errors.ts";
import { computeReadingProof } from "../../spec/reading-proof.ts";
import { invariant } from "./invariant.ts";
import { readBody } from "./open-body.ts";
import type { EngineParts } from "./operation-context.ts";
import type { Queries } from "./query.ts";
import { findStream } from "./query-devices.ts";
import { findBatchFrom, findBatchUpTo, findOpenStream } from "./query-readings.ts";
import type { BatchBodyRow, BatchRow, Store, StreamRow } from "./store.ts";

/** Queries of batches by name (spec §9). */
export const BATCH_QUERIES = {
  batch: ({ store }, asked) => describeBatch(store, findBatch(store, asked)),
  batches: listBatches,
  batch_key: getBatchKey,
  proof: getReadingProof,
} satisfies Partial<Queries>;

/** Ascending; a page of large bodies ends early. */
function listBatches({ store }: EngineParts, asked: AskedOf<"batches">): AnswerOf<"batches"> {
  const stream = findStream(store, asked);
  const { limit, fromSequence } = asked;
  const page: AnswerOf<"batch">[] = [];
  let cursor = fromSequence;
  let bodyBytes = 0;
  while (page.length < limit && bodyBytes < PAGE_BODY_BYTES_MAX) {
    const batch = findBatchFrom(store, stream.streamId, cursor);
    if (batch === undefined) break;
    const described = describeBatch(store, batch);
    page.push(described);
    bodyBytes += described.body?.length ?? 0;
    cursor = batch.firstSequence + batch.readingCount;
  }
  const isMore = page.length > 0 && cursor < stream.nextSequence;
  return { batches: page, next: isMore ? cursor : null };
}

/** With the key anybody recomputes the salted leaves and the commitment from the readings. */
function getBatchKey({ store }: EngineParts, asked: AskedOf<"batch_key">): AnswerOf<"batch_key"> {
  const { openingKey, batchId } = findBody(store, findBatch(store, asked));
  if (openingKey === null) throw queryError("stream_sealed", "the stream is sealed");
  return { batchId, batchKey: openingKey };
}

/** The proof of one reading of an open stream (spec §3.5). */
function getReadingProof(
  { store, crypto }: EngineParts,
  asked: AskedOf<"proof">,
): AnswerOf<"proof"> {
  const stream = findOpenStream(store, asked);
  const { sequence } = asked;
  const batch = findBatchAt(store, stream, sequence);
  const index = sequence - batch.firstSequence;
  const kept = findBody(store, batch);
  const { openingKey } = kept;
  invariant(openingKey !== null, "an open batch has its opening key");
  const { saltKey } = deriveColumnKeys(crypto, openingKey);
  const body = readBody(kept, batch, store.getMetrics(stream.streamId));
  const { leaves, offsets } = computeGroupLeaves(crypto, saltKey, body.times, body.columns);
  const root = crypto.merkleRoot(leaves, offsets);
  const keyHash = computeBatchKeyHash(crypto, openingKey);
  const proof = computeReadingProof(crypto, [{ keyHash, root }], 0, { leaves, offsets }, index);
  return { batchId: batch.batchId, commitment: batch.commitment, ...proof };
}

/** The batch that a query names, by identifier or by one of its sequences. */
function findBatch(store: Store, asked: AskedOf<"batch">): BatchRow {
  if (asked.has("batchId")) {
    const batch = store.batches.get(asked.batchId);
    if (batch === undefined) throw queryError("batch_not_found", "no such batch");
    return batch;
  }
  return findBatchAt(store, findStream(store, asked), asked.sequence);
}

/** Salt and body are null where they have left the state. */
function describeBatch(store: Store, batch: BatchRow): AnswerOf<"batch"> {
  const { salt, body } = store.batchBodies.get(batch.batchId) ?? { salt: null, body: null };
  return { ...batch, salt, body, isArchived: body === null };
}

function findBody(store: Store, { batchId }: BatchRow): BatchBodyRow {
  const body = store.batchBodies.get(batchId);
  if (body !== undefined) return body;
  const sentence = "batch {batch_id} is archived: the input of the chain has it";
  throw queryError("batch_archived", sentence, { batch_id: batchId });
}

function findBatchAt(store: Store, { streamId }: StreamRow, sequence: number): BatchRow {
  const batch = findBatchUpTo(store, streamId, sequence);
  if (batch === undefined || sequence >= batch.firstSequence + batch.readingCount) {
    throw queryError("reading_not_found", "no reading has sequence {sequence}", { sequence });
  }
  return batch;
}
