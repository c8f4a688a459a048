import type { ChannelClaim } from "../../../spec/channel-operations.ts";
import type { Notice } from "../decoding/decode-notice.ts";
import { type ChannelPayment, toClaim } from "../payment/signed-payment.ts";
import { type ApplyOptions, NoticeMissing } from "./apply-operation.ts";
import { type ActionResult, defineAction } from "./define-action.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

/** A payment, or a claim of a part of it. */
export type PaymentToClaim = ChannelPayment | ChannelClaim;

export interface ClaimChannelsOptions {
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

const claimAll = defineAction({
  body: ({ payments }: ClaimChannelsOptions) => ({
    kind: "multi_claim",
    claims: payments.map((one) => ("actual" in one ? one : toClaim(one))),
  }),
  read: ({ inputIndex, notices }) => {
    const claims = fromClaimNotices(notices);
    if (claims.length === 0) throw new NoticeMissing(inputIndex, "of its claims");
    return { claims, amount: claims.reduce((sum, { amount }) => sum + amount, 0n) };
  },
});

/** `amount`: base units, over all of them; meaningful where all channels have one token. */
export type ClaimChannelsResult = ActionResult<typeof claimAll>;

/**
 * Redeems payments of several channels and lanes in one operation, all or none.
 *
 * @throws OperationRefused: claim_list_empty, and of the first payment that cannot be redeemed; its
 * detail begins with the payment's position, "claim i: ".
 * @example
 * const { amount } = await claimChannels(recipientClient, { payments });
 */
export const claimChannels = Object.assign(
  async (
    client: TallyrollClient,
    options: ClaimChannelsOptions & ApplyOptions,
  ): Promise<ClaimChannelsResult> => {
    const result = await claimAll(client, options);
    if (result.claims.length === options.payments.length) return result;
    throw new NoticeMissing(result.inputIndex, "of one of its claims");
  },
  { body: claimAll.body, read: claimAll.read },
);

/** What claims' notices say, in order. */
export const fromClaimNotices = (notices: readonly Notice[]): readonly ClaimedPayment[] =>
  notices.flatMap((notice): ClaimedPayment[] => {
    if (notice.name !== "ChannelClaimed" && notice.name !== "LaneRedeemed") return [];
    const { channelId, sendBackAmount: sentBack, keepAmount: keptInChannel } = notice.args;
    const [lane, amount, planned] =
      notice.name === "ChannelClaimed"
        ? [0, notice.args.claimAmount, notice.args.plannedAmount]
        : [Number(notice.args.lane), notice.args.amount, notice.args.cumulative];
    return [{ channelId: Number(channelId), sentBack, keptInChannel, lane, amount, planned }];
  });
