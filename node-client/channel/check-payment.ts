import type { Crypto } from "../../spec/crypto.ts";
import type { Hex } from "../../spec/outputs.ts";
import type { ChannelInfo } from "../actions/get-channel.ts";
import type { ChannelLane } from "../actions/list-channel-lanes.ts";
import {
  type ChannelPayment,
  laneOf,
  PaymentError,
  recoverPayer,
  type SettlementPlace,
  totalOf,
} from "./channel-payment.ts";

/** A payment of a nonce or generation that is over: redeemed, or void with the rest of it. */
export class PaymentSpent extends PaymentError {
  override readonly name = "PaymentSpent";
}

export interface CheckPaymentOptions {
  readonly crypto: Crypto;
  readonly at: SettlementPlace;
  /** As the state has it now. */
  readonly channel: ChannelInfo;
  readonly recipient: Hex;
  /** Of the state; none unless told. */
  readonly lanes?: readonly ChannelLane[];
}

/**
 * What a payment would bring its recipient now, in base units: everything that the machine checks of
 * a claim, checked before the service is given away. It may be 0.
 *
 * @throws PaymentError that says what is wrong with it.
 */
export function checkPayment(payment: ChannelPayment, options: CheckPaymentOptions): bigint {
  const { crypto, at, channel, recipient, lanes = [] } = options;
  const { channelId, payments } = channel;
  const fail = (what: string, whatToDo: string) => new PaymentError(what, { whatToDo });
  if (channelId !== payment.channelId)
    throw fail(`The payment is of channel ${payment.channelId}.`, "Look that channel up.");
  if (channel.recipient !== recipient.toLowerCase()) {
    throw fail(
      `Channel ${channelId} pays ${channel.recipient}, not ${recipient}.`,
      "Ask the payer for a payment of a channel to this account.",
    );
  }
  if (payments !== "both" && payments !== (payment.form === "mpe" ? "mpe" : "eip712")) {
    throw fail(
      `Channel ${channelId} takes ${payments} payments only.`,
      "Ask for one in that form.",
    );
  }
  requireRound(payment, channel);
  const signer = recoverPayer(crypto, at, payment);
  if (signer !== channel.signer && signer !== channel.sender) {
    throw fail(
      `The payment is signed by ${signer ?? "nobody"}, who may not pay from channel ${channelId}.`,
      `Ask for the signature of ${channel.signer} or ${channel.sender}.`,
    );
  }
  const lane = laneOf(payment);
  const redeemed = lanes.find((row) => row.lane === lane)?.redeemed ?? 0n;
  const due = totalOf(payment) - (lane === 0 ? 0n : redeemed);
  if (due <= 0n) return 0n;
  return due < channel.value ? due : channel.value;
}

/**
 * Checks that a payment is of its channel's nonce, or of its generation for a lane's.
 *
 * @throws PaymentSpent where that is over, PaymentError where it has not begun.
 */
export function requireRound(payment: ChannelPayment, channel: ChannelInfo): void {
  const [round, current, name] =
    payment.form === "lane"
      ? [payment.generation, channel.generation, "generation"]
      : [payment.nonce, channel.nonce, "nonce"];
  if (round === current) return;
  const what =
    `The payment is for ${name} ${round} of channel ${payment.channelId}, ` +
    `which is at ${current}${round < current ? `: a claim or a timeout has ended ${round}` : ""}.`;
  const whatToDo = `Ask the payer for one for ${name} ${current}.`;
  throw round < current
    ? new PaymentSpent(what, { whatToDo })
    : new PaymentError(what, { whatToDo });
}
