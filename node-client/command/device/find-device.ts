import { unlessNotFound } from "../../client/actions/query-refused.ts";
import { type DeviceInfo, getDevice } from "../../client/actions/stream-queries.ts";
import type { TallyrollClient } from "../../client/actions/tallyroll-client.ts";
import type { Online } from "../connection/online.ts";
import { DeviceFileError, type KeptDeviceKey, listDeviceKeys } from "./device-files.ts";

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
 * The device that a word of the command line means: a number, a did:key, or a name under which the
 * data folder keeps its current key.
 *
 * @throws QueryRefused where the application has none, DeviceFileError for an unknown name.
 */
export async function findNamedDevice({ client, connection }: Online, word: string) {
  const by = /^\d{1,15}$/.test(word)
    ? { deviceId: Number(word) }
    : word.startsWith("did:key:")
      ? { did: word }
      : undefined;
  if (by !== undefined) {
    return { device: await getDevice(client, by), key: undefined, name: undefined };
  }
  const keys = listDeviceKeys(connection.dataFolder, word);
  const device = await findDevice(client, keys);
  if (device !== undefined) {
    return { device, key: keys.find(({ did }) => did === device.did), name: word };
  }
  const known = keys.length === 0 ? "has no key in this data folder" : "was never registered";
  throw new DeviceFileError(`The device ${JSON.stringify(word)} ${known}.`, {
    whatToDo: "Give a device's number, its did:key, or a name of `tallyroll device list`.",
  });
}
