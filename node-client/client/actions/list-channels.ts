import type { Hex } from "../../../spec/outputs.ts";
import { type ChannelAnswer, type ChannelInfo, fromChannelAnswer } from "./get-channel.ts";
import { type QueryPageOptions, readQueryPages } from "./read-query-pages.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

/** Whose channels, and on which side he is. */
export type ListChannelsOptions = QueryPageOptions & {
  /** Only channels with higher numbers; −1 or absent: from the first. */
  readonly after?: number;
} & ({ readonly sender: Hex } | { readonly recipient: Hex });

interface ChannelsAnswer {
  readonly channels: readonly ChannelAnswer[];
  readonly next: number | null;
}

/**
 * The channels that an account pays from, or is paid by, by their numbers, all pages.
 *
 * @throws What `inspectApplication` throws.
 * @example
 * for await (const { channelId, value } of listChannels(client, { sender })) {
 *   console.log(channelId, value);
 * }
 */
export async function* listChannels(
  client: Pick<TallyrollClient, "inspect">,
  { after, pageSize, ...side }: ListChannelsOptions,
): AsyncGenerator<ChannelInfo, void> {
  const party = "sender" in side ? { sender: side.sender } : { recipient: side.recipient };
  const pages = readQueryPages<ChannelsAnswer>(client, { query: "channels", ...party }, "after", {
    ...(pageSize === undefined ? {} : { pageSize }),
    from: after ?? null,
  });
  for await (const { channels } of pages) yield* channels.map(fromChannelAnswer);
}
