import { type AppliedAt, type ApplyOptions, applyOperation } from "./apply-operation.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export interface ClaimChannelTimeoutOptions extends ApplyOptions {
  readonly channelId: number;
}

export interface ClaimChannelTimeoutResult extends AppliedAt {
  readonly channelId: number;
  /** Base units that came back to the sender's balance. */
  readonly amount: bigint;
}

/**
 * Takes back what an expired channel still holds: for its sender, from its expiration block on.
 *
 * @throws OperationRefused: channel_not_found, channel_sender_not_actor, channel_not_expired.
 * @example
 * const { amount } = await claimChannelTimeout(client, { channelId: 0 });
 */
export async function claimChannelTimeout(
  client: TallyrollClient,
  { channelId, ...options }: ClaimChannelTimeoutOptions,
): Promise<ClaimChannelTimeoutResult> {
  const body = { kind: "claim_channel_timeout", channelId } as const;
  const { at, fields } = await applyOperation(client, body, "ChannelTimedOut", options);
  return { ...at, channelId, amount: fields.amount };
}
