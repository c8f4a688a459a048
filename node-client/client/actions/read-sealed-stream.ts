import { hexToBytes } from "viem";
import { ClientError } from "../../errors.ts";
import {
  type Buyer,
  isKept,
  readSealed,
  type SealedStream,
  type StoredBatch,
  type StoredGrant,
  type UnsealedBatch,
  unsealBatch,
} from "../buyer/read-sealed.ts";
import {
  getStream,
  type ListBatchesOptions,
  listBatches,
  listGrants,
  type StreamInfo,
} from "./stream-queries.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export interface ReadSealedStreamOptions extends ListBatchesOptions {
  /** The account that the grants name, and the secret of its encryption key. */
  readonly buyer: Omit<Buyer, "account"> & { readonly account: `0x${string}` };
  /** Told of every batch of an epoch that was not granted, which is left out. */
  readonly onSkipped?: (batch: StoredBatch) => void;
}

/** The buyer has no grant of the stream. */
export class StreamNotGranted extends ClientError {
  override readonly name = "StreamNotGranted";
  readonly streamId: number;
  readonly buyer: string;
  /** Whether they have an encryption key registered; `undefined` where nobody has asked. */
  readonly hasKey: boolean | undefined;

  constructor(streamId: number, buyer: string, hasKey?: boolean) {
    super(`The account ${buyer} has no grant of stream ${streamId}.`, {
      whatToDo: "Register an encryption key, and ask the stream's owner for a grant.",
    });
    this.streamId = streamId;
    this.buyer = buyer;
    this.hasKey = hasKey;
  }
}

/**
 * What a buyer reads: their grants, the stream's batches as they come, each opened and checked
 * against what the device signed (`readSealed`), one at a time. What is archived is passed over.
 *
 * @throws StreamNotGranted, SealedReadError for a grant or batch that is not what was promised, and
 * what queries throw.
 * @example
 * for await (const batch of readSealedStream(client, { streamId: 2, buyer: { account, secret } })) {
 *   console.log(listReadings(batch, metrics)); // listReadings of buyer/read-sealed.ts
 * }
 */
export async function* readSealedStream(
  client: TallyrollClient,
  { streamId, buyer, onSkipped, ...options }: ReadSealedStreamOptions,
): AsyncGenerator<UnsealedBatch, void> {
  const account = buyer.account.toLowerCase() as `0x${string}`;
  const grants: StoredGrant[] = [];
  for await (const grant of listGrants(client, { buyer: account })) {
    if (grant.streamId === streamId) grants.push(grant);
  }
  if (grants.length === 0) throw new StreamNotGranted(streamId, account);
  const { deviceId, groupCount, metrics, keptFrom } = await getStream(client, { streamId });
  const stream: SealedStream = { ...client.at, deviceId, streamId, groupCount, metrics };
  const fromSequence = Math.max(options.fromSequence ?? 0, keptFrom);
  const reader = { account: hexToBytes(account), secret: buyer.secret };
  const epochs = new Set(grants.map(({ epoch }) => epoch));
  for await (const batch of listBatches(client, { streamId, ...options, fromSequence })) {
    if (!isKept(batch)) continue;
    if (!epochs.has(batch.epoch)) onSkipped?.(batch);
    else yield* readSealed(client.crypto, stream, reader, grants, [batch]);
  }
}

export interface ReadOwnStreamOptions extends ListBatchesOptions {
  /**
   * The owner's keys of an epoch by key group; `undefined` where they are lost. Asked once an epoch,
   * with the stream as it was declared and that epoch's key hashes.
   */
  readonly findKeys: (stream: StreamInfo, epoch: number) => readonly Uint8Array[] | undefined;
  /** Called for every batch of an epoch whose keys are lost, which is left out. */
  readonly onSkipped?: (batch: StoredBatch) => void;
}

/**
 * What the owner of a sealed stream reads: its batches by the epoch keys themselves, each checked
 * against what the device signed, without any grant. What is archived is passed over.
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
  const { deviceId, groupCount, metrics, keptFrom } = await getStream(client, { streamId });
  const stream: SealedStream = { ...client.at, deviceId, streamId, groupCount, metrics };
  const fromSequence = Math.max(options.fromSequence ?? 0, keptFrom);
  const keysByEpoch = new Map<number, ReadonlyMap<number, Uint8Array> | undefined>();
  for await (const batch of listBatches(client, { streamId, ...options, fromSequence })) {
    const { epoch } = batch;
    if (!isKept(batch)) continue;
    if (!keysByEpoch.has(epoch)) {
      const keys = findKeys(await getStream(client, { streamId, epoch }), epoch);
      keysByEpoch.set(epoch, keys && new Map(keys.entries()));
    }
    const keys = keysByEpoch.get(epoch);
    if (keys === undefined) onSkipped?.(batch);
    else yield unsealBatch(client.crypto, stream, keys, batch);
  }
}
