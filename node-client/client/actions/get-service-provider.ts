import type { Hex } from "../../../spec/outputs.ts";
import type { ProviderFacts } from "./get-service.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

/**
 * What the machine counted of a provider: all 0 for nobody known.
 *
 * @throws What `inspectApplication` throws.
 * @example
 * const { released, lapsed } = await getServiceProvider(client, { provider });
 */
export async function getServiceProvider(
  client: Pick<TallyrollClient, "inspect">,
  { provider }: { readonly provider: Hex },
): Promise<ProviderFacts> {
  const { released, refunded, lapsed, challenged } = await client.inspect<ProviderFacts>({
    query: "provider",
    provider,
  });
  return { released, refunded, lapsed, challenged };
}
