import { bytesToHex } from "viem";
import type { Crypto } from "../../spec/crypto.ts";
import type { DeviceKeyType } from "../../spec/device-key.ts";
import { encodePlainEnvelope } from "../../spec/envelope.ts";
import { READINGS_PER_INPUT_MAX } from "../../spec/limits.ts";
import type { Operation, OperationBody } from "../../spec/operations.ts";
import type { Metric } from "../../spec/readings.ts";
import { declareStream, registerDevice } from "../client/actions/device-actions.ts";
import { grant, registerEncryptionKey } from "../client/actions/grant-actions.ts";
import {
  createDeviceSigner,
  type DeviceSigner,
  type RandomSource,
} from "../client/device/device-signer.ts";
import { StreamWriter } from "../client/device/stream-writer.ts";
import type { DeviceReadings } from "../files/read-readings.ts";
import { type StoredReadings, sliceReadings } from "../files/slice-readings.ts";
import { groupOperations } from "./group-operations.ts";
import type { HistoryInput } from "./history-lines.ts";
import { signWithOpenSsl } from "./openssl-signer.ts";

/**
 * Set-up operations in one input: each checks a proof of possession or writes some rows. So many
 * declarations of the widest streams stay within the values that an input may hold.
 */
const SETUP_OPERATIONS_PER_INPUT = 32;

/** Somebody who may read all of the sealed streams of a history from its beginning. */
export interface HistoryBuyer {
  /** Registers the key by an input of its own, 20 bytes. */
  readonly account: Uint8Array;
  /** The X25519 key that the epoch keys are wrapped to, 32 bytes. */
  readonly key: Uint8Array;
}

/** An input of a history, and what it carries. */
export interface EncodedInput extends HistoryInput {
  /** Readings of the batches in it; 0 for the set-up. */
  readonly readingCount: number;
}

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
   * The key group of each metric for sealed streams, or what finds them for each device;
   * `undefined` leaves them open. All zeros sells a reading as a whole.
   */
  readonly keyGroups:
    | readonly number[]
    | ((metrics: readonly Metric[]) => readonly number[])
    | undefined;
  readonly streamName: string;
  /** How long the bodies of the batches stay; for ever unless given. */
  readonly retentionSec?: number;
  /** Batches in one input; 1 unless a gateway collects several. */
  readonly batchesPerInput: number;
  /** Registrations, declarations and grants in one input; 32 by default. */
  readonly setupOperationsPerInput?: number | undefined;
  readonly firstBlockNumber: number;
  readonly firstTimestampSec: number;
  /** Each gets a grant of all key groups of every stream; for sealed streams only. */
  readonly buyers?: readonly HistoryBuyer[] | undefined;
  /** When those grants end; required with buyers. */
  readonly grantsExpireAtSec?: number | undefined;
}

/** One device of an encoded history with all that its owner must keep. */
export interface EncodedDevice {
  readonly deviceName: string;
  readonly deviceId: number;
  readonly streamId: number;
  readonly streamName: string;
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
  readings: readonly (DeviceReadings | StoredReadings)[],
  options: EncodeOptions,
): EncodedDevice[] {
  return readings.map(({ deviceName, metrics }, index) => {
    const { random } = options;
    const keyGroups =
      typeof options.keyGroups === "function" ? options.keyGroups(metrics) : options.keyGroups;
    const groupCount = keyGroups === undefined ? 0 : Math.max(...keyGroups) + 1;
    return {
      deviceName,
      deviceId: index + 1,
      streamId: index + 1,
      streamName: options.streamName,
      signer: signWithOpenSsl(createDeviceSigner(options.keyType, random)),
      metrics: metrics.map((metric, m) => ({ ...metric, group: keyGroups?.[m] ?? 0 })),
      epochKeys: Array.from({ length: groupCount }, () => random(32)),
    };
  });
}

