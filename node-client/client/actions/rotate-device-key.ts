import { type Acting, defineAction, readOwn } from "./define-action.ts";
import { type PossessionSigner, provePossession } from "./register-device.ts";

export interface RotateDeviceKeyOptions {
  readonly deviceId: number;
  /** With the new key. */
  readonly device: PossessionSigner;
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
export const rotateDeviceKey = defineAction({
  body: ({ deviceId, device }: RotateDeviceKeyOptions, acting: Pick<Acting, "account" | "at">) => ({
    kind: "rotate_device_key",
    deviceId,
    ...provePossession(device, acting),
  }),
  read: (told) => readOwn("rotate_device_key", told),
});
