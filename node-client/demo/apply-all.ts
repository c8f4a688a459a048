import { encodePlainEnvelope } from "../../spec/envelope.ts";
import type { OperationBody, SignableBody } from "../../spec/operations.ts";
import type { Metric } from "../../spec/readings.ts";
import { getAccount } from "../client/actions/account-queries.ts";
import { listOutcomes, type Told } from "../client/actions/operation-outcomes.ts";
import {
  type OwnOperation,
  type SendableOperation,
  sendOperations,
  signRelayed,
} from "../client/actions/send-operations.ts";
import type { TallyrollClient } from "../client/actions/tallyroll-client.ts";
import { type InputResult, waitForInput } from "../client/actions/wait-for-input.ts";
import { type DeviceSigner, systemRandom } from "../client/device/device-signer.ts";
import type { SignedBatch } from "../client/device/signed-batch.ts";
import { StreamWriter } from "../client/device/stream-writer.ts";
import type { TypedDataSigner } from "../client/signing/sign-operation.ts";
import type { RelayableOperation } from "../client/signing/verify-relayable.ts";
import { type DeviceReadings, sliceReadings } from "../files/read-readings.ts";
import { groupOperations } from "../history/group-operations.ts";
import { DemoError } from "./demo-error.ts";

/**
 * Several operations of the client's account as one input: a block is a second.
 *
 * @param signed Others in the same input, which carry their authorization.
 * @returns What each operation left, in order: its action reads it.
 * @throws DemoError unless all of them apply.
 */
export async function applyAll(
  client: TallyrollClient,
  bodies: readonly OperationBody[],
  signed: readonly SignedBatch[] = [],
): Promise<readonly Told[]> {
  const own = bodies.map((body): OwnOperation => ({ authorization: { by: "sender" }, body }));
  const operations = [...own, ...signed];
  return requireApplied(await sendAll(client, operations), operations);
}

/**
 * Sends operations as one input, and waits for it.
 *
 * @throws DemoError unless all of them apply.
 */
export async function sendAll(
  client: TallyrollClient,
  operations: readonly SendableOperation[],
): Promise<InputResult> {
  const { transactionHash } = await sendOperations(client, { operations });
  const result = await waitForInput(client, { transactionHash });
  requireApplied(result, operations);
  return result;
}

/** @throws DemoError unless an input's operations have applied, all of them. */
function requireApplied(
  result: InputResult,
  operations: readonly SendableOperation[],
): readonly Told[] {
  return listOutcomes(result, operations.length).flatMap((one, i) => {
    if (one.status === "applied") return [one];
    const { refusal, detail } = one.refused;
    throw new DemoError(`${operations[i]?.body.kind} applies, but: ${refusal} ${detail}`);
  });
}

/** Operations signed by one account, with its next nonces. */
export async function signInOrder(
  client: TallyrollClient,
  signer: TypedDataSigner,
  bodies: readonly SignableBody[],
): Promise<RelayableOperation[]> {
  const { nonce } = await getAccount(client, { account: signer.address });
  return await Promise.all(
    bodies.map((body, i) => signRelayed(client, { body, signer, nonce: nonce + i })),
  );
}

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
 * @returns What that took.
 * @throws DemoError when one is refused.
 */
export async function sendBatches(gateway: TallyrollClient, batches: Iterable<SignedBatch>) {
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
    /** Of all inputs. */
    payloadBytes: inputs.reduce((sum, input) => sum + encodePlainEnvelope(input).length, 0),
    gas: gas.reduce((sum, used) => sum + used, 0n),
    /** From the first transaction to the last verdict. */
    durationSec: (performance.now() - beganMs) / 1_000,
  };
}
