import {
  encodeDid,
  encodePossessionMessage,
  isDeviceKey,
  splitDeviceKey,
  verifyDeviceSignature,
} from "../../spec/device-key.ts";
import { encodeNotice } from "../../spec/notices.ts";
import type { BodyOf } from "../../spec/operations.ts";
import { isRefused, type Refused, refuse } from "../../spec/refusals.ts";
import { equalBytes } from "../../spec/words.ts";
import { openAccount } from "./balances.ts";
import { spendSignature } from "./budget.ts";
import type { Handlers, OperationContext, Outcome } from "./operation-context.ts";
import { noteMade } from "./resolve-references.ts";
import type { DeviceRow } from "./store.ts";

export const DEVICE_HANDLERS = {
  register_device: applyRegisterDevice,
  rotate_device_key: applyRotateDeviceKey,
  revoke_device: applyRevokeDevice,
} satisfies Partial<Handlers>;

/** §3.1 Registers a device for the actor, with the device's proof of possession. */
function applyRegisterDevice(body: BodyOf<"register_device">, context: OperationContext): Outcome {
  const { store, actor } = context;
  const fault = checkNewKey(body.key, body.possession, context);
  if (fault !== undefined) return fault;

  // COMMIT POINT
  const deviceId = store.devices.nextId();
  const did = encodeDid(body.key);
  store.devices.insert({
    deviceId,
    owner: actor,
    did,
    key: body.key,
    keyCount: 1,
    isRevoked: false,
  });
  store.deviceKeys.insert({ key: body.key, deviceId });
  openAccount(store, actor);
  noteMade(context, "device", deviceId);
  return [encodeNotice("DeviceRegistered", [deviceId, actor, did])];
}

/** §3.1 Gives a device a new key; its identifier, streams and batches stay. */
function applyRotateDeviceKey(
  body: BodyOf<"rotate_device_key">,
  context: OperationContext,
): Outcome {
  const { store } = context;
  const device = findOwnDevice(body.deviceId, context);
  if (isRefused(device)) return device;
  const fault = checkNewKey(body.key, body.possession, context);
  if (fault !== undefined) return fault;

  // COMMIT POINT
  const did = encodeDid(body.key);
  store.devices.update({ ...device, did, key: body.key, keyCount: device.keyCount + 1 });
  store.deviceKeys.insert({ key: body.key, deviceId: device.deviceId });
  return [encodeNotice("DeviceKeyRotated", [device.deviceId, did])];
}

/** §3.1 Ends a device for good: nothing it signs counts from here on. */
function applyRevokeDevice(body: BodyOf<"revoke_device">, context: OperationContext): Outcome {
  const { store } = context;
  const device = findOwnDevice(body.deviceId, context);
  if (isRefused(device)) return device;

  // COMMIT POINT
  store.devices.update({ ...device, isRevoked: true });
  return [encodeNotice("DeviceRevoked", [device.deviceId])];
}

/** The device, if it is there, the actor's, and not revoked. */
export function findOwnDevice(deviceId: number, context: OperationContext): DeviceRow | Refused {
  const device = findOwnedDevice(deviceId, context);
  if (isRefused(device)) return device;
  return device.isRevoked ? refuse("device_revoked", "device {deviceId}", device) : device;
}

/** The device, if it is there and the actor's: what it sent before can be sold after its end. */
export function findOwnedDevice(
  deviceId: number,
  { store, actor }: OperationContext,
): DeviceRow | Refused {
  const device = store.devices.get(deviceId);
  if (device === undefined) return refuse("device_not_found", "device {deviceId}", { deviceId });
  if (equalBytes(device.owner, actor)) return device;
  const detail = "device {deviceId} is of {owner}, not {actor}";
  return refuse("device_sender_not_owner", detail, { ...device, actor });
}

/** Why a key cannot become a device's, in the order of spec §3.1. */
function checkNewKey(
  key: Uint8Array,
  possession: Uint8Array,
  context: OperationContext,
): Refused | undefined {
  const { store, crypto, budget, actor: owner } = context;
  const parts = splitDeviceKey(key);
  if (parts === undefined) {
    const detail = "{byteCount} bytes are not a key of a known type";
    return refuse("device_key_invalid", detail, { byteCount: key.length });
  }
  const deviceId = store.deviceKeys.get(key)?.deviceId;
  if (deviceId !== undefined) {
    return refuse("device_key_used", "it was device {deviceId}'s", { deviceId });
  }
  const spent = spendSignature(budget);
  if (spent !== undefined) return spent;
  if (!isDeviceKey(crypto, parts)) {
    return refuse("device_key_invalid", "{key} is not a point of its curve", { key });
  }
  const message = encodePossessionMessage(context.at, owner, key);
  if (verifyDeviceSignature(crypto, parts, message, possession)) return undefined;
  const detail = "not signed by {key} for the owner {owner}";
  return refuse("device_possession_unproven", detail, { key, owner });
}
