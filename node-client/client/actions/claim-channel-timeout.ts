import { defineAction, readOwn } from "./define-action.ts";

export interface ClaimChannelTimeoutOptions {
  readonly channelId: number;
}

/**
 * Takes back what an expired channel still holds: for its sender, from its expiration block on.
 *
 * @throws OperationRefused: channel_not_found, channel_sender_not_actor, channel_not_expired.
 * @example
 * const { amount } = await claimChannelTimeout(client, { channelId: 0 });
 */
export const claimChannelTimeout = defineAction({
  body: ({ channelId }: ClaimChannelTimeoutOptions) => ({
    kind: "claim_channel_timeout",
    channelId,
  }),
  read: (told) => readOwn("claim_channel_timeout", told),
});
