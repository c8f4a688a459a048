import type { ChannelClaim } from "../../../spec/channel-operations.ts";
import { OPERATIONS_MAX } from "../../../spec/limits.ts";
import type { Notice } from "../decoding/decode-notice.ts";
import type { RefusedOperation } from "../decoding/decode-refusal.ts";
import { type ChannelPayment, toClaim } from "../payment/signed-payment.ts";
import { type ActionResult, type ApplyOptions, defineAction } from "./define-action.ts";
import { listOutcomes, NoticeMissing } from "./operation-outcomes.ts";
import { ownAction } from "./own-action.ts";
import { sendAndWait } from "./send-and-wait.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";
import type { AppliedAt, WaitOptions } from "./wait-for-input.ts";

export interface ClaimChannelOptions {
  readonly payment: ChannelPayment;
  /** Of a nonce's payment: how much of it to take, all by default. */
  readonly actual?: bigint;
  /** Close the channel: what is left goes back to its sender. */
  readonly isSendBack?: boolean;
}

/**
 * Redeems one payment of a channel to the client's account.
 *
 * @throws OperationRefused: channel_not_found, claim_….
 * @example
 * const { amount } = await claimChannel(recipientClient, { payment });
 */
export const claimChannel = defineAction({
  body: ({ payment, actual, isSendBack = false }: ClaimChannelOptions) => ({
    kind: "claim_channel",
    ...toClaim(payment, { ...(actual === undefined ? {} : { actual }), isSendBack }),
  }),
  read: ({ inputIndex, notices }) => {
    const [claimed] = fromClaimNotices(notices);
    if (claimed === undefined) throw new NoticeMissing(inputIndex, "of its claim");
    return claimed;
  },
});

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
export const claimChannelTimeout = ownAction(
  "claim_channel_timeout",
  ({ channelId }: ClaimChannelTimeoutOptions) => ({ channelId }),
);

export interface ClaimChannelTimeoutsOptions extends WaitOptions {
  /** At least one, at most 256: the operations of one input. */
  readonly channelIds: readonly number[];
}

/** What became of one channel. */
export type ChannelTimeout =
  | { readonly status: "applied"; readonly channelId: number; readonly amount: bigint }
  | { readonly status: "refused"; readonly channelId: number; readonly refused: RefusedOperation };

export interface ClaimChannelTimeoutsResult extends AppliedAt {
  /** One a channel, in order. */
  readonly timeouts: readonly ChannelTimeout[];
}

/**
 * Takes back what several expired channels still hold, in one input. Each is taken or refused by
 * itself, so refusals are values here.
 *
 * @throws RangeError for no channel or more than an input carries, OperationRefused where the input
 * was refused as a whole, SentNotConfirmed once it is sent, and what `sendOperations` throws.
 * @example
 * const { timeouts } = await claimChannelTimeouts(client, { channelIds: [0, 4] });
 */
export async function claimChannelTimeouts(
  client: TallyrollClient,
  { channelIds, ...wait }: ClaimChannelTimeoutsOptions,
): Promise<ClaimChannelTimeoutsResult> {
  if (channelIds.length === 0 || channelIds.length > OPERATIONS_MAX) {
    throw new RangeError(`an input takes 1 to ${OPERATIONS_MAX} channels`);
  }
  const operations = channelIds.map((channelId) => ({
    authorization: { by: "sender" } as const,
    body: claimChannelTimeout.body({ channelId }),
  }));
  const sent = `The timeouts of ${channelIds.length} channels were sent`;
  const { at, result } = await sendAndWait(client, sent, { ...wait, operations });
  const timeouts = listOutcomes(result, operations.length).map((outcome, i): ChannelTimeout => {
    const channelId = channelIds[i]!;
    if (outcome.status === "refused") return { ...outcome, channelId };
    return { status: "applied", channelId, amount: claimChannelTimeout.read(outcome).amount };
  });
  return { ...at, timeouts };
}
