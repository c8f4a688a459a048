import { type AppliedAt, type ApplyOptions, applyOperation } from "./apply-operation.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export interface RevokeDeviceOptions extends ApplyOptions {
  readonly deviceId: number;
}

export interface RevokeDeviceResult extends AppliedAt {
  readonly deviceId: number;
}

/**
 * Ends a device for good: it sends nothing more. What it sent stays, and can still be granted.
 *
 * @throws OperationRefused: device_not_found, device_sender_not_owner, device_revoked.
 * @example
 * await revokeDevice(client, { deviceId: 1 });
 */
export async function revokeDevice(
  client: TallyrollClient,
  { deviceId, ...options }: RevokeDeviceOptions,
): Promise<RevokeDeviceResult> {
  const body = { kind: "revoke_device", deviceId } as const;
  const { at, fields } = await applyOperation(client, body, "DeviceRevoked", options);
  return { ...at, deviceId: Number(fields.deviceId) };
}
