import { encodePossessionMessage } from "../../../spec/device-key.ts";
import { type AppliedAt, type ApplyOptions, actorOf, applyOperation } from "./apply-operation.ts";
import type { PossessionSigner } from "./register-device.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export interface RotateDeviceKeyOptions extends ApplyOptions {
  readonly deviceId: number;
  /** With the new key. */
  readonly device: PossessionSigner;
}

export interface RotateDeviceKeyResult extends AppliedAt {
  readonly deviceId: number;
  /** Of the new key. */
  readonly did: string;
}

/**
 * Gives a device another key. Its number, streams and batches stay; no key ever comes back.
 *
 * @throws OperationRefused: device_not_found, device_sender_not_owner, device_revoked,
 * device_key_invalid, device_key_used, device_possession_unproven.
 * @example
 * const device = createDeviceSigner("p256", systemRandom);
 * await rotateDeviceKey(client, { deviceId: 1, device });
 */
export async function rotateDeviceKey(
  client: TallyrollClient,
  { deviceId, device, ...options }: RotateDeviceKeyOptions,
): Promise<RotateDeviceKeyResult> {
  const { key } = device;
  const owner = actorOf(client, options.relay);
  const possession = device.sign(encodePossessionMessage(client.at, owner, key));
  const body = { kind: "rotate_device_key", deviceId, key, possession } as const;
  const { at, fields } = await applyOperation(client, body, "DeviceKeyRotated", options);
  return { ...at, deviceId: Number(fields.deviceId), did: fields.did };
}
