import { defineAction, readOwn } from "./define-action.ts";

export interface AddChannelFundsOptions {
  readonly channelId: number;
  /** Base units of the channel's token. */
  readonly amount: bigint;
}

/**
 * Puts more money into a channel. Anybody may; it is the sender's if it is not claimed.
 *
 * @throws OperationRefused: channel_not_found, balance_too_low.
 * @example
 * await addChannelFunds(client, { channelId: 0, amount: 5n });
 */
export const addChannelFunds = defineAction({
  body: ({ channelId, amount }: AddChannelFundsOptions) => ({
    kind: "add_channel_funds",
    ...{ channelId, amount },
  }),
  read: (told) => readOwn("add_channel_funds", told),
});
