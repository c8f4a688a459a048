import { utf8ToBytes } from "@noble/hashes/utils.js";
import type { OpenBody } from "../../spec/batch-body.ts";
import { READING } from "../../spec/core-queries.ts";
import { formatScaled } from "../../spec/decimal.ts";
import { PAGE_JSON_BYTES_MAX, QUERY_BATCHES_MAX, SEQUENCE_MAX } from "../../spec/limits.ts";
import type { AnswerOf, AskedOf } from "../../spec/queries.ts";
import { type RowOfAnswer, writeAnswer } from "../../spec/query-answers.ts";
import { queryError } from "../../spec/query-errors.ts";
import type { Metric } from "../../spec/readings.ts";
import { getBody, readBody } from "./open-body.ts";
import type { EngineParts } from "./operation-context.ts";
import type { Queries } from "./query.ts";
import { type AskedStream, describeMetrics, findStream } from "./query-devices.ts";
import type { BatchRow, Store, StreamRow } from "./store.ts";

/** Queries of an open stream's readings by name (spec §9). */
export const READING_QUERIES = {
  latest: listLatestReadings,
  readings: listReadings,
} satisfies Partial<Queries>;

type Reading = RowOfAnswer<typeof READING>;

/** Ascending. */
function listReadings({ store }: EngineParts, asked: AskedOf<"readings">): AnswerOf<"readings"> {
  const stream = findOpenStream(store, asked);
  const { limit } = asked;
  const { keptFrom } = stream;
  const from = Math.max(asked.fromSequence, keptFrom);
  const metrics = store.getMetrics(stream.streamId);
  const upTo = findBatchUpTo(store, stream.streamId, from)?.firstSequence ?? from;
  const start = Math.max(upTo, keptFrom);
  const readings = new ReadingPage(limit);
  let cursor: number | undefined = start;
  while (cursor !== undefined && !readings.isFull) {
    const batch: BatchRow | undefined = findBatchFrom(store, stream.streamId, cursor);
    if (batch === undefined) break;
    const body = readBody(getBody(store, batch.batchId), batch, metrics);
    const skip = Math.max(0, from - batch.firstSequence);
    for (let i = skip; i < batch.readingCount && !readings.isFull; i++) {
      readings.push(describeReading(batch, body, metrics, i));
    }
    cursor = batch.firstSequence + batch.readingCount;
  }
  const last = readings.items.at(-1)?.sequence;
  const isMore = last !== undefined && last + 1 < stream.nextSequence;
  return {
    metrics: describeMetrics(store, stream),
    keptFrom,
    readings: readings.items,
    next: isMore ? last + 1 : null,
  };
}

/** Those with the highest sequences, descending. */
function listLatestReadings({ store }: EngineParts, asked: AskedOf<"latest">): AnswerOf<"latest"> {
  const stream = findOpenStream(store, asked);
  const { limit } = asked;
  const metrics = store.getMetrics(stream.streamId);
  const readings = new ReadingPage(limit);
  let to = SEQUENCE_MAX;
  for (let scanned = 0; scanned < QUERY_BATCHES_MAX && !readings.isFull; scanned++) {
    const batch = findBatchUpTo(store, stream.streamId, to);
    if (batch === undefined || batch.firstSequence < stream.keptFrom) break;
    const body = readBody(getBody(store, batch.batchId), batch, metrics);
    for (let i = batch.readingCount - 1; i >= 0 && !readings.isFull; i--) {
      readings.push(describeReading(batch, body, metrics, i));
    }
    if (batch.firstSequence === 0) break;
    to = batch.firstSequence - 1;
  }
  const { keptFrom } = stream;
  return { metrics: describeMetrics(store, stream), keptFrom, readings: readings.items };
}

/** Readings up to a number and a size: 32 texts of control characters are 38 KB of JSON each. */
class ReadingPage {
  readonly items: Reading[] = [];
  readonly #limit: number;
  #jsonBytes = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get isFull(): boolean {
    return this.items.length >= this.#limit || this.#jsonBytes > PAGE_JSON_BYTES_MAX;
  }

  push(reading: Reading): void {
    this.items.push(reading);
    this.#jsonBytes += utf8ToBytes(JSON.stringify(writeAnswer(READING, reading))).length;
  }
}

/** The batch whose first sequence is the lowest at or above `sequence`. */
export const findBatchFrom = (store: Pick<Store, "batches">, streamId: number, sequence: number) =>
  store.batches.list({ streamId }, { ...FIRST, from: { after: sequence - 1 } })[0];

/** The batch whose first sequence is the highest at or below `sequence`. */
export const findBatchUpTo = (store: Pick<Store, "batches">, streamId: number, sequence: number) =>
  store.batches.list({ streamId }, { ...FIRST, from: { downFrom: sequence } })[0];

const FIRST = { by: "firstSequence", limit: 1 } as const;

/** The open stream that a query names. */
export function findOpenStream(store: Store, asked: AskedStream): StreamRow {
  const stream = findStream(store, asked);
  if (stream.visibility !== "open") {
    const sentence = "the stream is sealed: only a granted buyer can read its values";
    throw queryError("stream_sealed", sentence);
  }
  return stream;
}

function describeReading(
  batch: BatchRow,
  body: OpenBody,
  metrics: readonly Metric[],
  index: number,
): Reading {
  const values = metrics.map((metric, m) => {
    const { values, present, dictionary } = body.columns[m]!;
    if (present?.[index] === 0) return null;
    const value = values[index]!;
    return dictionary === undefined ? formatScaled(value, metric.scale) : dictionary[value]!;
  });
  const { batchId, firstSequence } = batch;
  return { sequence: firstSequence + index, timeSec: body.times[index]!, values, batchId };
}
