import type { InfoOf } from "../../../spec/queries.ts";
import { readQueryPages } from "./ask-query.ts";
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

export type Statistics = Omit<InfoOf<"statistics">, "next">;
/** Figures of one hour or day, as integers at the metric's scale: divide by 10^scale. */
export type StatisticsBucket = Statistics["buckets"][number];

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
  options: GetStatisticsOptions,
): Promise<Statistics> {
  const buckets = new Map<number, StatisticsBucket>();
  let head = { metric: options.metric, scale: 0, unit: "" };
  for await (const page of readQueryPages(client, "statistics", options)) {
    head = { metric: page.metric, scale: page.scale, unit: page.unit };
    for (const { sum, ...figures } of page.buckets) {
      const more = { ...figures, sum };
      const known = buckets.get(more.startSec);
      buckets.set(more.startSec, known === undefined ? more : merge(known, more));
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
