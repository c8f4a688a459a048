import { computeEpochKeyHash } from "../../../spec/grant-keys.ts";
import type { Hex } from "../../../spec/outputs.ts";
import { type AppliedAt, type ApplyOptions, applyOperation } from "./apply-operation.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export interface RotateEpochOptions extends ApplyOptions {
  readonly streamId: number;
  /** The epoch that begins: the stream's current one plus 1. */
  readonly epoch: number;
  /** Fresh keys, 32 bytes each, one a key group. */
  readonly epochKeys: readonly Uint8Array[];
}

export interface RotateEpochResult extends AppliedAt {
  readonly streamId: number;
  readonly epoch: number;
  readonly epochKeyHashes: readonly Hex[];
}

/**
 * Begins a sealed stream's next epoch: earlier grants do not open its batches.
 *
 * @throws OperationRefused: stream_not_found, stream_not_sealed, device_sender_not_owner,
 * epoch_not_next, epoch_key_hashes_wrong.
 * @example
 * await rotateEpoch(client, { streamId: 2, epoch: 1, epochKeys: [systemRandom(32)] });
 */
export async function rotateEpoch(
  client: TallyrollClient,
  { streamId, epoch, epochKeys, ...options }: RotateEpochOptions,
): Promise<RotateEpochResult> {
  const epochKeyHashes = epochKeys.map((key) => computeEpochKeyHash(client.crypto, key));
  const body = { kind: "rotate_epoch", streamId, epoch, epochKeyHashes } as const;
  const { at, fields } = await applyOperation(client, body, "EpochRotated", options);
  return {
    ...at,
    streamId: Number(fields.streamId),
    epoch: Number(fields.epoch),
    epochKeyHashes: fields.epochKeyHashes,
  };
}
