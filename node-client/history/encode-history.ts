import type { Crypto } from "../../spec/crypto.ts";
import { type DeviceKeyType, encodePossessionMessage } from "../../spec/device-key.ts";
import { encodePlainEnvelope } from "../../spec/envelope.ts";
import { computeEpochKeyHash } from "../../spec/grant-keys.ts";
import { READINGS_PER_INPUT_MAX } from "../../spec/limits.ts";
import type { Operation, OperationBody } from "../../spec/operations.ts";
import type { Metric } from "../../spec/readings.ts";
import { type DeviceReadings, sliceReadings } from "../csv/read-readings.ts";
import { createDeviceSigner, type DeviceSigner } from "../device/device-signer.ts";
import type { RandomSource } from "../device/random-source.ts";
import { StreamWriter } from "../device/stream-writer.ts";
import type { HistoryInput } from "./history-lines.ts";

/** Set-up operations in one input: each checks a proof of possession or writes a few rows. */
const SETUP_OPERATIONS_PER_INPUT = 64;

export interface EncodeOptions {
  readonly chainId: bigint;
  readonly app: Uint8Array;
  /** Owns the devices and sends every input. */
  readonly owner: Uint8Array;
  /** The machine's X25519 public key. */
  readonly machineKey: Uint8Array;
  readonly random: RandomSource;
  /** Readings a batch, 1 to 4,096. */
  readonly batchSize: number;
  readonly keyType: DeviceKeyType;
  /**
   * The key group of each metric for sealed streams; `undefined` leaves them open. All zeros sells
   * a reading as a whole.
   */
  readonly keyGroups: readonly number[] | undefined;
  readonly streamName: string;
  /** Batches in one input; 1 unless a gateway collects several. */
  readonly batchesPerInput: number;
  readonly firstBlockNumber: number;
  readonly firstTimestampSec: number;
}

/** One device of an encoded history with all that its owner must keep. */
export interface EncodedDevice {
  readonly deviceName: string;
  readonly deviceId: number;
  readonly streamId: number;
  readonly signer: DeviceSigner;
  readonly metrics: readonly Metric[];
  /** By key group; empty for an open stream. */
  readonly epochKeys: readonly Uint8Array[];
}

/**
 * Makes the devices of an encoded history: their keys and the identifiers they will get in an
 * empty application, counted from 1.
 */
export function createDevices(
  readings: readonly DeviceReadings[],
  options: EncodeOptions,
): EncodedDevice[] {
  return readings.map(({ deviceName, metrics }, index) => {
    const { keyGroups, random } = options;
    const groupCount = keyGroups === undefined ? 0 : Math.max(...keyGroups) + 1;
    return {
      deviceName,
      deviceId: index + 1,
      streamId: index + 1,
      signer: createDeviceSigner(options.keyType, random),
      metrics: metrics.map((metric, m) => ({ ...metric, group: keyGroups?.[m] ?? 0 })),
      epochKeys: Array.from({ length: groupCount }, () => random(32)),
    };
  });
}

/**
 * The whole history of some devices' readings: registrations, declarations, then the batches of
 * all devices in turn. Needs no chain; an empty application accepts every input.
 */
export function* encodeHistory(
  crypto: Crypto,
  readings: readonly DeviceReadings[],
  devices: readonly EncodedDevice[],
  options: EncodeOptions,
): Generator<HistoryInput> {
  let inputIndex = 0;
  const toInput = (operations: readonly Operation[]): HistoryInput => {
    const at = {
      chainId: options.chainId,
      app: options.app,
      sender: options.owner,
      blockNumber: options.firstBlockNumber + inputIndex,
      timestampSec: options.firstTimestampSec + inputIndex,
      prevRandao: new Uint8Array(32),
      inputIndex,
    };
    inputIndex += 1;
    return { at, payload: encodePlainEnvelope(operations) };
  };

  const setup = [
    ...devices.map(({ signer }): OperationBody => {
      const message = encodePossessionMessage(options, options.owner, signer.key);
      return { kind: "register_device", key: signer.key, possession: signer.sign(message) };
    }),
    ...devices.map(
      ({ deviceId, metrics, epochKeys }): OperationBody => ({
        kind: "declare_stream",
        deviceId,
        name: options.streamName,
        isSealed: epochKeys.length > 0,
        metrics,
        epochKeyHashes: epochKeys.map((key) => computeEpochKeyHash(crypto, key)),
      }),
    ),
  ];
  for (let i = 0; i < setup.length; i += SETUP_OPERATIONS_PER_INPUT) {
    const bodies = setup.slice(i, i + SETUP_OPERATIONS_PER_INPUT);
    yield toInput(bodies.map((body) => ({ authorization: { by: "sender" }, body })));
  }

  const batches = Math.min(
    options.batchesPerInput,
    Math.floor(READINGS_PER_INPUT_MAX / options.batchSize),
  );
  let pending: Operation[] = [];
  for (const operation of encodeBatches(crypto, readings, devices, options)) {
    pending.push(operation);
    if (pending.length < batches) continue;
    yield toInput(pending);
    pending = [];
  }
  if (pending.length > 0) yield toInput(pending);
}

/** The batches of all devices, one of each in turn, until all readings are sealed. */
function* encodeBatches(
  crypto: Crypto,
  readings: readonly DeviceReadings[],
  devices: readonly EncodedDevice[],
  options: EncodeOptions,
): Generator<Operation> {
  const { chainId, app, machineKey, random, batchSize } = options;
  const writers = devices.map(({ deviceId, streamId, signer, metrics, epochKeys: keys }) => {
    const epochKeys = keys.length > 0 ? keys : undefined;
    const stream = { chainId, app, deviceId, streamId, metrics, epochKeys };
    return new StreamWriter(crypto, signer, machineKey, random, stream);
  });
  const countMax = Math.max(0, ...readings.map(({ times }) => times.length));
  for (let from = 0; from < countMax; from += batchSize) {
    for (const [index, device] of readings.entries()) {
      if (from >= device.times.length) continue;
      const slice = sliceReadings(device, from, Math.min(from + batchSize, device.times.length));
      yield writers[index]!.write(slice.times, slice.columns).operation;
    }
  }
}
