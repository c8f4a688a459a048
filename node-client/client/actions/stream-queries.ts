import type { Hex } from "../../../spec/outputs.ts";
import type { InfoOf } from "../../../spec/queries.ts";
import type { StoredBatch, StoredGrant } from "../buyer/read-sealed.ts";
import type { NumberedPageOptions, QueryPageOptions } from "./ask-query.ts";
import { type ListAction, listAction, type QueryAction, queryAction } from "./query-action.ts";

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
