import type { Hex } from "../../../spec/outputs.ts";
import { type NumberedPageOptions, readQueryItems } from "./ask-query.ts";
import type { ServiceInfo } from "./get-service.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export interface ListServicesOptions extends NumberedPageOptions {
  readonly provider: Hex;
}

/**
 * A provider's services by their numbers, each with its current version; withdrawn ones, too.
 *
 * @throws What `inspectApplication` throws.
 * @example
 * for await (const { serviceId, name } of listServices(client, { provider })) { … }
 */
export function listServices(
  client: Pick<TallyrollClient, "inspect">,
  options: ListServicesOptions,
): AsyncGenerator<ServiceInfo, void> {
  return readQueryItems(client, "services", "services", options);
}
