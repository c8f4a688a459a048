import { type BatchAnswer, fromBatchAnswer, type StoredBatch } from "../buyer/from-answers.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

/** By its number, or by the sequence of one of its readings. */
export type GetBatchOptions =
  | { readonly batchId: number }
  | { readonly streamId: number; readonly sequence: number };

/**
 * One batch with its body, as the machine keeps it once layer 2 is open.
 *
 * @throws QueryRefused where there is none, and what `inspectApplication` throws.
 * @example
 * const { commitment, readingCount } = await getBatch(client, { streamId: 1, sequence: 700 });
 */
export async function getBatch(
  client: Pick<TallyrollClient, "inspect">,
  by: GetBatchOptions,
): Promise<StoredBatch> {
  const fields =
    "batchId" in by ? { batch_id: by.batchId } : { stream_id: by.streamId, sequence: by.sequence };
  return fromBatchAnswer(await client.inspect<BatchAnswer>({ query: "batch", ...fields }));
}
