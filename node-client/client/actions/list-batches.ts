import type { StoredBatch } from "../buyer/from-answers.ts";
import { type QueryPageOptions, readQueryItems } from "./ask-query.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export interface ListBatchesOptions extends QueryPageOptions {
  readonly streamId: number;
  /** The first batch is the one that holds this sequence, or the next after it. */
  readonly fromSequence?: number;
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
export function listBatches(
  client: Pick<TallyrollClient, "inspect">,
  options: ListBatchesOptions,
): AsyncGenerator<StoredBatch, void> {
  return readQueryItems(client, "batches", "batches", options);
}
