import type { Hex } from "../../../spec/outputs.ts";
import { type ChannelAnswer, type ChannelInfo, fromChannelAnswer } from "./get-channel.ts";
import { type QueryPageOptions, readQueryPages } from "./read-query-pages.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export interface ListExpiringChannelsOptions extends QueryPageOptions {
  readonly recipient: Hex;
  /** Only channels that expire before this block. */
  readonly beforeBlock: number;
}

interface ExpiringAnswer {
  readonly channels: readonly ChannelAnswer[];
  readonly next: { readonly expiration_block: number; readonly channel_id: number } | null;
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
export async function* listExpiringChannels(
  client: Pick<TallyrollClient, "inspect">,
  { recipient, beforeBlock, ...options }: ListExpiringChannelsOptions,
): AsyncGenerator<ChannelInfo, void> {
  const query = { query: "expiring", recipient, before_block: beforeBlock };
  const pages = readQueryPages<ExpiringAnswer>(client, query, "after", options);
  for await (const { channels } of pages) yield* channels.map(fromChannelAnswer);
}
