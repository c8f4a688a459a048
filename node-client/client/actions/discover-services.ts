import type { Hex } from "../../../spec/outputs.ts";
import type { DeliveryMode } from "../../../spec/service-operations.ts";
import { type QueryPageOptions, readQueryItems } from "./ask-query.ts";
import type { ServiceInfo } from "./get-service.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export interface DiscoverServicesOptions extends QueryPageOptions {
  readonly tag: string;
  readonly mode: DeliveryMode;
  /** `ETHER`, or an ERC-20. */
  readonly token: Hex;
  /** Base units a unit at most; anything by default. */
  readonly priceMax?: bigint;
}

/**
 * The services of a tag, mode and token within a price, cheapest first, of equal price the oldest:
 * with their endpoints and their providers' facts. All pages.
 *
 * @throws What `inspectApplication` throws.
 * @example
 * for await (const { serviceId, price } of discoverServices(client, {
 *   tag: "weather", mode: "pull", token: ETHER, priceMax: 1_000n,
 * })) console.log(serviceId, price);
 */
export function discoverServices(
  client: Pick<TallyrollClient, "inspect">,
  options: DiscoverServicesOptions,
): AsyncGenerator<ServiceInfo, void> {
  return readQueryItems(client, "discover", "services", options);
}
