import type { Crypto } from "../../../spec/crypto.ts";
import type { Hex } from "../../../spec/outputs.ts";
import type { ChannelInfo } from "../actions/channel-queries.ts";
import {
  type ChannelPayment,
  laneOf,
  PaymentError,
  type PaymentFault,
  recoverPayer,
  type SettlementPlace,
} from "../payment/signed-payment.ts";
import { currentRound, roundOf } from "./payment-book.ts";

export interface VerifyPaymentOptions {
  readonly crypto: Crypto;
  readonly at: SettlementPlace;
  /** As the state has it now. */
  readonly channel: ChannelInfo;
  readonly recipient: Hex;
}

/**
 * Checks of a payment what never changes: it is of this channel, which pays the recipient and takes
 * such payments, and one who may pay from it has signed. What is not verified displaces nothing.
 *
 * @throws PaymentError: other_channel, other_recipient, form_not_taken, signature_wrong.
 */
export function verifyPayment(payment: ChannelPayment, options: VerifyPaymentOptions): void {
  const { crypto, at, channel, recipient } = options;
  const { channelId, payments } = channel;
  if (channelId !== payment.channelId) {
    const clause = `The payment is of channel ${payment.channelId}`;
    throw unverified("other_channel", clause, "Look that channel up.");
  }
  if (channel.recipient !== recipient.toLowerCase()) {
    throw unverified(
      "other_recipient",
      `Channel ${channelId} pays ${channel.recipient}, not ${recipient}`,
      "Ask the payer for a payment of a channel to this account.",
    );
  }
  if (payments !== "both" && payments !== (payment.form === "mpe" ? "mpe" : "eip712")) {
    const clause = `Channel ${channelId} takes ${payments} payments only`;
    throw unverified("form_not_taken", clause, "Ask for one in that form.");
  }
  const signer = recoverPayer(crypto, at, payment);
  if (signer !== undefined && (signer === channel.signer || signer === channel.sender)) return;
  throw unverified(
    "signature_wrong",
    `The payment is signed by ${signer ?? "nobody"}, who may not pay from channel ${channelId}`,
    `Ask for the signature of ${channel.signer} or ${channel.sender}.`,
  );
}

const unverified = (fault: PaymentFault, clause: string, whatToDo: string): PaymentError =>
  new PaymentError(fault, `${clause}.`, { whatToDo, clause });

/**
 * Checks that a payment is of its channel's nonce, or of its generation for a lane's.
 *
 * @throws PaymentError: round_over, round_not_begun.
 */
export function requireRound(payment: ChannelPayment, channel: ChannelInfo): void {
  const [round, current] = [roundOf(payment), currentRound(channel, laneOf(payment))];
  if (round === current) return;
  const name = payment.form === "lane" ? "generation" : "nonce";
  const isOver = round < current;
  throw new PaymentError(
    isOver ? "round_over" : "round_not_begun",
    `The payment is for ${name} ${round} of channel ${payment.channelId}, ` +
      `which is at ${current}${isOver ? `: a claim or a timeout has ended ${round}` : ""}.`,
    { whatToDo: `Ask the payer for one for ${name} ${current}.` },
  );
}
