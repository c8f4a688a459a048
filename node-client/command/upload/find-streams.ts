import { isDeepStrictEqual } from "node:util";
import { hexToBytes } from "viem";
import { unlessNotFound } from "../../client/actions/query-refused.ts";
import {
  type DeviceInfo,
  getStream,
  type StreamInfo,
} from "../../client/actions/stream-queries.ts";
import type { ClientError } from "../../errors.ts";
import {
  type MetricColumn,
  requireMetrics,
  type UnderstoodDevice,
} from "../../files/declare-metrics.ts";
import type { ScannedDevice } from "../../files/file-scan.ts";
import { fitMetrics } from "../../files/fit-metrics.ts";
import { mergeNotes, type Note } from "../../files/notes.ts";
import type { StoredReadings } from "../../files/slice-readings.ts";
import type { UnderstoodFile } from "../../files/understand-file.ts";
import { findEpochKeys, type KeptDeviceKey, listDeviceKeys } from "../device/device-files.ts";
import { findDevice } from "../device/find-device.ts";
import { errorKind } from "../terminal/io.ts";
import { findKeyGroups } from "./reading-options.ts";
import type { Uploader } from "./submit-options.ts";

/** What the application knows of a device's name, and its key here. */
interface KnownDevice {
  /** The current key; `undefined` where this device is new. */
  readonly key: KeptDeviceKey | undefined;
  readonly device: DeviceInfo | undefined;
  readonly stream: StreamInfo | undefined;
}

/** A device of the file as far as the application knows it. */
export interface FoundStream extends KnownDevice {
  readonly readings: StoredReadings;
  /** Of the current epoch of a sealed stream. */
  readonly epochKeys: readonly Uint8Array[] | undefined;
}

/** What the application knows is not what the file needs: nothing was sent. */
export const UploadTargetError = errorKind("UploadTargetError");

const QUERIES_AT_ONCE = 8;

/**
 * Looks up every device of a file and its stream, and checks that readings could be sent to it.
 *
 * @throws UploadTargetError where a device is another owner's or revoked, its key or its stream's
 * keys are not here, or its stream was declared otherwise.
 */
export async function findStreams(
  uploader: Uploader,
  readings: readonly StoredReadings[],
): Promise<FoundStream[]> {
  const names = readings.map(({ deviceName }) => deviceName);
  const found: FoundStream[] = [];
  for await (const known of lookUpAll(uploader, names)) {
    found.push(requireWritable(uploader, readings[found.length]!, known));
  }
  return found;
}

/** What is known of devices, in the order of their names; several queries are on their way at once. */
async function* lookUpAll(
  uploader: Uploader,
  names: readonly string[],
): AsyncGenerator<KnownDevice> {
  for (let at = 0; at < names.length; at += QUERIES_AT_ONCE) {
    const some = names.slice(at, at + QUERIES_AT_ONCE);
    yield* await Promise.all(some.map((name) => lookUp(uploader, name)));
  }
}

/** A stream that is there takes these readings, and its keys are here. */
function requireWritable(
  uploader: Uploader,
  readings: StoredReadings,
  known: KnownDevice,
): FoundStream {
  const { stream } = known;
  if (stream === undefined) return { readings, ...known, epochKeys: undefined };
  const { deviceName: name, metrics } = readings;
  if (!isDeepStrictEqual(stream.metrics, metrics)) throw declaredOtherwise(uploader, name, stream);
  if (!stream.isSealed) return { readings, ...known, epochKeys: undefined };
  const hashes = stream.epochKeyHashes.map((hash) => hexToBytes(hash));
  const epochKeys = findEpochKeys(uploader.connection.dataFolder, name, hashes);
  if (epochKeys !== undefined) return { readings, ...known, epochKeys };
  throw new UploadTargetError(
    `The keys of stream ${stream.streamId}, epoch ${stream.epoch}, are not here.`,
    { whatToDo: "Use the --data-folder in which the stream was declared, or its epoch begun." },
  );
}

/**
 * What the application knows of a device's name.
 *
 * @throws UploadTargetError where the device is another owner's or revoked, or its key is not here.
 */
