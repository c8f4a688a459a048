import { type ChannelPayment, toClaim } from "../channel/channel-payment.ts";
import { type AppliedAt, type ApplyOptions, applyForNotices } from "./apply-operation.ts";
import { type ClaimedPayment, fromClaimNotices } from "./claim-channels.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export interface ClaimChannelOptions extends ApplyOptions {
  readonly payment: ChannelPayment;
  /** Of a nonce's payment: how much of it to take, all unless told. */
  readonly actual?: bigint;
  /** Close the channel: what is left goes back to its sender. */
  readonly isSendBack?: boolean;
}

export type ClaimChannelResult = AppliedAt & ClaimedPayment;

/**
 * Redeems one payment of a channel to the client's account.
 *
 * @throws OperationRefused: channel_not_found, claim_….
 * @example
 * const { amount } = await claimChannel(recipientClient, { payment });
 */
export async function claimChannel(
  client: TallyrollClient,
  { payment, actual, isSendBack = false, ...options }: ClaimChannelOptions,
): Promise<ClaimChannelResult> {
  const part = actual === undefined ? {} : { actual };
  const body = { kind: "claim_channel", ...toClaim(payment, { ...part, isSendBack }) } as const;
  const { at, notices } = await applyForNotices(client, body, options);
  const [claimed] = fromClaimNotices(at.inputIndex, notices, 1);
  return { ...at, ...(claimed as ClaimedPayment) };
}
