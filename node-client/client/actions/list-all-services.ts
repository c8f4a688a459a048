import { getService, type ServiceInfo } from "./get-service.ts";
import { QueryRefused } from "./inspect-application.ts";
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
    const found = await Promise.all(numbers.map((serviceId) => findService(client, serviceId)));
    for (const service of found) {
      if (service === undefined) return;
      yield service;
    }
  }
}

async function findService(
  client: Pick<TallyrollClient, "inspect">,
  serviceId: number,
): Promise<ServiceInfo | undefined> {
  try {
    return await getService(client, { serviceId });
  } catch (error) {
    // A number and nothing else was asked for: what is refused is that there is none.
    if (error instanceof QueryRefused) return undefined;
    throw error;
  }
}
