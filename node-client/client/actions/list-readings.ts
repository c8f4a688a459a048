import { type QueryPageOptions, readQueryPages } from "./read-query-pages.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export interface ReadingAnswer {
  readonly sequence: number;
  readonly time: number;
  readonly values: readonly (string | null)[];
  readonly batch_id: number;
}

/** One reading of an open stream. */
export interface Reading {
  readonly sequence: number;
  /** Unix seconds: the device's claim. */
  readonly timeSec: number;
  /** One a metric: decimal text at its scale, or text; `null` where there is none. */
  readonly values: readonly (string | null)[];
  readonly batchId: number;
}

export interface ListReadingsOptions extends QueryPageOptions {
  readonly streamId: number;
  readonly fromSequence?: number;
}

interface ReadingsAnswer {
  readonly readings: readonly ReadingAnswer[];
  readonly next: number | null;
}

/**
 * An open stream's readings by their sequences, all pages.
 *
 * @throws QueryRefused for a sealed stream, and what `inspectApplication` throws.
 * @example
 * for await (const { timeSec, values } of listReadings(client, { streamId: 1 })) {
 *   console.log(timeSec, values); // 1640995200 ["7.11", null]
 * }
 */
export async function* listReadings(
  client: Pick<TallyrollClient, "inspect">,
  { streamId, fromSequence, ...options }: ListReadingsOptions,
): AsyncGenerator<Reading, void> {
  const query = { query: "readings", stream_id: streamId };
  const from = { ...options, from: fromSequence };
  const pages = readQueryPages<ReadingsAnswer>(client, query, "from_sequence", from);
  for await (const { readings } of pages) yield* readings.map(fromReadingAnswer);
}

/** One of the answers to `readings` or `latest`. */
export function fromReadingAnswer(answer: ReadingAnswer): Reading {
  const { sequence, time: timeSec, values, batch_id: batchId } = answer;
  return { sequence, timeSec, values, batchId };
}
