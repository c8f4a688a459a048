import type { Hex } from "../../../spec/outputs.ts";
import { type NumberedPageOptions, readQueryItems } from "./ask-query.ts";
import type { ChannelInfo } from "./get-channel.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export interface ListUnclaimedChannelsOptions extends NumberedPageOptions {
  readonly recipient: Hex;
}

/**
 * The channels to an account that still hold money, by their numbers, all pages.
 *
 * @throws What `inspectApplication` throws.
 * @example
 * for await (const { channelId } of listUnclaimedChannels(client, { recipient })) mine.push(channelId);
 */
export function listUnclaimedChannels(
  client: Pick<TallyrollClient, "inspect">,
  options: ListUnclaimedChannelsOptions,
): AsyncGenerator<ChannelInfo, void> {
  return readQueryItems(client, "unclaimed", "channels", options);
}
