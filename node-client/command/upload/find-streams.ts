import { hexToBytes } from "viem";
import type { DeviceKeyType } from "../../../spec/device-key.ts";
import type { Hex } from "../../../spec/outputs.ts";
import type { Metric } from "../../../spec/readings.ts";
import { type DeviceInfo, getDevice } from "../../client/actions/get-device.ts";
import { getStream, type StreamInfo } from "../../client/actions/get-stream.ts";
import { unlessNotFound } from "../../client/actions/query-refused.ts";
import type { TallyrollClient } from "../../client/actions/tallyroll-client.ts";
import { ClientError } from "../../errors.ts";
import type { StoredReadings } from "../../files/slice-readings.ts";
import { findEpochKeys, type KeptDeviceKey, listDeviceKeys } from "../device/device-files.ts";

/** Where the readings of a file go, and from where the secrets come. */
export interface UploadTarget {
  readonly client: TallyrollClient;
  readonly dataFolder: string;
  /** Owns the devices, lower case. */
  readonly owner: Hex;
  readonly streamName: string;
  readonly keyType: DeviceKeyType;
  /** Of each metric of a new stream that is sealed; `undefined` where new ones are open. */
  readonly keyGroups: ((metrics: readonly Metric[]) => readonly number[]) | undefined;
}

/** A device of the file as far as the application knows it. */
export interface FoundStream {
  readonly readings: StoredReadings;
  /** The current key; `undefined` where this device is new. */
  readonly key: KeptDeviceKey | undefined;
  readonly device: DeviceInfo | undefined;
  readonly stream: StreamInfo | undefined;
  /** Of the current epoch of a sealed stream. */
  readonly epochKeys: readonly Uint8Array[] | undefined;
}

/** What the application knows is not what the file needs: nothing was sent. */
export class UploadTargetError extends ClientError {
  override readonly name = "UploadTargetError";
}

/** Queries that are on their way at once. */
const QUERIES_AT_ONCE = 8;

/**
 * Looks up every device of a file and its stream, and checks that readings could be sent to it.
 *
 * @throws UploadTargetError where a device is another owner's or revoked, its key or its stream's
 * keys are not here, or its stream was declared otherwise.
 */
export async function findStreams(
  target: UploadTarget,
  readings: readonly StoredReadings[],
): Promise<FoundStream[]> {
  const found: FoundStream[] = [];
  for (let at = 0; at < readings.length; at += QUERIES_AT_ONCE) {
    const some = readings.slice(at, at + QUERIES_AT_ONCE);
    found.push(...(await Promise.all(some.map((device) => findStream(target, device)))));
  }
  return found;
}

async function findStream(target: UploadTarget, readings: StoredReadings): Promise<FoundStream> {
  const { dataFolder } = target;
  const name = readings.deviceName;
  const known = await lookUp(target, name);
  const { stream } = known;
  if (stream === undefined) return { readings, ...known, epochKeys: undefined };
  requireSameDeclaration(target, name, stream, readings.metrics);
  const epochKeys = stream.isSealed
    ? findEpochKeys(
        dataFolder,
        name,
        stream.epochKeyHashes.map((hash) => hexToBytes(hash)),
      )
    : undefined;
  if (stream.isSealed && epochKeys === undefined) {
    throw new UploadTargetError(
      `The keys of stream ${stream.streamId}, epoch ${stream.epoch}, are not here.`,
      {
        whatToDo: "Use the --data-folder in which the stream was declared, or its epoch begun.",
      },
    );
  }
  return { readings, ...known, epochKeys };
}

/**
 * What the application knows of a device's name.
 *
 * @throws UploadTargetError where the device is another owner's or revoked, or its key is not here.
 */
export async function lookUp(
  target: UploadTarget,
  name: string,
): Promise<Pick<FoundStream, "key" | "device" | "stream">> {
  const { client, dataFolder } = target;
  const keys = listDeviceKeys(dataFolder, name);
  const device = await findDevice(client, keys);
  // Of a key that was made and never registered, there may be a newer one.
  const key = device === undefined ? keys[0] : keys.find(({ did }) => did === device.did);
  if (device === undefined) return { key, device, stream: undefined };
  const called = `Device ${device.deviceId}, ${JSON.stringify(name)},`;
  if (device.owner !== target.owner) {
    throw new UploadTargetError(`${called} belongs to ${device.owner}, not to ${target.owner}.`, {
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
  const asked = getStream(client, { deviceId, name: target.streamName });
  const stream = await unlessNotFound(asked, "stream_not_found");
  return { key, device, stream };
}

/** The device that has one of these keys; the newest key first. */
export async function findDevice(
  client: TallyrollClient,
  keys: readonly Pick<KeptDeviceKey, "did">[],
): Promise<DeviceInfo | undefined> {
  for (const { did } of keys) {
    const device = await unlessNotFound(getDevice(client, { did }), "device_not_found");
    if (device !== undefined) return device;
  }
  return undefined;
}

/**
 * Refuses metrics that are not those of a stream.
 *
 * @throws UploadTargetError that names what was declared.
 */
function requireSameDeclaration(
  target: UploadTarget,
  device: string,
  stream: StreamInfo,
  metrics: readonly Metric[],
): void {
  const isSame =
    stream.metrics.length === metrics.length &&
    stream.metrics.every((declared, m) => isSameMetric(declared, metrics[m]));
  if (!isSame) throw declaredOtherwise(target, device, stream);
}

/** The error of options that contradict what was declared. */
export function declaredOtherwise(
  { streamName }: UploadTarget,
  device: string,
  { deviceId, isSealed, metrics }: StreamInfo,
): UploadTargetError {
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
        "Leave --columns, --scale, --text, --sealed and --key-groups away, since what was " +
        "declared decides, or give another --stream-name.",
    },
  );
}

function isSameMetric(a: Metric, b: Metric | undefined): boolean {
  return (
    b !== undefined &&
    a.name === b.name &&
    a.unit === b.unit &&
    a.kind === b.kind &&
    a.scale === b.scale &&
    a.minimum === b.minimum &&
    a.maximum === b.maximum &&
    a.group === b.group
  );
}
