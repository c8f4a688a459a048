import { readQueryPages } from "./read-query-pages.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export interface GetStatisticsOptions {
  readonly streamId: number;
  /** Name of an integer metric. */
  readonly metric: string;
  /** Unix seconds. Readings with this time or a later one … */
  readonly fromSec: number;
  /** … and before this time count; at most 4,096 buckets. */
  readonly toSec: number;
  readonly bucket: "hour" | "day";
}

/** Figures of one hour or day, as integers at the metric's scale: divide by 10^scale. */
export interface StatisticsBucket {
  readonly startSec: number;
  readonly count: number;
  readonly sum: bigint;
  readonly minimum: number;
  readonly maximum: number;
}

export interface Statistics {
  readonly metric: string;
  readonly scale: number;
  readonly unit: string;
  /** Ascending; hours or days without a value are left out. */
  readonly buckets: readonly StatisticsBucket[];
}

interface StatisticsAnswer {
  readonly metric: string;
  readonly scale: number;
  readonly unit: string;
  readonly buckets: readonly {
    readonly start: number;
    readonly count: number;
    readonly sum: string;
    readonly minimum: number;
    readonly maximum: number;
  }[];
  readonly next: number | null;
}

/**
 * Count, sum, minimum and maximum of an open stream's metric by the hour or day. Pages are merged.
 *
 * @throws QueryRefused for a sealed stream, a text metric or too many buckets, and what
 * `inspectApplication` throws.
 * @example
 * const { buckets } = await getStatistics(client, {
 *   streamId: 1, metric: "temperature", fromSec: 1640995200, toSec: 1641600000, bucket: "day",
 * });
 */
export async function getStatistics(
  client: Pick<TallyrollClient, "inspect">,
  { streamId, metric, fromSec: from, toSec: to, bucket }: GetStatisticsOptions,
): Promise<Statistics> {
  const query = { query: "statistics", stream_id: streamId, ...{ metric, from, to, bucket } };
  const buckets = new Map<number, StatisticsBucket>();
  let head = { metric, scale: 0, unit: "" };
  for await (const page of readQueryPages<StatisticsAnswer>(client, query, "from_sequence", {})) {
    head = { metric: page.metric, scale: page.scale, unit: page.unit };
    for (const { start: startSec, sum, ...figures } of page.buckets) {
      const more = { startSec, ...figures, sum: BigInt(sum) };
      const known = buckets.get(startSec);
      buckets.set(startSec, known === undefined ? more : merge(known, more));
    }
  }
  const ascending = [...buckets.values()].sort((a, b) => a.startSec - b.startSec);
  return { ...head, buckets: ascending };
}

function merge(a: StatisticsBucket, b: StatisticsBucket): StatisticsBucket {
  return {
    startSec: a.startSec,
    count: a.count + b.count,
    sum: a.sum + b.sum,
    minimum: Math.min(a.minimum, b.minimum),
    maximum: Math.max(a.maximum, b.maximum),
  };
}
