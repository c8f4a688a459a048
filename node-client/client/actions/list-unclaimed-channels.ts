import type { Hex } from "../../../spec/outputs.ts";
import { type ChannelAnswer, type ChannelInfo, fromChannelAnswer } from "./get-channel.ts";
import { type QueryPageOptions, readQueryPages } from "./read-query-pages.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export interface ListUnclaimedChannelsOptions extends QueryPageOptions {
  readonly recipient: Hex;
  /** Only channels with higher numbers. */
  readonly after?: number;
}

interface UnclaimedAnswer {
  readonly channels: readonly ChannelAnswer[];
  readonly next: number | null;
}

/**
 * The channels to an account that still hold money, by their numbers, all pages.
 *
 * @throws What `inspectApplication` throws.
 * @example
 * for await (const { channelId } of listUnclaimedChannels(client, { recipient })) mine.push(channelId);
 */
export async function* listUnclaimedChannels(
  client: Pick<TallyrollClient, "inspect">,
  { recipient, after, ...options }: ListUnclaimedChannelsOptions,
): AsyncGenerator<ChannelInfo, void> {
  const query = { query: "unclaimed", recipient };
  const pages = readQueryPages<UnclaimedAnswer>(client, query, "after", {
    ...options,
    from: after ?? null,
  });
  for await (const { channels } of pages) yield* channels.map(fromChannelAnswer);
}
