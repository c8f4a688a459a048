import type { StoredBatch } from "../buyer/from-answers.ts";
import { askQuery } from "./ask-query.ts";
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
export function getBatch(
  client: Pick<TallyrollClient, "inspect">,
  by: GetBatchOptions,
): Promise<StoredBatch> {
  return askQuery(client, "batch", by);
}
