import { askQuery } from "./ask-query.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

/**
 * The batch key of an open stream's batch, 32 bytes: with it anybody recomputes the salted leaves
 * and the commitment from the readings.
 *
 * @throws QueryRefused for a sealed batch or none, and what `inspectApplication` throws.
 * @example
 * const batchKey = await getBatchKey(client, { batchId: 7 });
 */
export async function getBatchKey(
  client: Pick<TallyrollClient, "inspect">,
  options: { readonly batchId: number },
): Promise<Uint8Array> {
  return (await askQuery(client, "batch_key", options)).batchKey;
}
