import { encodePlainEnvelope } from "../../spec/envelope.ts";
import type { Metric } from "../../spec/readings.ts";
import { sendOperations } from "../client/actions/send-operations.ts";
import type { TallyrollClient } from "../client/actions/tallyroll-client.ts";
import { waitForInput } from "../client/actions/wait-for-input.ts";
import { type DeviceSigner, systemRandom } from "../client/device/device-signer.ts";
import type { SignedBatch } from "../client/device/signed-batch.ts";
import { StreamWriter } from "../client/device/stream-writer.ts";
import { type DeviceReadings, sliceReadings } from "../files/read-readings.ts";
import { groupOperations } from "../history/group-operations.ts";
import { requireApplied } from "./apply-all.ts";

/** Readings a batch: what a device signs at once. */
const BATCH_READINGS = 128;
/** Batches an input: what the gateway collects. */
const BATCHES_PER_INPUT = 8;

/** A stream with the device that writes to it. */
export interface DeviceStream {
  readonly deviceId: number;
  readonly streamId: number;
  readonly signer: DeviceSigner;
  readonly metrics: readonly Metric[];
  /** One a key group of a sealed stream; `undefined` for an open one. */
  readonly epochKeys: readonly Uint8Array[] | undefined;
}

/** What sending readings took. */
export interface SendingCosts {
  readonly batchCount: number;
  readonly inputCount: number;
  /** Payload bytes of all inputs. */
  readonly payloadBytes: number;
  readonly gas: bigint;
  /** From the first transaction to the last verdict. */
  readonly durationSec: number;
}

/** The batches of all readings, as the device signs them. */
export function* writeBatches(
  { crypto, at }: TallyrollClient,
  machineKey: Uint8Array,
  { signer, ...stream }: DeviceStream,
  readings: DeviceReadings,
): Generator<SignedBatch> {
  const writer = new StreamWriter(crypto, signer, machineKey, systemRandom, { ...at, ...stream });
  const count = readings.times.length;
  for (let from = 0; from < count; from += BATCH_READINGS) {
    const slice = sliceReadings(readings, from, Math.min(from + BATCH_READINGS, count));
    yield writer.write(slice.times, slice.columns).operation;
  }
}

/**
 * Sends batches as a gateway does, several an input and several inputs a block, and waits until all
 * of them are accepted.
 *
 * @throws DemoError when one is refused.
 */
export async function sendBatches(
  gateway: TallyrollClient,
  batches: Iterable<SignedBatch>,
): Promise<SendingCosts> {
  const inputs = [...groupOperations(batches, BATCHES_PER_INPUT, (operation) => operation)];
  const beganMs = performance.now();
  const sent = [];
  for (const operations of inputs) {
    sent.push({ operations, ...(await sendOperations(gateway, { operations })) });
  }
  const gas = await Promise.all(
    sent.map(async ({ operations, transactionHash }) => {
      const result = await waitForInput(gateway, { transactionHash });
      requireApplied(result, operations);
      const { gasUsed } = await gateway.publicClient.getTransactionReceipt({
        hash: transactionHash,
      });
      return gasUsed;
    }),
  );
  return {
    batchCount: inputs.flat().length,
    inputCount: inputs.length,
    payloadBytes: inputs.reduce((sum, input) => sum + encodePlainEnvelope(input).length, 0),
    gas: gas.reduce((sum, used) => sum + used, 0n),
    durationSec: (performance.now() - beganMs) / 1_000,
  };
}
