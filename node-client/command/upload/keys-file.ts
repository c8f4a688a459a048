import { bytesToHex } from "@noble/hashes/utils.js";
import { encodeDid } from "../../../spec/device-key.ts";
import type { EncodedDevice, EncodeOptions } from "../../history/encode-history.ts";

/**
 * What the owner of an encoded history keeps: for every device its secret and identifiers, and the
 * epoch keys of its stream by key group. JSON, bytes as 0x and hexadecimal digits.
 *
 * @example
 * createFile("keys.json", formatKeysFile(devices, options), io);
 */
export function formatKeysFile(devices: readonly EncodedDevice[], options: EncodeOptions): string {
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
