import type { Hex } from "../../../spec/outputs.ts";
import { type NumberedPageOptions, readQueryItems } from "./ask-query.ts";
import type { DeviceInfo } from "./get-device.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export interface ListDevicesOptions extends NumberedPageOptions {
  readonly owner: Hex;
}

/**
 * An owner's devices by their numbers, all pages.
 *
 * @throws What `inspectApplication` throws.
 * @example
 * for await (const { deviceId, did } of listDevices(client, { owner })) console.log(deviceId, did);
 */
export function listDevices(
  client: Pick<TallyrollClient, "inspect">,
  options: ListDevicesOptions,
): AsyncGenerator<DeviceInfo, void> {
  return readQueryItems(client, "devices", "devices", options);
}
