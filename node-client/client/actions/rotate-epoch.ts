import { computeEpochKeyHash } from "../../../spec/grant-keys.ts";
import { type Acting, defineAction, readOwn } from "./define-action.ts";

export interface RotateEpochOptions {
  readonly streamId: number;
  /** The epoch that begins: the stream's current one plus 1. */
  readonly epoch: number;
  /** Fresh keys, 32 bytes each, one a key group. */
  readonly epochKeys: readonly Uint8Array[];
}

/**
 * Begins a sealed stream's next epoch: earlier grants do not open its batches.
 *
 * @throws OperationRefused: stream_not_found, stream_not_sealed, device_sender_not_owner,
 * epoch_not_next, epoch_key_hashes_wrong.
 * @example
 * await rotateEpoch(client, { streamId: 2, epoch: 1, epochKeys: [systemRandom(32)] });
 */
export const rotateEpoch = defineAction({
  body: (
    { streamId, epoch, epochKeys }: RotateEpochOptions,
    { crypto }: Pick<Acting, "crypto">,
  ) => ({
    kind: "rotate_epoch",
    ...{ streamId, epoch },
    epochKeyHashes: epochKeys.map((key) => computeEpochKeyHash(crypto, key)),
  }),
  read: (told) => readOwn("rotate_epoch", told),
});
