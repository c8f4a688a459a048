import type { RegisterDevice, RevokeDevice, RotateDeviceKey } from "../../spec/core-operations.ts";
import {
  encodeDid,
  encodePossessionMessage,
  isDeviceKey,
  splitDeviceKey,
  verifyDeviceSignature,
} from "../../spec/device-key.ts";
import { encodeNotice } from "../../spec/notices.ts";
import { isRefused, type Refused, refuse } from "../../spec/refusals.ts";
import { equalBytes } from "../../spec/words.ts";
import { type Handlers, hex, type OperationContext, type Outcome } from "./operation-context.ts";
import { refuseSignature } from "./refuse-budget.ts";
import type { DeviceRow, Store } from "./store.ts";

export const DEVICE_HANDLERS = {
  register_device: applyRegisterDevice,
  rotate_device_key: applyRotateDeviceKey,
  revoke_device: applyRevokeDevice,
} satisfies Partial<Handlers>;

/** §3.1 Registers a device for the actor, with the device's proof of possession. */
function applyRegisterDevice(body: RegisterDevice, context: OperationContext): Outcome {
  const { store, actor } = context;
  const fault = checkNewKey(body.key, body.possession, context);
  if (fault !== undefined) return fault;

  // COMMIT POINT
  const deviceId = store.getNextDeviceId();
  const did = encodeDid(body.key);
  store.insertDevice({
    deviceId,
    owner: actor,
    did,
    key: body.key,
    keyCount: 1,
    isRevoked: false,
  });
  store.insertDeviceKey(body.key, deviceId);
  return [encodeNotice("DeviceRegistered", [BigInt(deviceId), hex(actor), did])];
}

/** §3.1 Gives a device a new key; its identifier, streams and batches stay. */
function applyRotateDeviceKey(body: RotateDeviceKey, context: OperationContext): Outcome {
  const { store } = context;
  const device = findOwnDevice(store, body.deviceId, context.actor);
  if (isRefused(device)) return device;
  const fault = checkNewKey(body.key, body.possession, context);
  if (fault !== undefined) return fault;

  // COMMIT POINT
  const did = encodeDid(body.key);
  store.updateDevice({ ...device, did, key: body.key, keyCount: device.keyCount + 1 });
  store.insertDeviceKey(body.key, device.deviceId);
  return [encodeNotice("DeviceKeyRotated", [BigInt(device.deviceId), did])];
}

/** §3.1 Ends a device for good: nothing it signs counts from here on. */
function applyRevokeDevice(body: RevokeDevice, context: OperationContext): Outcome {
  const { store } = context;
  const device = findOwnDevice(store, body.deviceId, context.actor);
  if (isRefused(device)) return device;

  // COMMIT POINT
  store.updateDevice({ ...device, isRevoked: true });
  return [encodeNotice("DeviceRevoked", [BigInt(device.deviceId)])];
}

/** The device, if it is there, the actor's, and not revoked. */
export function findOwnDevice(
  store: Store,
  deviceId: number,
  actor: Uint8Array,
): DeviceRow | Refused {
  const device = findOwnedDevice(store, deviceId, actor);
  if (isRefused(device)) return device;
  return device.isRevoked ? refuse("device_revoked", `device ${deviceId}`) : device;
}

/** The device, if it is there and the actor's: what it sent before can be sold after its end. */
export function findOwnedDevice(
  store: Store,
  deviceId: number,
  actor: Uint8Array,
): DeviceRow | Refused {
  const device = store.getDevice(deviceId);
  if (device === undefined) return refuse("device_not_found", `device ${deviceId}`);
  if (!equalBytes(device.owner, actor)) {
    return refuse(
      "device_sender_not_owner",
      `device ${deviceId} is of ${hex(device.owner)}, not ${hex(actor)}`,
    );
  }
  return device;
}

/** Why a key cannot become a device's, in the order of spec §3.1. */
function checkNewKey(
  key: Uint8Array,
  possession: Uint8Array,
  context: OperationContext,
): Refused | undefined {
  const { store, crypto, budget } = context;
  const parts = splitDeviceKey(key);
  if (parts === undefined)
    return refuse("device_key_invalid", `${key.length} bytes are no key of a known type`);
  const used = store.getDeviceIdOfKey(key);
  if (used !== undefined) return refuse("device_key_used", `it was device ${used}'s`);
  if (budget.signatures <= 0) return refuseSignature();
  budget.signatures -= 1;
  if (!isDeviceKey(crypto, parts))
    return refuse("device_key_invalid", `${hex(key)} is no point of its curve`);
  const message = encodePossessionMessage(context.at, context.actor, key);
  if (!verifyDeviceSignature(crypto, parts, message, possession)) {
    return refuse(
      "device_possession_unproven",
      `not signed by ${hex(key)} for the owner ${hex(context.actor)}`,
    );
  }
  return undefined;
}
