import { getService, type ServiceInfo } from "./get-service.ts";
import { unlessNotFound } from "./query-refused.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

/** Requests under way at once. */
const AT_ONCE = 8;

/**
 * Every service of the application, oldest first, each with its current version; withdrawn ones,
 * too. Services are numbered from 1 without gaps (spec §11.3), so this asks for one after the other:
 * to look for a tag, `discoverServices` is the way.
 *
 * @throws What `inspectApplication` throws.
 * @example
 * for await (const { serviceId, tags } of listAllServices(client)) console.log(serviceId, tags);
 */
export async function* listAllServices(
  client: Pick<TallyrollClient, "inspect">,
): AsyncGenerator<ServiceInfo, void> {
  for (let first = 1; ; first += AT_ONCE) {
    const numbers = Array.from({ length: AT_ONCE }, (_, i) => first + i);
    const found = await Promise.all(
      numbers.map((serviceId) =>
        unlessNotFound(getService(client, { serviceId }), "service_not_found"),
      ),
    );
    for (const service of found) {
      if (service === undefined) return;
      yield service;
    }
  }
}
