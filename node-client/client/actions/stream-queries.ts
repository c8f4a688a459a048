import type { Hex } from "../../../spec/outputs.ts";
import type { InfoOf } from "../../../spec/queries.ts";
import type { ReadingProof } from "../../../spec/reading-proof.ts";
import type { StoredBatch, StoredGrant } from "../buyer/read-sealed.ts";
import {
  askQuery,
  type NumberedPageOptions,
  type QueryPageOptions,
  readQueryPages,
} from "./ask-query.ts";
import {
  type ListAction,
  listAction,
  memberAction,
  type QueryAction,
  queryAction,
} from "./query-action.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export type DeviceInfo = InfoOf<"device">;
export type StreamInfo = InfoOf<"stream">;
/** A stream without its metrics, as lists give it. */
export type StreamSummary = InfoOf<"streams">["streams"][number];

/**
 * One device, by its number or by any key it ever had.
 *
 * @example
 * const { owner } = await getDevice(client, { did: "did:key:z6Mk…" });
 */
export const getDevice: QueryAction<
  { readonly deviceId: number } | { readonly did: string },
  DeviceInfo
> = queryAction("device");

export type ListDevicesOptions = NumberedPageOptions & { readonly owner: Hex };

/**
 * An owner's devices by their numbers, all pages.
 *
 * @example
 * for await (const { deviceId, did } of listDevices(client, { owner })) console.log(deviceId, did);
 */
export const listDevices: ListAction<ListDevicesOptions, DeviceInfo> = listAction("devices");

/** By number or by name; `epoch`: whose key hashes to answer, by default the current one's. */
export type GetStreamOptions = { readonly epoch?: number } & (
  | { readonly streamId: number }
  | { readonly deviceId: number; readonly name: string }
);

/**
 * One stream with its metrics and an epoch's key hashes.
 *
 * @example
 * const { streamId, nextSequence } = await getStream(client, { deviceId: 1, name: "roof" });
 */
export const getStream: QueryAction<GetStreamOptions, StreamInfo> = queryAction("stream");

export type ListStreamsOptions = NumberedPageOptions & { readonly deviceId: number };

/**
 * A device's streams by their numbers, all pages.
 *
 * @example
 * for await (const { name } of listStreams(client, { deviceId: 1 })) console.log(name);
 */
export const listStreams: ListAction<ListStreamsOptions, StreamSummary> = listAction("streams");

/** By its number, or by the sequence of one of its readings. */
export type GetBatchOptions =
  | { readonly batchId: number }
  | { readonly streamId: number; readonly sequence: number };

/**
 * One batch with its body, as the machine keeps it once layer 2 is open.
 *
 * @example
 * const { commitment, readingCount } = await getBatch(client, { streamId: 1, sequence: 700 });
 */
export const getBatch: QueryAction<GetBatchOptions, StoredBatch> = queryAction("batch");

export interface ListBatchesOptions extends QueryPageOptions {
  readonly streamId: number;
  /** The first batch is the one that holds this sequence, or the next after it. */
  readonly fromSequence?: number;
}

/**
 * A stream's batches with their bodies, by their sequences, all pages.
 *
 * @example
 * for await (const { batchId, isBreak } of listBatches(client, { streamId: 2 })) {
 *   if (isBreak) console.log(`something may be missing before batch ${batchId}`);
 * }
 */
export const listBatches: ListAction<ListBatchesOptions, StoredBatch> = listAction("batches");

export type ListGrantsOptions = NumberedPageOptions & { readonly buyer: Hex };

/**
 * A buyer's grants by their numbers, all pages, with the wrapped keys; expired and revoked ones too.
 *
 * @example
 * for await (const { streamId, expiresAtSec } of listGrants(client, { buyer })) {
 *   console.log(streamId, expiresAtSec);
 * }
 */
export const listGrants: ListAction<ListGrantsOptions, StoredGrant> = listAction("grants");

/** One reading of an open stream. */
export type Reading = InfoOf<"latest">["readings"][number];

export interface GetLatestReadingsOptions {
  readonly streamId: number;
  /** 1 to 256, the default. */
  readonly limit?: number;
}

/**
 * An open stream's readings with the highest sequences, newest first. A page may end before its
 * limit, where readings are large.
 *
 * @throws QueryRefused for a sealed stream, and what `inspectApplication` throws.
 * @example
 * const [newest] = await getLatestReadings(client, { streamId: 1, limit: 1 });
 */
export const getLatestReadings: QueryAction<GetLatestReadingsOptions, readonly Reading[]> =
  memberAction("latest", "readings");

export interface ListReadingsOptions extends QueryPageOptions {
  readonly streamId: number;
  readonly fromSequence?: number;
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
export const listReadings: ListAction<ListReadingsOptions, Reading> = listAction("readings");

/** That one reading is part of its batch's commitment: for `verifyReadingProof`. */
export interface ProofOfReading {
  readonly batchId: number;
  /** As the node says. Trust the one in a validated notice: see `proveReading`. */
  readonly commitment: Uint8Array;
  readonly proof: ReadingProof;
}

/**
 * The proof of one reading of an open stream against its batch's commitment (spec §3.5).
 *
 * @throws QueryRefused for a sealed stream or no such reading, and what `inspectApplication` throws.
 * @example
 * const { proof, commitment } = await getReadingProof(client, { streamId: 1, sequence: 7 });
 * verifyReadingProof(client.crypto, commitment, proof); // true
 */
export async function getReadingProof(
  client: Pick<TallyrollClient, "inspect">,
  options: { readonly streamId: number; readonly sequence: number },
): Promise<ProofOfReading> {
  const { batchId, commitment, ...proof } = await askQuery(client, "proof", options);
  return { batchId, commitment, proof };
}

/**
 * The batch key of an open stream's batch, 32 bytes: with it anybody recomputes the salted leaves
 * and the commitment from the readings.
 *
 * @throws QueryRefused for a sealed batch or none, and what `inspectApplication` throws.
 * @example
 * const batchKey = await getBatchKey(client, { batchId: 7 });
 */
export const getBatchKey: QueryAction<{ readonly batchId: number }, Uint8Array> = memberAction(
  "batch_key",
  "batchKey",
);

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
  let head = { metric: options.metric, scale: 0, unit: "", keptFrom: 0 };
  for await (const page of readQueryPages(client, "statistics", options)) {
    const { metric, scale, unit, keptFrom } = page;
    head = { metric, scale, unit, keptFrom };
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