async function lookUp(uploader: Uploader, name: string): Promise<KnownDevice> {
  const { client, address, connection, options } = uploader;
  const keys = listDeviceKeys(connection.dataFolder, name);
  const device = await findDevice(client, keys);
  // Of a key that was made and never registered, there may be a newer one.
  const key = device === undefined ? keys[0] : keys.find(({ did }) => did === device.did);
  if (device === undefined) return { key, device, stream: undefined };
  const called = `Device ${device.deviceId}, ${JSON.stringify(name)},`;
  if (device.owner !== address) {
    throw new UploadTargetError(`${called} belongs to ${device.owner}, not to ${address}.`, {
      whatToDo: "Sign with its owner's key, or use another --data-folder to make new devices.",
    });
  }
  if (device.isRevoked) {
    throw new UploadTargetError(`${called} was revoked: it takes no more readings.`, {
      whatToDo: "Give the rows another device name, or leave them out.",
    });
  }
  if (key === undefined) {
    throw new UploadTargetError(`The current key of ${called.slice(0, -1)} is not here.`, {
      whatToDo: "Use the --data-folder in which its key was rotated.",
    });
  }
  const { deviceId } = device;
  const asked = getStream(client, { deviceId, name: options.streamName });
  const stream = await unlessNotFound(asked, "stream_not_found");
  return { key, device, stream };
}

function declaredOtherwise(
  { options: { streamName } }: Uploader,
  device: string,
  { deviceId, isSealed, metrics }: StreamInfo,
): ClientError {
  const kind = isSealed ? "sealed" : "open";
  const declared = metrics
    .map(({ name, kind, scale }) =>
      kind === "text" ? `${name} (text)` : `${name} (scale ${scale})`,
    )
    .join(", ");
  return new UploadTargetError(
    `Device ${deviceId}, ${JSON.stringify(device)}, has a stream ${JSON.stringify(streamName)} ` +
      `that was declared otherwise: ${kind}, ${declared}.`,
    {
      whatToDo:
        "Leave out --columns, --scale, --text, --sealed and --key-groups, since what was " +
        "declared decides, or give another --stream-name.",
    },
  );
}

/** A file's columns as the streams have them, and as new ones will; and what declarations change. */
export type FittedFile = Awaited<ReturnType<typeof fitStreams>>;

/**
 * Looks up the streams of a file's devices: what was declared decides, for new ones the file does.
 *
 * @throws UploadTargetError where options contradict a declaration, DataFileError where cells do.
 */
export async function fitStreams(uploader: Uploader, file: UnderstoodFile) {
  const columns = new Map<string, readonly MetricColumn[]>();
  const undeclared: string[] = [];
  const notes: Note[] = [];
  const counted = new Set<ScannedDevice["stats"]>();
  const devices = file.devices.values();
  const names = file.devices.map(({ name }) => name);
  for await (const { stream } of lookUpAll(uploader, names)) {
    const device = devices.next().value!;
    if (stream === undefined) {
      columns.set(device.name, withGroups(uploader, device.columns));
      if (device.columns.length > 0) undeclared.push(device.name);
      continue;
    }
    requireSameOptions(uploader, file, device, stream);
    const fitted = fitMetrics(file, device, stream.metrics);
    columns.set(device.name, fitted.columns);
    // Cells that all devices share are counted once.
    const isCounted = counted.has(device.stats);
    counted.add(device.stats);
    notes.push(...fitted.notes.filter(({ count }) => count === undefined || !isCounted));
  }
  requireMetrics(file.rules, columns.values());
  return { columnsOf: columns, undeclared, notes: mergeNotes(notes) };
}

function withGroups(
  { options }: Uploader,
  columns: readonly MetricColumn[],
): readonly MetricColumn[] {
  const groupsOf = columns.length === 0 ? undefined : findKeyGroups(options);
  const groups = groupsOf?.(columns.map(({ metric }) => metric));
  return columns.map((column, m) => ({
    ...column,
    metric: { ...column.metric, group: groups?.[m] ?? 0 },
  }));
}

/** Whoever asks for something else than was declared has to hear that they do not get it. */
function requireSameOptions(
  uploader: Uploader,
  file: UnderstoodFile,
  device: UnderstoodDevice,
  stream: StreamInfo,
): void {
  const keyGroups = findKeyGroups(uploader.options);
  const { table, options } = file.rules;
  const { texts = [], scales = {} } = options;
  const isSealedOtherwise =
    keyGroups !== undefined &&
    (!stream.isSealed ||
      keyGroups(stream.metrics).some((group, m) => group !== stream.metrics[m]?.group));
  const isOtherwise = device.columns.some(({ metric, index, plan }) => {
    const declared = stream.metrics.find(({ name }) => name === metric.name);
    const isNamed = (name: string): boolean => name === metric.name || name === table.header[index];
    const isScaled = Object.keys(scales).some(isNamed);
    if (declared === undefined) return false;
    if (texts.some(isNamed) && plan.isExact) return declared.kind !== "text";
    return isScaled && (declared.kind !== metric.kind || declared.scale !== metric.scale);
  });
  if (isSealedOtherwise || isOtherwise) throw declaredOtherwise(uploader, device.name, stream);
}
