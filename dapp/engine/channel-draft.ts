import { creditBalance, moveTotal } from "./balances.ts";
import { hex } from "./operation-context.ts";
import type { ChannelRow, LaneRow, Store } from "./store.ts";

/** What is to be added to one balance. */
interface Credit {
  readonly account: Uint8Array;
  readonly token: Uint8Array;
  amount: bigint;
}

/**
 * §10.7 What an operation's claims have changed so far, beside the store: a refusal drops it and
 * has written nothing, the commit writes every row once.
 */
export class ClaimDraft {
  readonly #store: Store;
  readonly #channels = new Map<number, ChannelRow>();
  /** As read and as put; none where a lane has no row yet. A draft is committed with all put. */
  readonly #lanes = new Map<string, LaneRow | undefined>();
  readonly #credits = new Map<string, Credit>();

  constructor(store: Store) {
    this.#store = store;
  }

  getChannel(channelId: number): ChannelRow | undefined {
    return this.#channels.get(channelId) ?? this.#store.channels.get(channelId);
  }

  /** What was paid of a lane in the channel's generation; a row of an older one counts as none. */
  getRedeemed({ channelId, generation }: ChannelRow, lane: number): bigint {
    const row = this.#getLane(channelId, lane);
    return row?.generation === generation ? row.redeemed : 0n;
  }

  /**
   * What is paid of a lane now.
   *
   * @returns How many lanes of the channel have a row.
   */
  putLane({ laneCount }: ChannelRow, row: LaneRow): number {
    const { channelId, lane } = row;
    const isNew = this.#getLane(channelId, lane) === undefined;
    this.#lanes.set(laneKey(channelId, lane), row);
    return isNew ? laneCount + 1 : laneCount;
  }

  /**
   * Pays the recipient what the channel has already lost, and closes it where that is asked for:
   * what is left goes to the sender, the generation ends.
   *
   * @returns What went back, and what the channel keeps.
   */
  pay(
    channel: ChannelRow,
    amount: bigint,
    { isSendBack }: { readonly isSendBack: boolean },
  ): { readonly sendBack: bigint; readonly keep: bigint } {
    const { channelId, generation, sender, recipient, token, value } = channel;
    this.#credit(recipient, token, amount);
    if (!isSendBack) {
      this.#channels.set(channelId, channel);
      return { sendBack: 0n, keep: value };
    }
    this.#credit(sender, token, value);
    const closed = { value: 0n, expirationBlock: 0, generation: generation + 1 };
    this.#channels.set(channelId, { ...channel, ...closed });
    return { sendBack: value, keep: 0n };
  }

  /** Writes one row a channel, lane, balance and token. */
  commit(): void {
    const moved = new Map<string, Credit>();
    for (const row of this.#channels.values()) this.#store.channels.update(row);
    for (const row of this.#lanes.values())
      if (row !== undefined) this.#store.channelLanes.put(row);
    for (const { account, token, amount } of this.#credits.values()) {
      creditBalance(this.#store, account, token, amount);
      add(moved, hex(token), account, token, amount);
    }
    for (const { token, amount } of moved.values()) {
      moveTotal(this.#store, token, "inChannels", "inBalances", amount);
    }
  }

  #getLane(channelId: number, lane: number): LaneRow | undefined {
    const key = laneKey(channelId, lane);
    if (!this.#lanes.has(key)) this.#lanes.set(key, this.#store.channelLanes.get(channelId, lane));
    return this.#lanes.get(key);
  }

  #credit(account: Uint8Array, token: Uint8Array, amount: bigint): void {
    add(this.#credits, hex(account) + hex(token), account, token, amount);
  }
}

function add(
  credits: Map<string, Credit>,
  key: string,
  account: Uint8Array,
  token: Uint8Array,
  amount: bigint,
): void {
  const credit = credits.get(key);
  if (credit === undefined) credits.set(key, { account, token, amount });
  else credit.amount += amount;
}

const laneKey = (channelId: number, lane: number): string => `${channelId}/${lane}`;
