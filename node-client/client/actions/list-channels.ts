import type { Hex } from "../../../spec/outputs.ts";
import { type NumberedPageOptions, readQueryItems } from "./ask-query.ts";
import type { ChannelInfo } from "./get-channel.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

/** Whose channels, and on which side they are. */
export type ListChannelsOptions = NumberedPageOptions &
  ({ readonly sender: Hex } | { readonly recipient: Hex });

/**
 * The channels that an account pays from, or is paid by, by their numbers, all pages.
 *
 * @throws What `inspectApplication` throws.
 * @example
 * for await (const { channelId, value } of listChannels(client, { sender })) {
 *   console.log(channelId, value);
 * }
 */
export function listChannels(
  client: Pick<TallyrollClient, "inspect">,
  options: ListChannelsOptions,
): AsyncGenerator<ChannelInfo, void> {
  return readQueryItems(client, "channels", "channels", options);
}
