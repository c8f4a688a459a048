import { fromStreamSummary, type StreamSummary, type StreamSummaryAnswer } from "./get-stream.ts";
import { type QueryPageOptions, readQueryPages } from "./read-query-pages.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export interface ListStreamsOptions extends QueryPageOptions {
  readonly deviceId: number;
  /** Only streams with higher numbers. */
  readonly after?: number;
}

interface StreamsAnswer {
  readonly streams: readonly StreamSummaryAnswer[];
  readonly next: number | null;
}

/**
 * A device's streams by their numbers, all pages.
 *
 * @throws What `inspectApplication` throws.
 * @example
 * for await (const { name } of listStreams(client, { deviceId: 1 })) console.log(name);
 */
export async function* listStreams(
  client: Pick<TallyrollClient, "inspect">,
  { deviceId, after, ...options }: ListStreamsOptions,
): AsyncGenerator<StreamSummary, void> {
  const query = { query: "streams", device_id: deviceId };
  const pages = readQueryPages<StreamsAnswer>(client, query, "after", { ...options, from: after });
  for await (const { streams } of pages) yield* streams.map(fromStreamSummary);
}
