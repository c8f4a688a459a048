import { type NumberedPageOptions, readQueryItems } from "./read-query-pages.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

/** What was paid of one lane in its channel's generation. */
export interface ChannelLane {
  /** From 1. */
  readonly lane: number;
  /** Base units that the recipient has had. */
  readonly redeemed: bigint;
  /** The cumulative amount of the last payment that he redeemed: more than `redeemed` where the
   * channel did not hold it all. */
  readonly lastCumulative: bigint;
}

export interface ListChannelLanesOptions extends NumberedPageOptions {
  readonly channelId: number;
}

interface LaneAnswer {
  readonly lane: number;
  readonly redeemed: string;
  readonly last_cumulative: string;
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
  { channelId, ...page }: ListChannelLanesOptions,
): AsyncGenerator<ChannelLane, void> {
  const query = { query: "lanes", channel_id: channelId };
  return readQueryItems(client, query, "lanes", fromLaneAnswer, page);
}

const fromLaneAnswer = ({ lane, redeemed, last_cumulative }: LaneAnswer): ChannelLane => ({
  ...{ lane, redeemed: BigInt(redeemed), lastCumulative: BigInt(last_cumulative) },
});
