import type { Hex } from "../../../spec/outputs.ts";
import { type ChannelInfo, fromChannelAnswer } from "./get-channel.ts";
import { type NumberedPageOptions, readQueryItems } from "./read-query-pages.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

/** Whose channels, and on which side he is. */
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
  const side = "sender" in options ? { sender: options.sender } : { recipient: options.recipient };
  const query = { query: "channels", ...side };
  return readQueryItems(client, query, "channels", fromChannelAnswer, options);
}
