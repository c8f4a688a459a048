import { QUERY_BATCHES_MAX, STATISTICS_BUCKETS_MAX, TIME_SEC_MAX } from "../../spec/limits.ts";
import type { AnswerOf, AskedOf } from "../../spec/queries.ts";
import { invalidField, queryError } from "../../spec/query-errors.ts";
import { getBody, readBody } from "./open-body.ts";
import type { EngineParts } from "./operation-context.ts";
import type { Queries } from "./query.ts";
import { findOpenStream } from "./query-readings.ts";

/** The query of an open stream's figures by its name (spec §9). */
export const STATISTICS_QUERIES = { statistics: getStatistics } satisfies Partial<Queries>;

const BUCKET_SECONDS: Readonly<Record<string, number>> = { hour: 3_600, day: 86_400 };

/** A partial sum is moved into a bigint before it could leave the exact range of a double. */
const PARTIAL_MAX = 2 ** 52;

interface Bucket {
  count: number;
  sum: bigint;
  partial: number;
  minimum: number;
  maximum: number;
}

/**
 * Per bucket the count, sum, minimum and maximum of one metric's values with a reading time in
 * [from, to), as stored integers at the metric's scale. One answer decodes a bounded number of batches: where `next` is
 * not null, ask again with `from_sequence: next` and merge equal buckets (all four figures merge).
 */
function getStatistics(
  { store }: EngineParts,
  asked: AskedOf<"statistics">,
): AnswerOf<"statistics"> {
  const stream = findOpenStream(store, asked);
  const metrics = store.getMetrics(stream.streamId);
  const name = asked.metric;
  const m = metrics.findIndex((metric) => metric.name === name);
  const metric = metrics[m];
  if (metric === undefined) {
    throw queryError("metric_not_found", 'the stream has no metric "{metric}"', { metric: name });
  }
  if (metric.kind === "text") {
    throw queryError("metric_not_numeric", 'metric "{metric}" is text', { metric: name });
  }
  const bucketName = asked.bucket;
  const seconds = Object.hasOwn(BUCKET_SECONDS, bucketName)
    ? BUCKET_SECONDS[bucketName]
    : undefined;
  if (seconds === undefined) throw invalidField("bucket", 'is "hour" or "day"');
  const from = asked.fromSec;
  const to = Math.min(asked.toSec, TIME_SEC_MAX + 1);
  if (to - from > seconds * STATISTICS_BUCKETS_MAX) {
    const values = { buckets_max: STATISTICS_BUCKETS_MAX };
    throw queryError("span_too_long", "[from, to) spans more than {buckets_max} buckets", values);
  }

  const batches = store.listBatchesInTime(
    stream.streamId,
    from,
    to,
    Math.max(asked.fromSequence, stream.keptFrom),
    QUERY_BATCHES_MAX,
  );
  const buckets = new Map<number, Bucket>();
  for (const batch of batches) {
    const { times, columns } = readBody(getBody(store, batch.batchId), batch, metrics);
    const { values, present } = columns[m]!;
    for (let i = 0; i < times.length; i++) {
      const time = times[i]!;
      if (time < from || time >= to || present?.[i] === 0) continue;
      addValue(buckets, time - (time % seconds), values[i]!);
    }
  }
  const last = batches.at(-1);
  return {
    metric: name,
    scale: metric.scale,
    unit: metric.unit,
    keptFrom: stream.keptFrom,
    buckets: [...buckets.entries()]
      .sort(([a], [b]) => a - b)
      .map(([startSec, bucket]) => {
        const sum = bucket.sum + BigInt(bucket.partial);
        return { ...bucket, startSec, sum };
      }),
    next:
      last === undefined || batches.length < QUERY_BATCHES_MAX
        ? null
        : last.firstSequence + last.readingCount,
  };
}

function addValue(buckets: Map<number, Bucket>, start: number, value: number): void {
  let bucket = buckets.get(start);
  if (bucket === undefined) {
    bucket = { count: 0, sum: 0n, partial: 0, minimum: value, maximum: value };
    buckets.set(start, bucket);
  }
  bucket.count += 1;
  bucket.minimum = Math.min(bucket.minimum, value);
  bucket.maximum = Math.max(bucket.maximum, value);
  bucket.partial += value;
  if (Math.abs(bucket.partial) > PARTIAL_MAX) {
    bucket.sum += BigInt(bucket.partial);
    bucket.partial = 0;
  }
}
