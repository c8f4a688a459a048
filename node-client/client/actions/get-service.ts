import type { Hex } from "../../../spec/outputs.ts";
import type { InfoOf } from "../../../spec/queries.ts";
import { askQuery } from "./ask-query.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

/** A service with one version of its offer. */
export type ServiceInfo = InfoOf<"service">;
/** What a provider's escrows came to, as the machine counted it. */
export type ProviderFacts = InfoOf<"provider">;

/** By number, or by provider and name; `version`: by default the current one. */
export type GetServiceOptions = { readonly version?: number } & (
  | { readonly serviceId: number }
  | { readonly provider: Hex; readonly name: string }
);

/**
 * One service with a version of its offer and its provider's facts.
 *
 * @throws QueryRefused where there is none, and what `inspectApplication` throws.
 * @example
 * const { price, version } = await getService(client, { serviceId: 1 });
 */
export function getService(
  client: Pick<TallyrollClient, "inspect">,
  options: GetServiceOptions,
): Promise<ServiceInfo> {
  return askQuery(client, "service", options);
}
