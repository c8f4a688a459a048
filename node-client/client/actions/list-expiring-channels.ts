import type { Hex } from "../../../spec/outputs.ts";
import { type QueryPageOptions, readQueryItems } from "./ask-query.ts";
import type { ChannelInfo } from "./get-channel.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export interface ListExpiringChannelsOptions extends QueryPageOptions {
  readonly recipient: Hex;
  /** Only channels that expire before this block. */
  readonly beforeBlock: number;
}

/**
 * The channels to an account that hold money and expire before a block, the earliest first: what a
 * treasurer claims before their senders take it back. All pages.
 *
 * @throws What `inspectApplication` throws.
 * @example
 * const soon = (await client.publicClient.getBlockNumber()) + 1_000n;
 * for await (const channel of listExpiringChannels(client, { recipient, beforeBlock: Number(soon) }))
 *   console.log(channel.channelId, channel.expirationBlock);
 */
export function listExpiringChannels(
  client: Pick<TallyrollClient, "inspect">,
  options: ListExpiringChannelsOptions,
): AsyncGenerator<ChannelInfo, void> {
  return readQueryItems(client, "expiring", "channels", options);
}
