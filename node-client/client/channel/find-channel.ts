import type { Hex } from "../../../spec/outputs.ts";
import {
  type ChannelInfo,
  type ChannelLane,
  getChannel,
  listChannelLanes,
  listChannels,
} from "../actions/channel-queries.ts";
import { unlessNotFound } from "../actions/query-refused.ts";
import type { TallyrollClient } from "../actions/tallyroll-client.ts";

/** A channel as the state has it, with what was redeemed of its lanes. */
export interface KnownChannel {
  readonly channel: ChannelInfo;
  readonly redeemed: ReadonlyMap<number, bigint>;
}

/** Channels that are asked for by number; beyond, the list of the recipient's own is read once. */
const ASKED_MAX = 256;

/**
 * Looks up the channels that payments of others name, each once. However many numbers they make up,
 * what is asked and kept is bounded by the channels that there are.
 */
export class ChannelFinder {
  readonly #client: Pick<TallyrollClient, "inspect">;
  readonly #recipient: Hex;
  readonly #known = new Map<number, KnownChannel | undefined>();
  #own: ReadonlyMap<number, ChannelInfo> | undefined;

  constructor(client: Pick<TallyrollClient, "inspect">, recipient: Hex) {
    this.#client = client;
    this.#recipient = recipient;
  }

  /**
   * @returns `undefined` where there is no such channel, or none of the recipient's.
   * @throws What queries throw.
   */
  async find(channelId: number): Promise<KnownChannel | undefined> {
    if (this.#known.has(channelId)) return this.#known.get(channelId);
    if (this.#known.size < ASKED_MAX) {
      const found = await readKnownChannel(this.#client, channelId);
      this.#known.set(channelId, found);
      return found;
    }
    this.#own ??= await this.#readOwn();
    const channel = this.#own.get(channelId);
    if (channel === undefined) return undefined;
    const found = { channel, redeemed: await readRedeemed(this.#client, channelId) };
    this.#known.set(channelId, found);
    return found;
  }

  async #readOwn(): Promise<ReadonlyMap<number, ChannelInfo>> {
    const own = new Map<number, ChannelInfo>();
    const recipient = this.#recipient;
    for await (const channel of listChannels(this.#client, { recipient })) {
      own.set(channel.channelId, channel);
    }
    return own;
  }
}

/**
 * A channel with its lanes, as the state has them now; `undefined` where there is none.
 *
 * @throws What queries throw.
 */
export async function readKnownChannel(
  client: Pick<TallyrollClient, "inspect">,
  channelId: number,
): Promise<KnownChannel | undefined> {
  const channel = await unlessNotFound(getChannel(client, { channelId }), "channel_not_found");
  return channel && { channel, redeemed: await readRedeemed(client, channelId) };
}

async function readRedeemed(
  client: Pick<TallyrollClient, "inspect">,
  channelId: number,
): Promise<ReadonlyMap<number, bigint>> {
  const lanes = await readLanes(client, channelId);
  return new Map(lanes.map(({ lane, redeemed }) => [lane, redeemed]));
}

async function readLanes(
  client: Pick<TallyrollClient, "inspect">,
  channelId: number,
): Promise<readonly ChannelLane[]> {
  const lanes: ChannelLane[] = [];
  for await (const lane of listChannelLanes(client, { channelId })) lanes.push(lane);
  return lanes;
}

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
    const lanes = await readLanes(client, channel.channelId);
    const highest = lanes.reduce((most, { lane }) => Math.max(most, lane), 0);
    recovered.push({ channel, lanes, spendableMost: channel.value, freshLane: highest + 1 });
  }
  return recovered;
}
