import { type ChannelPayment, toClaim } from "../payment/signed-payment.ts";
import { NoticeMissing } from "./apply-operation.ts";
import { fromClaimNotices } from "./claim-channels.ts";
import { defineAction } from "./define-action.ts";

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
