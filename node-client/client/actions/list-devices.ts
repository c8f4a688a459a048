import type { Hex } from "../../../spec/outputs.ts";
import { type DeviceAnswer, type DeviceInfo, fromDeviceAnswer } from "./get-device.ts";
import { type QueryPageOptions, readQueryPages } from "./read-query-pages.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export interface ListDevicesOptions extends QueryPageOptions {
  readonly owner: Hex;
  /** Only devices with higher numbers. */
  readonly after?: number;
}

interface DevicesAnswer {
  readonly devices: readonly DeviceAnswer[];
  readonly next: number | null;
}

/**
 * An owner's devices by their numbers, all pages.
 *
 * @throws What `inspectApplication` throws.
 * @example
 * for await (const { deviceId, did } of listDevices(client, { owner })) console.log(deviceId, did);
 */
export async function* listDevices(
  client: Pick<TallyrollClient, "inspect">,
  { owner, after, ...options }: ListDevicesOptions,
): AsyncGenerator<DeviceInfo, void> {
  const query = { query: "devices", owner };
  const pages = readQueryPages<DevicesAnswer>(client, query, "after", { ...options, from: after });
  for await (const { devices } of pages) yield* devices.map(fromDeviceAnswer);
}
