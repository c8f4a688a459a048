import { fromStreamSummary, type StreamSummary } from "./get-stream.ts";
import { type NumberedPageOptions, readQueryItems } from "./read-query-pages.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export interface ListStreamsOptions extends NumberedPageOptions {
  readonly deviceId: number;
}

/**
 * A device's streams by their numbers, all pages.
 *
 * @throws What `inspectApplication` throws.
 * @example
 * for await (const { name } of listStreams(client, { deviceId: 1 })) console.log(name);
 */
export function listStreams(
  client: Pick<TallyrollClient, "inspect">,
  { deviceId, ...page }: ListStreamsOptions,
): AsyncGenerator<StreamSummary, void> {
  const query = { query: "streams", device_id: deviceId };
  return readQueryItems(client, query, "streams", fromStreamSummary, page);
}
