import { hexToBytes } from "viem";
import type { StreamInfo } from "../../client/actions/stream-queries.ts";
import { errorKind } from "../terminal/io.ts";
import { findEpochKeys, listDeviceNames } from "./device-files.ts";

export const EpochKeysMissing = errorKind("EpochKeysMissing");

/**
 * The keys of a stream's epoch, wherever in the data folder they are.
 *
 * @param stream Asked for with the hashes of this epoch.
 * @returns By key group, with the device whose name they are kept under.
 * @throws EpochKeysMissing for an open stream, and where the keys are not here.
 */
export function requireEpochKeys(
  dataFolder: string,
  { streamId, deviceId, isSealed, epochKeyHashes }: StreamInfo,
  epoch: number,
) {
  if (!isSealed) {
    throw new EpochKeysMissing(`Stream ${streamId} is open: it has no keys.`, {
      whatToDo: `Name a sealed stream; this one is read with \`tallyroll stream readings ${streamId}\`.`,
    });
  }
  const hashes = epochKeyHashes.map((hash) => hexToBytes(hash));
  // Of a device that is known by its number only, they are under that.
  for (const deviceName of [...listDeviceNames(dataFolder), nameOfNumber(deviceId)]) {
    const keys = hashes.length > 0 ? findEpochKeys(dataFolder, deviceName, hashes) : undefined;
    if (keys !== undefined) return { deviceName, keys };
  }
  throw new EpochKeysMissing(
    `The keys of stream ${streamId}, epoch ${epoch}, are not in ${dataFolder}.`,
    { whatToDo: "Use the --data-folder in which the stream was declared, or its epoch begun." },
  );
}

/** What a device is called whose own key is somewhere else. */
export const nameOfNumber = (deviceId: number): string => `device-${deviceId}`;
