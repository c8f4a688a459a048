import { decodeOpenBody, type OpenBody } from "../../spec/batch-body.ts";
import type { Metric } from "../../spec/readings.ts";
import { invariant } from "./invariant.ts";
import type { BatchBodyRow, BatchHead, Store } from "./store.ts";

/** The body of a batch that is not archived. */
export function getBody(store: Pick<Store, "batchBodies">, batchId: number): BatchBodyRow {
  const row = store.batchBodies.get(batchId);
  invariant(row !== undefined, "a batch has its body until it is archived");
  return row;
}

/** The columns of an open batch that is not archived. */
export function readBody(
  { body }: BatchBodyRow,
  { readingCount }: Pick<BatchHead, "readingCount">,
  metrics: readonly Metric[],
): OpenBody {
  const decoded = decodeOpenBody(body, metrics, readingCount);
  invariant(decoded !== undefined, "an accepted batch decodes");
  return decoded;
}
