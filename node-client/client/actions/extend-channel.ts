import { defineAction, readOwn } from "./define-action.ts";

export interface ExtendChannelOptions {
  readonly channelId: number;
  /** At or above the channel's present one. */
  readonly expirationBlock: number;
  /** Base units to add as well: both happen, or neither. */
  readonly amount?: bigint;
}

/**
 * Moves a channel's expiration to a later block, and may add funds at once.
 *
 * @throws OperationRefused: channel_not_found, channel_sender_not_actor, channel_expiration_lower,
 * balance_too_low.
 * @example
 * await extendChannel(client, { channelId: 0, expirationBlock: 2_000_000, amount: 5n });
 */
export const extendChannel = defineAction({
  body: ({ channelId, expirationBlock, amount }: ExtendChannelOptions) =>
    amount === undefined
      ? { kind: "extend_channel", channelId, expirationBlock }
      : { kind: "extend_and_add_channel_funds", channelId, expirationBlock, amount },
  read: (told) => readOwn("extend_channel", told),
});
