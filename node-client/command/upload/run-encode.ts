import { bytesToHex } from "@noble/hashes/utils.js";
import { createNodeCrypto } from "../../../dapp/crypto/node-crypto.ts";
import type { Crypto } from "../../../spec/crypto.ts";
import { encodeDid } from "../../../spec/device-key.ts";
import { systemRandom } from "../../client/device/device-signer.ts";
import { countOf } from "../../count-of.ts";
import { ClientError } from "../../errors.ts";
import { requireMetrics } from "../../files/declare-metrics.ts";
import { storeReadings } from "../../files/reading-store.ts";
import { countReadings, type StoredReadings } from "../../files/slice-readings.ts";
import { formatNotes } from "../../files/understanding.ts";
import {
  createDevices,
  type EncodedDevice,
  type EncodedInput,
  type EncodeOptions,
  encodeHistory,
} from "../../history/encode-history.ts";
import { formatHistoryLine } from "../../history/history-lines.ts";
import { seedHistory } from "../../history/seed-history.ts";
import { loadMachineSecret } from "../connection/machine-key.ts";
import { createFile, requireNoFile } from "../terminal/create-file.ts";
import type { Terminal } from "../terminal/terminal.ts";
import type { EncodeSettings } from "./encode-options.ts";
import { takeFitting } from "./plan-upload.ts";
import { findKeyGroups, type LoadedFile, loadFile, requireKeyGroups } from "./reading-options.ts";

/** Encoded histories have no chain: each input is one block and one second after the one before. */
const FIRST_BLOCK_NUMBER = 1;
const FIRST_TIMESTAMP_SEC = 1_700_000_000;
/** 2100-01-01: grants of an encoded history do not end while somebody looks at it. */
const GRANTS_EXPIRE_AT_SEC = 4_102_444_800;
/** Any secret will do: it only tells whether a key is usable. */
const PROBE_SECRET = new Uint8Array(32).fill(0x42);

export async function runEncode(settings: EncodeSettings, terminal: Terminal): Promise<void> {
  if (settings.keys !== undefined) requireNoFile(settings.keys, terminal.io);
  const loaded = await loadFile(settings, terminal);
  try {
    for (const line of formatNotes(loaded.understood.summary.notes)) terminal.note(line);
    await encode(loaded, settings, terminal);
  } finally {
    loaded.close();
  }
}

async function encode(
  loaded: LoadedFile,
  settings: EncodeSettings,
  terminal: Terminal,
): Promise<void> {
  const keyGroups = findKeyGroups(settings);
  requireKeyGroups(settings, loaded.understood);
  const { rules, devices } = loaded.understood;
  requireMetrics(
    rules,
    devices.map(({ columns }) => columns),
  );
  const crypto = await createNodeCrypto();
  requireBuyers(settings, crypto);

  const unseeded = {
    chainId: BigInt(settings.chainId),
    app: settings.app,
    owner: settings.owner,
    machineKey: findMachineKey(settings, crypto, terminal),
    batchSize: settings.batch,
    keyType: settings.keyType,
    keyGroups,
    streamName: settings.streamName,
    retentionSec: settings.retention,
    batchesPerInput: settings.batchesPerInput,
    firstBlockNumber: FIRST_BLOCK_NUMBER,
    firstTimestampSec: FIRST_TIMESTAMP_SEC,
    buyers: settings.buyer,
    grantsExpireAtSec: GRANTS_EXPIRE_AT_SEC,
  };
  const store = storeReadings(loaded.understood, loaded.hear);
  try {
    const { seed } = settings;
    const random = seed === undefined ? systemRandom : seedHistory(seed, store.readings, unseeded);
    const options: EncodeOptions = { ...unseeded, random };
    await writeHistory(crypto, store.readings, options, settings, terminal);
  } finally {
    store.close();
  }
}

