import { hexToBytes } from "viem";
import type { Hex } from "../../../spec/outputs.ts";
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
  { batchId }: { readonly batchId: number },
): Promise<Uint8Array> {
  const query = { query: "batch_key", batch_id: batchId };
  const { batch_key } = await client.inspect<{ batch_key: Hex }>(query);
  return hexToBytes(batch_key);
}
