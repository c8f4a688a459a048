import { computeEpochKeyHash } from "../../../spec/grant-keys.ts";
import type { Metric } from "../../../spec/readings.ts";
import { type AppliedAt, type ApplyOptions, applyOperation } from "./apply-operation.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export interface DeclareStreamOptions extends ApplyOptions {
  readonly deviceId: number;
  /** Unique among the device's streams. */
  readonly name: string;
  readonly metrics: readonly Metric[];
  /** The first epoch's keys, 32 bytes each, one a key group: makes the stream a sealed one. */
  readonly epochKeys?: readonly Uint8Array[];
}

export interface DeclareStreamResult extends AppliedAt {
  readonly streamId: number;
  readonly deviceId: number;
  readonly isSealed: boolean;
  readonly groupCount: number;
  readonly name: string;
}

/**
 * Declares what a device measures and who can read it: everybody who may query, or with
 * `epochKeys` only buyers. Only the keys' hashes are sent; never lose the keys.
 *
 * @throws OperationRefused: device_…, stream_name_…, stream_metrics_invalid, stream_groups_invalid.
 * @example
 * const { streamId } = await declareStream(client, { deviceId: 1, name: "roof", metrics });
 */
export async function declareStream(
  client: TallyrollClient,
  { deviceId, name, metrics, epochKeys, ...options }: DeclareStreamOptions,
): Promise<DeclareStreamResult> {
  const body = {
    kind: "declare_stream",
    ...{ deviceId, name, metrics },
    isSealed: epochKeys !== undefined,
    epochKeyHashes: (epochKeys ?? []).map((key) => computeEpochKeyHash(client.crypto, key)),
  } as const;
  const { at, fields } = await applyOperation(client, body, "StreamDeclared", options);
  return {
    ...at,
    streamId: Number(fields.streamId),
    deviceId: Number(fields.deviceId),
    isSealed: fields.isSealed,
    groupCount: Number(fields.groupCount),
    name: fields.name,
  };
}
