import { encodePossessionMessage } from "../../../spec/device-key.ts";
import type { Hex } from "../../../spec/outputs.ts";
import { type AppliedAt, type ApplyOptions, actorOf, applyOperation } from "./apply-operation.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

/** The device's end: its public key, and its signature. `createDeviceSigner` makes one. */
export interface PossessionSigner {
  /** Multicodec prefix and public key: the bytes inside a `did:key`. */
  readonly key: Uint8Array;
  sign(message: Uint8Array): Uint8Array;
}

export interface RegisterDeviceOptions extends ApplyOptions {
  readonly device: PossessionSigner;
}

export interface RegisterDeviceResult extends AppliedAt {
  readonly deviceId: number;
  readonly owner: Hex;
  readonly did: string;
}

/**
 * Registers a device with its owner: the device signs that it agrees.
 *
 * @throws OperationRefused: device_key_invalid, device_key_used, device_possession_unproven.
 * @example
 * const device = createDeviceSigner("ed25519", systemRandom);
 * const { deviceId, did } = await registerDevice(client, { device });
 */
export async function registerDevice(
  client: TallyrollClient,
  { device, ...options }: RegisterDeviceOptions,
): Promise<RegisterDeviceResult> {
  const { key } = device;
  const owner = actorOf(client, options.relay);
  const possession = device.sign(encodePossessionMessage(client.at, owner, key));
  const body = { kind: "register_device", key, possession } as const;
  const { at, fields } = await applyOperation(client, body, "DeviceRegistered", options);
  return { ...at, deviceId: Number(fields.deviceId), owner: fields.owner, did: fields.did };
}
