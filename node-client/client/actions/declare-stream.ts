import { computeEpochKeyHash } from "../../../spec/grant-keys.ts";
import type { Metric } from "../../../spec/readings.ts";
import { type Acting, defineAction, readOwn } from "./define-action.ts";

export interface DeclareStreamOptions {
  readonly deviceId: number;
  /** Unique among the device's streams. */
  readonly name: string;
  readonly metrics: readonly Metric[];
  /** The first epoch's keys, 32 bytes each, one a key group: makes the stream a sealed one. */
  readonly epochKeys?: readonly Uint8Array[];
}

/**
 * Declares what a device measures and who can read it: everybody who may query, or with
 * `epochKeys` only buyers. Only the keys' hashes are sent; never lose the keys.
 *
 * @throws OperationRefused: device_…, stream_name_…, stream_metrics_invalid, stream_groups_invalid.
 * @example
 * const { streamId } = await declareStream(client, { deviceId: 1, name: "roof", metrics });
 */
export const declareStream = defineAction({
  body: (
    { deviceId, name, metrics, epochKeys }: DeclareStreamOptions,
    { crypto }: Pick<Acting, "crypto">,
  ) => ({
    kind: "declare_stream",
    ...{ deviceId, name, metrics, isSealed: epochKeys !== undefined },
    epochKeyHashes: (epochKeys ?? []).map((key) => computeEpochKeyHash(crypto, key)),
  }),
  read: (told) => readOwn("declare_stream", told),
});
