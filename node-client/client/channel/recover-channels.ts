import type { Hex } from "../../../spec/outputs.ts";
import {
  type ChannelInfo,
  type ChannelLane,
  listChannelLanes,
  listChannels,
} from "../actions/channel-queries.ts";
import type { TallyrollClient } from "../actions/tallyroll-client.ts";

/** A channel as the state alone knows it. */
export interface RecoveredChannel {
  readonly channel: ChannelInfo;
  /** What was redeemed of each lane in the generation. */
  readonly lanes: readonly ChannelLane[];
  /** What the recipient can still redeem at most, whatever payments they hold: its value. */
  readonly spendableMost: bigint;
  /**
   * A lane that nothing was redeemed of. A client without notes goes on here: payments of other
   * lanes that the recipient still holds stay good, and none is promised twice.
   */
  readonly freshLane: number;
}

/**
 * All channels that an account pays from, with their last claims and lanes: what a client that lost
 * its notes goes on with. Ask the recipients for the payments that they still hold and give them to
 * `ChannelPayer.adopt`, or begin with each channel's `freshLane`.
 *
 * @throws What `inspectApplication` throws.
 * @example
 * for (const { channel, freshLane } of await recoverChannels(client, { sender })) {
 *   console.log(channel.channelId, channel.value, channel.lastPlanned, freshLane);
 * }
 */
export async function recoverChannels(
  client: Pick<TallyrollClient, "inspect">,
  { sender }: { readonly sender: Hex },
): Promise<readonly RecoveredChannel[]> {
  const recovered: RecoveredChannel[] = [];
  for await (const channel of listChannels(client, { sender })) {
    const lanes: ChannelLane[] = [];
    const { channelId } = channel;
    for await (const lane of listChannelLanes(client, { channelId })) lanes.push(lane);
    const highest = lanes.reduce((most, { lane }) => Math.max(most, lane), 0);
    recovered.push({ channel, lanes, spendableMost: channel.value, freshLane: highest + 1 });
  }
  return recovered;
}
