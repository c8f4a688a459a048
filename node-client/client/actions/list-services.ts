import type { Hex } from "../../../spec/outputs.ts";
import { fromServiceAnswer, type ServiceAnswer, type ServiceInfo } from "./get-service.ts";
import { type QueryPageOptions, readQueryPages } from "./read-query-pages.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export interface ListServicesOptions extends QueryPageOptions {
  readonly provider: Hex;
  /** Only services with higher numbers. */
  readonly after?: number;
}

interface ServicesAnswer {
  readonly services: readonly ServiceAnswer[];
  readonly next: number | null;
}

/**
 * A provider's services by their numbers, each with its current version; withdrawn ones, too.
 *
 * @throws What `inspectApplication` throws.
 * @example
 * for await (const { serviceId, name } of listServices(client, { provider })) { … }
 */
export async function* listServices(
  client: Pick<TallyrollClient, "inspect">,
  { provider, after, ...options }: ListServicesOptions,
): AsyncGenerator<ServiceInfo, void> {
  const query = { query: "services", provider };
  const pages = readQueryPages<ServicesAnswer>(client, query, "after", {
    ...options,
    from: after ?? null,
  });
  for await (const { services } of pages) yield* services.map(fromServiceAnswer);
}
