import type { Hex } from "../../../spec/outputs.ts";
import {
  type ChannelInfo,
  getChannel,
  listChannelLanes,
  listChannels,
} from "../actions/channel-queries.ts";
import { unlessNotFound } from "../actions/query-refused.ts";
import type { TallyrollClient } from "../actions/tallyroll-client.ts";
import type { KnownChannel } from "./payment-pool.ts";

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
  const redeemed = new Map<number, bigint>();
  for await (const row of listChannelLanes(client, { channelId })) {
    redeemed.set(row.lane, row.redeemed);
  }
  return redeemed;
}
