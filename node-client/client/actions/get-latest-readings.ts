import { fromReadingAnswer, type Reading, type ReadingAnswer } from "./list-readings.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export interface GetLatestReadingsOptions {
  readonly streamId: number;
  /** 1 to 256, which is what is answered unless told. */
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
  { streamId, limit }: GetLatestReadingsOptions,
): Promise<readonly Reading[]> {
  const { readings } = await client.inspect<{ readings: readonly ReadingAnswer[] }>({
    query: "latest",
    stream_id: streamId,
    ...(limit === undefined ? {} : { limit }),
  });
  return readings.map(fromReadingAnswer);
}
