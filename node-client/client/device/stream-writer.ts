import { previousHashOf } from "../../../spec/batch.ts";
import type { Crypto } from "../../../spec/crypto.ts";
import type { Column, Metric } from "../../../spec/readings.ts";
import { type SealedBatch, sealBatch } from "../../../spec/seal-batch.ts";
import type { DeviceSigner, RandomSource } from "./device-signer.ts";
import type { SignedBatch } from "./signed-batch.ts";

/** What a device must know to write to a stream of its own. */
export interface StreamWriterOptions {
  readonly chainId: bigint;
  readonly app: Uint8Array;
  readonly deviceId: number;
  readonly streamId: number;
  readonly metrics: readonly Metric[];
  /** One a key group for a sealed stream; `undefined` for an open one. */
  readonly epochKeys: readonly Uint8Array[] | undefined;
  readonly epoch?: number;
  readonly nextSequence?: number;
  /** `undefined` before the first batch. */
  readonly previousHash?: Uint8Array | undefined;
}

/** A device's end of one stream: seals, signs and chains batches (spec §3). */
export class StreamWriter {
  #nextSequence: number;
  #previousHash: Uint8Array | undefined;
  readonly #crypto: Crypto;
  readonly #signer: DeviceSigner;
  readonly #machineKey: Uint8Array;
  readonly #random: RandomSource;
  readonly #options: StreamWriterOptions;

  constructor(
    crypto: Crypto,
    signer: DeviceSigner,
    machineKey: Uint8Array,
    random: RandomSource,
    options: StreamWriterOptions,
  ) {
    this.#crypto = crypto;
    this.#signer = signer;
    this.#machineKey = machineKey;
    this.#random = random;
    this.#options = options;
    this.#nextSequence = options.nextSequence ?? 0;
    this.#previousHash = options.previousHash;
  }

  /** The sequence of the next reading. */
  get nextSequence(): number {
    return this.#nextSequence;
  }

  /**
   * Seals the next batch and moves on as if it were accepted.
   *
   * @param stillNeeded Declares a break, for the batch before may never arrive: the last sequence
   *   that must be in before this batch is. The device gives up what lies between (spec §3.4).
   * @throws RangeError where no reading of that sequence was written before.
   */
  write(
    times: Float64Array,
    columns: readonly Column[],
    stillNeeded?: number,
  ): { readonly operation: SignedBatch; readonly batch: SealedBatch } {
    const { chainId, app, deviceId, streamId, metrics, epochKeys, epoch = 0 } = this.#options;
    const firstSequence = this.#nextSequence;
    const count = times.length;
    const breakFloor = stillNeeded === undefined ? 0 : stillNeeded + 1;
    const isWritten = breakFloor > 0 && breakFloor <= firstSequence;
    if (stillNeeded !== undefined && !(Number.isSafeInteger(stillNeeded) && isWritten)) {
      throw new RangeError(`stillNeeded is a sequence below ${firstSequence}, not ${stillNeeded}`);
    }
    const batch = sealBatch(
      this.#crypto,
      {
        chainId,
        app,
        deviceId,
        streamId,
        epoch,
        firstSequence,
        count,
        salt: this.#random(16),
        metrics,
        times,
        columns,
        previousHash: previousHashOf(breakFloor, this.#previousHash ?? null),
        epochKeys,
      },
      this.#machineKey,
      this.#random(32),
    );
    this.#nextSequence += count;
    this.#previousHash = batch.batchHash;
    const signature = this.#signer.sign(batch.signedBytes);
    const { sealed } = batch;
    return {
      operation: {
        authorization: { by: "device", signature },
        body: { kind: "submit", streamId, epoch, firstSequence, count, breakFloor, sealed },
      },
      batch,
    };
  }
}
