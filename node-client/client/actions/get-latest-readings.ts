import { askQuery } from "./ask-query.ts";
import type { Reading } from "./list-readings.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export interface GetLatestReadingsOptions {
  readonly streamId: number;
  /** 1 to 256, the default. */
  readonly limit?: number;
}

/**
 * An open stream's readings with the highest sequences, newest first. A page may end before its
 * limit, where readings are large.
 *
 * @throws QueryRefused for a sealed stream, and what `inspectApplication` throws.
 * @example
 * const [newest] = await getLatestReadings(client, { streamId: 1, limit: 1 });
 */
export async function getLatestReadings(
  client: Pick<TallyrollClient, "inspect">,
  options: GetLatestReadingsOptions,
): Promise<readonly Reading[]> {
  return (await askQuery(client, "latest", options)).readings;
}
