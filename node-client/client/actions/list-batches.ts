import { type BatchAnswer, fromBatchAnswer, type StoredBatch } from "../buyer/from-answers.ts";
import { type QueryPageOptions, readQueryPages } from "./read-query-pages.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export interface ListBatchesOptions extends QueryPageOptions {
  readonly streamId: number;
  /** The first batch is the one that holds this sequence, or the next behind it. */
  readonly fromSequence?: number;
}

interface BatchesAnswer {
  readonly batches: readonly BatchAnswer[];
  readonly next: number | null;
}

/**
 * A stream's batches with their bodies, by their sequences, all pages.
 *
 * @throws What `inspectApplication` throws.
 * @example
 * for await (const { batchId, isBreak } of listBatches(client, { streamId: 2 })) {
 *   if (isBreak) console.log(`something may be missing before batch ${batchId}`);
 * }
 */
export async function* listBatches(
  client: Pick<TallyrollClient, "inspect">,
  { streamId, fromSequence, ...options }: ListBatchesOptions,
): AsyncGenerator<StoredBatch, void> {
  const query = { query: "batches", stream_id: streamId };
  const from = { ...options, from: fromSequence };
  const pages = readQueryPages<BatchesAnswer>(client, query, "from_sequence", from);
  for await (const { batches } of pages) yield* batches.map(fromBatchAnswer);
}
