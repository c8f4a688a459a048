import type { Hex } from "../../../spec/outputs.ts";
import { askQuery } from "./ask-query.ts";
import type { ProviderFacts } from "./get-service.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

/**
 * What the machine counted of a provider: all 0 for nobody known.
 *
 * @throws What `inspectApplication` throws.
 * @example
 * const { released, lapsed } = await getServiceProvider(client, { provider });
 */
export function getServiceProvider(
  client: Pick<TallyrollClient, "inspect">,
  options: { readonly provider: Hex },
): Promise<ProviderFacts> {
  return askQuery(client, "provider", options);
}
