import { hexToBytes } from "viem";
import { encodePossessionMessage } from "../../../spec/device-key.ts";
import { type Acting, defineAction, readOwn } from "./define-action.ts";

/** The device's end: its public key, and its signature. `createDeviceSigner` makes one. */
export interface PossessionSigner {
  /** Multicodec prefix and public key: the bytes inside a `did:key`. */
  readonly key: Uint8Array;
  sign(message: Uint8Array): Uint8Array;
}

export interface RegisterDeviceOptions {
  readonly device: PossessionSigner;
}

/**
 * Registers a device with its owner: the device signs that it agrees.
 *
 * @throws OperationRefused: device_key_invalid, device_key_used, device_possession_unproven.
 * @example
 * const device = createDeviceSigner("ed25519", systemRandom);
 * const { deviceId, did } = await registerDevice(client, { device });
 */
export const registerDevice = defineAction({
  body: ({ device }: RegisterDeviceOptions, acting: Pick<Acting, "account" | "at">) => ({
    kind: "register_device",
    ...provePossession(device, acting),
  }),
  read: (told) => readOwn("register_device", told),
});

/** A device's word that it belongs to the acting account. */
export const provePossession = (
  device: PossessionSigner,
  { account, at }: Pick<Acting, "account" | "at">,
): { readonly key: Uint8Array; readonly possession: Uint8Array } => ({
  key: device.key,
  possession: device.sign(encodePossessionMessage(at, hexToBytes(account), device.key)),
});
