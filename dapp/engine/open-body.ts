import { decodeOpenBody, type OpenBody } from "../../spec/batch-body.ts";
import type { Metric } from "../../spec/readings.ts";
import { invariant } from "./invariant.ts";
import type { BatchRow } from "./store.ts";

/** The columns of an accepted open batch. */
export function readBody(batch: BatchRow | undefined, metrics: readonly Metric[]): OpenBody {
  const body = batch && decodeOpenBody(batch.body, metrics, batch.readingCount);
  invariant(body !== undefined, "an accepted batch decodes");
  return body;
}
