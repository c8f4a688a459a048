import type { StoredBatch } from "../buyer/from-answers.ts";
import { type SealedStream, type UnsealedBatch, unsealBatch } from "../buyer/read-sealed.ts";
import type { QueryPageOptions } from "./ask-query.ts";
import { getStream, type StreamInfo } from "./get-stream.ts";
import { listBatches } from "./list-batches.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export interface ReadOwnStreamOptions extends QueryPageOptions {
  readonly streamId: number;
  /**
   * The owner's keys of an epoch by key group; `undefined` where they are lost. Asked once an epoch,
   * with the stream as it was declared and that epoch's key hashes.
   */
  readonly findKeys: (stream: StreamInfo, epoch: number) => readonly Uint8Array[] | undefined;
  readonly fromSequence?: number;
  /** Called for every batch of an epoch whose keys are lost, which is left out. */
  readonly onSkipped?: (batch: StoredBatch) => void;
}

/**
 * What the owner of a sealed stream reads: its batches by the epoch keys themselves, each checked
 * against what the device signed, without any grant.
 *
 * @throws SealedReadError for a batch that is not what its device signed, and what queries throw.
 * @example
 * for await (const batch of readOwnStream(client, { streamId: 2, findKeys: () => epochKeys })) {
 *   console.log(listReadings(batch, metrics)); // listReadings of buyer/read-sealed.ts
 * }
 */
export async function* readOwnStream(
  client: TallyrollClient,
  { streamId, findKeys, onSkipped, ...options }: ReadOwnStreamOptions,
): AsyncGenerator<UnsealedBatch, void> {
  const { deviceId, groupCount, metrics } = await getStream(client, { streamId });
  const stream: SealedStream = { ...client.at, deviceId, streamId, groupCount, metrics };
  const keysByEpoch = new Map<number, ReadonlyMap<number, Uint8Array> | undefined>();
  for await (const batch of listBatches(client, { streamId, ...options })) {
    const { epoch } = batch;
    if (!keysByEpoch.has(epoch)) {
      const keys = findKeys(await getStream(client, { streamId, epoch }), epoch);
      keysByEpoch.set(epoch, keys && new Map(keys.entries()));
    }
    const keys = keysByEpoch.get(epoch);
    if (keys === undefined) onSkipped?.(batch);
    else yield unsealBatch(client.crypto, stream, keys, batch);
  }
}