async function writeHistory(
  crypto: Crypto,
  readings: readonly StoredReadings[],
  options: EncodeOptions,
  settings: EncodeSettings,
  terminal: Terminal,
): Promise<void> {
  const devices = createDevices(readings, options);
  // The keys first: whoever has some of the history must be able to have its keys.
  if (settings.keys !== undefined) {
    const path = createFile(settings.keys, formatKeysFile(devices, options), terminal.io);
    terminal.note(`The devices' keys are in ${path}: whoever has them can sign as the devices.`);
  }
  if (settings.seed !== undefined) {
    terminal.note("All keys follow from the seed: whoever knows it can sign and read everything.");
  } else if (settings.keys === undefined) {
    terminal.note("The devices' keys were not kept: nothing can be added later (--keys FILE).");
  }

  const inputs = encodeHistory(crypto, readings, devices, options);
  const written = await writeInputs(inputs, countReadings(readings), settings, terminal);
  if (!terminal.isClosed) terminal.note(formatSummary(written, devices.length, settings.json));
}

async function writeInputs(
  inputs: Iterator<EncodedInput>,
  readingCount: number,
  { batch }: EncodeSettings,
  terminal: Terminal,
) {
  // Payload bytes of the inputs that carry batches.
  const written = { inputs: 0, readings: 0, submissionBytes: 0 };
  // A reader that has gone, as with `| head`, has all that it wanted.
  while (!terminal.isClosed) {
    const next = takeFitting(inputs, batch, ClientError);
    if (next === undefined) break;
    await terminal.print(`${formatHistoryLine(next)}\n`);
    written.inputs += 1;
    written.readings += next.readingCount;
    if (next.readingCount > 0) written.submissionBytes += next.payload.length;
    terminal.progress(() => `encoded ${written.readings} of ${readingCount} readings`);
  }
  return written;
}

function findMachineKey(settings: EncodeSettings, crypto: Crypto, terminal: Terminal): Uint8Array {
  const { machinePublicKey: given, dataFolder } = settings;
  if (given === undefined) {
    return crypto.x25519PublicKey(loadMachineSecret(dataFolder, terminal).secret);
  }
  if (crypto.x25519(PROBE_SECRET, given) !== undefined) return given;
  throw new ClientError("The machine's public key is not a usable X25519 key.", {
    whatToDo: 'Ask the machine for it: the query "root" answers its machine_key.',
  });
}

function requireBuyers({ buyer, sealed, keyGroups }: EncodeSettings, crypto: Crypto): void {
  if (buyer.length > 0 && !sealed && keyGroups === undefined) {
    throw new ClientError("Open streams have nothing to grant to a buyer.", {
      whatToDo: "Add --sealed or --key-groups, or leave --buyer out.",
    });
  }
  if (buyer.every(({ key }) => crypto.x25519(PROBE_SECRET, key) !== undefined)) return;
  throw new ClientError("A buyer's key is not a usable X25519 public key.", {
    whatToDo: "Give the public key, not the secret, of the buyer's X25519 key pair.",
  });
}

function formatSummary(
  { inputs, readings, submissionBytes }: Awaited<ReturnType<typeof writeInputs>>,
  devices: number,
  isJson: boolean,
): string {
  const bytesPerReading = Number((submissionBytes / readings).toFixed(2));
  if (isJson)
    return JSON.stringify({ inputs, devices, readings, submissionBytes, bytesPerReading });
  return (
    `${countOf(inputs, "input")}: ${countOf(devices, "device")}, ${countOf(readings, "reading")}, ` +
    `${bytesPerReading} payload bytes a reading`
  );
}

/**
 * What the owner of an encoded history keeps: for every device its secret and identifiers, and the
 * epoch keys of its stream by key group. JSON, bytes as 0x and hexadecimal digits.
 */
function formatKeysFile(devices: readonly EncodedDevice[], options: EncodeOptions): string {
  const file = {
    chain_id: Number(options.chainId),
    app_contract: hex(options.app),
    owner: hex(options.owner),
    machine_key: hex(options.machineKey),
    devices: devices.map((device) => ({
      name: device.deviceName,
      device_id: device.deviceId,
      did: encodeDid(device.signer.key),
      key_type: device.signer.type,
      secret: hex(device.signer.secret),
      stream_id: device.streamId,
      stream_name: device.streamName,
      metrics: device.metrics.map(({ name, group }) => ({ name, key_group: group })),
      epoch: 0,
      epoch_keys: device.epochKeys.map(hex),
    })),
  };
  return `${JSON.stringify(file, null, 2)}\n`;
}

const hex = (bytes: Uint8Array): string => `0x${bytesToHex(bytes)}`;
