import { defineAction, readOwn } from "./define-action.ts";

export interface RevokeDeviceOptions {
  readonly deviceId: number;
}

/**
 * Ends a device for good: it sends nothing more. What it sent stays, and can still be granted.
 *
 * @throws OperationRefused: device_not_found, device_sender_not_owner, device_revoked.
 * @example
 * await revokeDevice(client, { deviceId: 1 });
 */
export const revokeDevice = defineAction({
  body: ({ deviceId }: RevokeDeviceOptions) => ({ kind: "revoke_device", deviceId }),
  read: (told) => readOwn("revoke_device", told),
});
