import type { Hex } from "../../../spec/outputs.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

interface DeviceAnswer {
  readonly device_id: number;
  readonly owner: Hex;
  readonly did: string;
  readonly key_count: number;
  readonly is_revoked: boolean;
}

export interface DeviceInfo {
  readonly deviceId: number;
  readonly owner: Hex;
  /** Of its current key. */
  readonly did: string;
  /** Keys it has had, the current one included. */
  readonly keyCount: number;
  readonly isRevoked: boolean;
}

/**
 * One device, by its number or by any key it ever had.
 *
 * @throws QueryRefused where there is none, and what `inspectApplication` throws.
 * @example
 * const { owner } = await getDevice(client, { did: "did:key:z6Mk…" });
 */
export async function getDevice(
  client: Pick<TallyrollClient, "inspect">,
  by: { readonly deviceId: number } | { readonly did: string },
): Promise<DeviceInfo> {
  const fields = "did" in by ? { did: by.did } : { device_id: by.deviceId };
  return fromDeviceAnswer(await client.inspect<DeviceAnswer>({ query: "device", ...fields }));
}

/** An answer to `device`, or one of those to `devices`. */
export function fromDeviceAnswer(answer: DeviceAnswer): DeviceInfo {
  return {
    deviceId: answer.device_id,
    owner: answer.owner,
    did: answer.did,
    keyCount: answer.key_count,
    isRevoked: answer.is_revoked,
  };
}
