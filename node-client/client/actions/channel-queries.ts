import type { Hex } from "../../../spec/outputs.ts";
import type { InfoOf } from "../../../spec/queries.ts";
import type { NumberedPageOptions, QueryPageOptions } from "./ask-query.ts";
import { type ListAction, listAction, type QueryAction, queryAction } from "./query-action.ts";

export type ChannelInfo = InfoOf<"channel">;
/** What was paid of one lane in its channel's generation. */
export type ChannelLane = InfoOf<"lanes">["lanes"][number];

/**
 * One payment channel.
 *
 * @example
 * const { value, nonce } = await getChannel(client, { channelId: 0 });
 */
export const getChannel: QueryAction<{ readonly channelId: number }, ChannelInfo> =
  queryAction("channel");

export type ListChannelLanesOptions = NumberedPageOptions & { readonly channelId: number };

/**
 * The lanes of a channel that something was redeemed of in its generation, all pages.
 *
 * @example
 * for await (const { lane, redeemed } of listChannelLanes(client, { channelId: 0 })) { … }
 */
export const listChannelLanes: ListAction<ListChannelLanesOptions, ChannelLane> =
  listAction("lanes");

/** Whose channels, and on which side they are. */
export type ListChannelsOptions = NumberedPageOptions &
  ({ readonly sender: Hex } | { readonly recipient: Hex });

/**
 * The channels that an account pays from, or is paid by, by their numbers, all pages.
 *
 * @example
 * for await (const { channelId, value } of listChannels(client, { sender })) {
 *   console.log(channelId, value);
 * }
 */
export const listChannels: ListAction<ListChannelsOptions, ChannelInfo> = listAction("channels");

export type ListUnclaimedChannelsOptions = NumberedPageOptions & { readonly recipient: Hex };

/**
 * The channels to an account that still hold money, by their numbers, all pages.
 *
 * @example
 * for await (const { channelId } of listUnclaimedChannels(client, { recipient })) mine.push(channelId);
 */
export const listUnclaimedChannels: ListAction<ListUnclaimedChannelsOptions, ChannelInfo> =
  listAction("unclaimed", "channels");

export interface ListExpiringChannelsOptions extends QueryPageOptions {
  readonly recipient: Hex;
  /** Only channels that expire before this block. */
  readonly beforeBlock: number;
}

/**
 * The channels to an account that hold money and expire before a block, the earliest first: what a
 * treasurer claims before their senders take it back. All pages.
 *
 * @example
 * const soon = (await client.publicClient.getBlockNumber()) + 1_000n;
 * for await (const channel of listExpiringChannels(client, { recipient, beforeBlock: Number(soon) }))
 *   console.log(channel.channelId, channel.expirationBlock);
 */
export const listExpiringChannels: ListAction<ListExpiringChannelsOptions, ChannelInfo> =
  listAction("expiring", "channels");