/**
 * The whole history of some devices' readings: registrations, declarations, the buyers' keys and
 * grants, then the batches of all devices in turn. Needs no chain; an empty application accepts
 * every input.
 *
 * @throws RangeError when a batch does not fit into one input: take fewer readings a batch.
 */
export function* encodeHistory(
  crypto: Crypto,
  readings: readonly (DeviceReadings | StoredReadings)[],
  devices: readonly EncodedDevice[],
  options: EncodeOptions,
): Generator<EncodedInput> {
  let inputIndex = 0;
  const toInput = (operations: readonly Operation[], sender = options.owner): EncodedInput => {
    const at = {
      chainId: options.chainId,
      app: options.app,
      sender,
      blockNumber: options.firstBlockNumber + inputIndex,
      timestampSec: options.firstTimestampSec + inputIndex,
      prevRandao: new Uint8Array(32),
      inputIndex,
    };
    inputIndex += 1;
    const readingCount = operations.reduce((sum, { body }) => sum + countReadings(body), 0);
    return { at, payload: encodePlainEnvelope(operations), readingCount };
  };

  const setup = [
    ...devices.map(toRegistration(options)),
    ...devices.map(toDeclaration(crypto, options)),
  ];
  const setupMax = options.setupOperationsPerInput ?? SETUP_OPERATIONS_PER_INPUT;
  for (const operations of groupOperations(setup, setupMax, itself)) yield toInput(operations);
  for (const { account, key } of options.buyers ?? []) {
    yield toInput([bySender(registerEncryptionKey.body({ key }))], account);
  }
  const grants = encodeGrants(crypto, devices, options);
  for (const operations of groupOperations(grants, setupMax, itself)) yield toInput(operations);

  const batchesMax = Math.min(
    options.batchesPerInput,
    Math.floor(READINGS_PER_INPUT_MAX / options.batchSize),
  );
  const batches = encodeBatches(crypto, readings, devices, options);
  for (const operations of groupOperations(batches, batchesMax, itself)) yield toInput(operations);
}

const bySender = (body: OperationBody): Operation => ({ authorization: { by: "sender" }, body });

const countReadings = (body: OperationBody): number => (body.kind === "submit" ? body.count : 0);

const itself = (operation: Operation): Operation => operation;

const toRegistration =
  (options: EncodeOptions) =>
  ({ signer: device }: EncodedDevice): Operation => {
    const acting = { account: bytesToHex(options.owner), at: options };
    return bySender(registerDevice.body({ device }, acting));
  };

const toDeclaration =
  (crypto: Crypto, { retentionSec = 0 }: EncodeOptions) =>
  ({ deviceId, streamName: name, metrics, epochKeys }: EncodedDevice): Operation => {
    const sealing = epochKeys.length > 0 ? { epochKeys } : {};
    const fields = { deviceId, name, metrics, retentionSec, ...sealing };
    return bySender(declareStream.body(fields, { crypto }));
  };

/** All key groups of every stream's first epoch, to every buyer. */
function* encodeGrants(
  crypto: Crypto,
  devices: readonly EncodedDevice[],
  { chainId, app, random, buyers = [], grantsExpireAtSec: expiresAtSec = 0 }: EncodeOptions,
): Generator<Operation> {
  const at = { chainId, app };
  for (const { account, key } of buyers) {
    const [buyer, buyerKey] = [bytesToHex(account), bytesToHex(key)];
    for (const { streamId, epochKeys: keys } of devices) {
      const place = { streamId, epoch: 0, buyer, buyerKey, expiresAtSec };
      const given = { epochKeys: new Map(keys.entries()), ephemeralSecret: random(32) };
      yield bySender(grant.body({ ...place, ...given }, { crypto, at }));
    }
  }
}

/** The batches of all devices, one of each in turn, until all readings are sealed. */
function* encodeBatches(
  crypto: Crypto,
  readings: readonly (DeviceReadings | StoredReadings)[],
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
