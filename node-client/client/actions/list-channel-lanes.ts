import type { InfoOf } from "../../../spec/queries.ts";
import { type NumberedPageOptions, readQueryItems } from "./ask-query.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

/** What was paid of one lane in its channel's generation. */
export type ChannelLane = InfoOf<"lanes">["lanes"][number];

export interface ListChannelLanesOptions extends NumberedPageOptions {
  readonly channelId: number;
}

/**
 * The lanes of a channel that something was redeemed of in its generation, all pages.
 *
 * @throws QueryRefused where there is no such channel, and what `inspectApplication` throws.
 * @example
 * for await (const { lane, redeemed } of listChannelLanes(client, { channelId: 0 })) { … }
 */
export function listChannelLanes(
  client: Pick<TallyrollClient, "inspect">,
  options: ListChannelLanesOptions,
): AsyncGenerator<ChannelLane, void> {
  return readQueryItems(client, "lanes", "lanes", options);
}
