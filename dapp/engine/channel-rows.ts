import type { ChannelPayments } from "../../spec/channel-operations.ts";

/** Rows of the payment channels (spec §10), as the engine sees them. */

export interface ChannelRow {
  /** Counted from 0. */
  readonly channelId: number;
  readonly nonce: number;
  readonly generation: number;
  readonly sender: Uint8Array;
  readonly signer: Uint8Array;
  readonly recipient: Uint8Array;
  readonly groupId: Uint8Array;
  readonly token: Uint8Array;
  readonly value: bigint;
  readonly expirationBlock: number;
  readonly payments: ChannelPayments;
  /** The last claim of lane 0; 0 before the first. */
  readonly lastPlanned: bigint;
  readonly lastActual: bigint;
}

export interface LaneRow {
  readonly channelId: number;
  /** From 1. */
  readonly lane: number;
  /** A row of an older generation than the channel's counts as none. */
  readonly generation: number;
  /** What was paid of this lane in its generation. */
  readonly redeemed: bigint;
  /** The cumulative amount of the last payment redeemed. */
  readonly lastCumulative: bigint;
}

export interface ChannelRows {
  /** The identifier of the next channel, counted from 0. */
  getNextChannelId(): number;
  /** The store's own row, because claims come by the hundred: nobody writes into its bytes. */
  getChannel(channelId: number): ChannelRow | undefined;
  insertChannel(row: ChannelRow): void;
  /** Changes nonce, generation, value, expiration and last claim; the rest stays. */
  updateChannel(row: ChannelRow): void;
  getLane(channelId: number, lane: number): LaneRow | undefined;
  putLane(row: LaneRow): void;
  isMessageUsed(digest: Uint8Array): boolean;
  insertMessage(digest: Uint8Array): void;

  /** Channels above `afterChannelId` (−1: from the first), ascending. */
  listChannelsOfSender(
    sender: Uint8Array,
    afterChannelId: number,
    limit: number,
  ): readonly ChannelRow[];
  listChannelsOfRecipient(
    recipient: Uint8Array,
    afterChannelId: number,
    limit: number,
  ): readonly ChannelRow[];
  /** Of the recipient, with an expiration below `beforeBlock`, emptied ones too, earliest first. */
  listExpiringChannels(
    recipient: Uint8Array,
    beforeBlock: number,
    after: { readonly expirationBlock: number; readonly channelId: number } | undefined,
    limit: number,
  ): readonly ChannelRow[];
  listLanes(channelId: number, afterLane: number, limit: number): readonly LaneRow[];
}
