import type { Hex } from "../../../spec/outputs.ts";
import { type ChannelInfo, fromChannelAnswer } from "./get-channel.ts";
import { type QueryPageOptions, readQueryItems } from "./read-query-pages.ts";
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
  { recipient, beforeBlock, ...page }: ListExpiringChannelsOptions,
): AsyncGenerator<ChannelInfo, void> {
  const query = { query: "expiring", recipient, before_block: beforeBlock };
  return readQueryItems(client, query, "channels", fromChannelAnswer, page);
}
