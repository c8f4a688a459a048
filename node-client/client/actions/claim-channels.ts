import type { ChannelClaim } from "../../../spec/channel-operations.ts";
import { type ChannelPayment, toClaim } from "../channel/channel-payment.ts";
import {
  type AppliedAt,
  type ApplyOptions,
  applyForNotices,
  NoticeMissing,
} from "./apply-operation.ts";
import type { Notice } from "./decode-notice.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

/** A payment, or a claim of a part of it. */
export type PaymentToClaim = ChannelPayment | ChannelClaim;

export interface ClaimChannelsOptions extends ApplyOptions {
  /** At most 256, redeemed in order, all or none. */
  readonly payments: readonly PaymentToClaim[];
}

/** What one redeemed payment brought. */
export interface ClaimedPayment {
  readonly channelId: number;
  /** 0: a payment of the nonce. */
  readonly lane: number;
  /** Base units that came to the recipient. */
  readonly amount: bigint;
  /** What the payment promised in all. */
  readonly planned: bigint;
  /** Went back to the channel's sender. */
  readonly sentBack: bigint;
  /** The channel's value afterwards. */
  readonly keptInChannel: bigint;
}

export interface ClaimChannelsResult extends AppliedAt {
  readonly claims: readonly ClaimedPayment[];
  /** Base units, over all of them; meaningful where all channels have one token. */
  readonly amount: bigint;
}

/**
 * Redeems payments of several channels and lanes in one operation, all or none.
 *
 * @throws OperationRefused: claim_list_empty, and of the first payment that cannot be redeemed; its
 * detail begins with the payment's position, "claim i: ".
 * @example
 * const { amount } = await claimChannels(recipientClient, { payments });
 */
export async function claimChannels(
  client: TallyrollClient,
  { payments, ...options }: ClaimChannelsOptions,
): Promise<ClaimChannelsResult> {
  const claims = payments.map((one) => ("actual" in one ? one : toClaim(one)));
  const body = { kind: "multi_claim", claims } as const;
  const { at, notices } = await applyForNotices(client, body, options);
  const claimed = fromClaimNotices(at.inputIndex, notices, claims.length);
  return { ...at, claims: claimed, amount: claimed.reduce((sum, { amount }) => sum + amount, 0n) };
}

/**
 * What claims' notices say, in order.
 *
 * @throws NoticeMissing where there are not `count` of them.
 */
export function fromClaimNotices(
  inputIndex: number,
  notices: readonly Notice[],
  count: number,
): readonly ClaimedPayment[] {
  const claims = notices.flatMap((notice): ClaimedPayment[] => {
    if (notice.name === "ChannelClaimed") {
      const { claimAmount: amount, plannedAmount: planned, ...rest } = notice.args;
      return [{ ...toCommon(rest), lane: 0, amount, planned }];
    }
    if (notice.name !== "LaneRedeemed") return [];
    const { amount, cumulative: planned, lane, ...rest } = notice.args;
    return [{ ...toCommon(rest), lane: Number(lane), amount, planned }];
  });
  if (claims.length !== count) throw new NoticeMissing(inputIndex, "of one of its claims");
  return claims;
}

const toCommon = (fields: {
  readonly channelId: bigint;
  readonly sendBackAmount: bigint;
  readonly keepAmount: bigint;
}): Pick<ClaimedPayment, "channelId" | "sentBack" | "keptInChannel"> => ({
  channelId: Number(fields.channelId),
  sentBack: fields.sendBackAmount,
  keptInChannel: fields.keepAmount,
});
