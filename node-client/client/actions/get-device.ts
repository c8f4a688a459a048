import type { InfoOf } from "../../../spec/queries.ts";
import { askQuery } from "./ask-query.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export type DeviceInfo = InfoOf<"device">;

/**
 * One device, by its number or by any key it ever had.
 *
 * @throws QueryRefused where there is none, and what `inspectApplication` throws.
 * @example
 * const { owner } = await getDevice(client, { did: "did:key:z6Mk…" });
 */
export function getDevice(
  client: Pick<TallyrollClient, "inspect">,
  by: { readonly deviceId: number } | { readonly did: string },
): Promise<DeviceInfo> {
  return askQuery(client, "device", by);
}
