import { type NumberedPageOptions, readQueryItems } from "./ask-query.ts";
import type { StreamSummary } from "./get-stream.ts";
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
  options: ListStreamsOptions,
): AsyncGenerator<StreamSummary, void> {
  return readQueryItems(client, "streams", "streams", options);
}
