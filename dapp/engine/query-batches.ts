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
import type { BatchRow, Store } from "./store.ts";

/** Queries of batches by name (spec §9). */
export const BATCH_QUERIES = {
  batch: ({ store }, asked) => findBatch(store, asked),
  batches: listBatches,
  batch_key: getBatchKey,
  proof: getReadingProof,
} satisfies Partial<Queries>;

/** Ascending; a page of large bodies ends early. */
function listBatches({ store }: EngineParts, asked: AskedOf<"batches">): AnswerOf<"batches"> {
  const stream = findStream(store, asked);
  const { limit, fromSequence } = asked;
  const page: BatchRow[] = [];
  let cursor = fromSequence;
  let bodyBytes = 0;
  while (page.length < limit && bodyBytes < PAGE_BODY_BYTES_MAX) {
    const batch = findBatchFrom(store, stream.streamId, cursor);
    if (batch === undefined) break;
    page.push(batch);
    bodyBytes += batch.body.length;
    cursor = batch.firstSequence + batch.readingCount;
  }
  const isMore = page.length > 0 && cursor < stream.nextSequence;
  return { batches: page, next: isMore ? cursor : null };
}

/** With the key anybody recomputes the salted leaves and the commitment from the readings. */
function getBatchKey({ store }: EngineParts, asked: AskedOf<"batch_key">): AnswerOf<"batch_key"> {
  const batch = findBatch(store, asked);
  if (batch.openingKey === null) throw queryError("stream_sealed", "the stream is sealed");
  return { batchId: batch.batchId, batchKey: batch.openingKey };
}

/** The proof of one reading of an open stream (spec §3.5). */
function getReadingProof(
  { store, crypto }: EngineParts,
  asked: AskedOf<"proof">,
): AnswerOf<"proof"> {
  const stream = findOpenStream(store, asked);
  const { sequence } = asked;
  const batch = findBatchAt(store, stream.streamId, sequence);
  const index = sequence - batch.firstSequence;
  invariant(batch.openingKey !== null, "an open batch has its opening key");
  const { saltKey } = deriveColumnKeys(crypto, batch.openingKey);
  const body = readBody(batch, store.getMetrics(stream.streamId));
  const { leaves, offsets } = computeGroupLeaves(crypto, saltKey, body.times, body.columns);
  const root = crypto.merkleRoot(leaves, offsets);
  const keyHash = computeBatchKeyHash(crypto, batch.openingKey);
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
  return findBatchAt(store, findStream(store, asked).streamId, asked.sequence);
}

function findBatchAt(store: Store, streamId: number, sequence: number): BatchRow {
  const batch = findBatchUpTo(store, streamId, sequence);
  if (batch === undefined || sequence >= batch.firstSequence + batch.readingCount) {
    throw queryError("reading_not_found", "no reading has sequence {sequence}", { sequence });
  }
  return batch;
}
