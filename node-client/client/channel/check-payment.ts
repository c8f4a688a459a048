import type { Crypto } from "../../../spec/crypto.ts";
import type { Hex } from "../../../spec/outputs.ts";
import type { ChannelInfo, ChannelLane } from "../actions/channel-queries.ts";
import {
  type ChannelPayment,
  laneOf,
  PaymentError,
  type PaymentFault,
  recoverPayer,
  type SettlementPlace,
  totalOf,
} from "../payment/signed-payment.ts";
import { countOutstanding, findPromised, type Promises } from "./count-outstanding.ts";
import { currentRound, type PaymentBook, roundOf } from "./payment-book.ts";

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
 * @throws PaymentError: other_channel, other_recipient, form_not_taken, lane_beyond,
 * signature_wrong.
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
  requireLane(laneOf(payment), channel);
  const signer = recoverPayer(crypto, at, payment);
  if (signer !== undefined && (signer === channel.signer || signer === channel.sender)) return;
  throw unverified(
    "signature_wrong",
    `The payment is signed by ${signer ?? "nobody"}, who may not pay from channel ${channelId}`,
    `Ask for the signature of ${channel.signer} or ${channel.sender}.`,
  );
}

/**
 * A lane that the channel has no room for pays nobody.
 *
 * @throws PaymentError: lane_beyond.
 */
export function requireLane(lane: number, { channelId, lanes }: ChannelInfo): void {
  if (lane <= lanes) return;
  const room = lanes === 0 ? "no lanes" : `lanes 1 to ${lanes}`;
  throw unverified(
    "lane_beyond",
    `Channel ${channelId} has ${room}, lane ${lane} can never be redeemed`,
    "Use a lane that it has, or open a channel with more --lanes.",
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

/** Blocks that are left to redeem a payment in by default. */
export const MARGIN_BLOCKS = 100;

export interface CheckPaymentOptions extends VerifyPaymentOptions {
  /** All lanes of the channel as the state has them now: `listChannelLanes`. */
  readonly lanes: readonly ChannelLane[];
  /**
   * What the recipient accepted before: the channel has to pay that as well. Put each accepted
   * payment into it before the next is checked, with nothing awaited in between.
   */
  readonly book: PaymentBook;
  /** The chain's newest block. */
  readonly headBlock: number;
  /** Blocks beyond the head that the channel must not expire within; 100 by default. */
  readonly marginBlocks?: number;
  /** What the service costs, in base units: the payment promises exactly so much more than before. */
  readonly price?: bigint;
}

/**
 * Checks a payment before the service is given away: the recipient can redeem it in full, beside
 * all that the book and the state know as promised, as long as the channel does not expire.
 *
 * @returns What it promises above what was promised on its lane before, in base units: above zero.
 * @throws PaymentError whose `fault` is what is wrong with it.
 * @example
 * const { channel, lanes } = …; // getChannel, listChannelLanes
 * const income = checkPayment(payment, {
 *   ...{ crypto, at, channel, lanes, recipient, book, headBlock }, price: 1_000n,
 * });
 * book.put(payment);
 */
export function checkPayment(payment: ChannelPayment, options: CheckPaymentOptions): bigint {
  const { channel, headBlock, marginBlocks = MARGIN_BLOCKS, price } = options;
  const { channelId, value, expirationBlock } = channel;
  verifyPayment(payment, options);
  requireRound(payment, channel);
  requireNewState(options);
  if (expirationBlock <= headBlock + marginBlocks) {
    throw new PaymentError(
      "expires_soon",
      `Channel ${channelId} expires at block ${expirationBlock}, and the chain is at ${headBlock}: ` +
        `less than the margin of ${marginBlocks} blocks.`,
      { whatToDo: "Ask its sender to extend it, and claim what you hold." },
    );
  }
  const lane = laneOf(payment);
  const before = findPromised(lane, options);
  const income = totalOf(payment) - before;
  if (income <= 0n) {
    throw new PaymentError(
      "nothing_new",
      `The payment promises ${totalOf(payment)} base units in all on lane ${lane} of channel ` +
        `${channelId}, where ${before} were promised before.`,
      { whatToDo: "Ask the payer for one that promises more." },
    );
  }
  if (price !== undefined && income !== price) {
    throw new PaymentError(
      "price_differs",
      `The payment brings ${income} base units, and the price is ${price}.`,
      { whatToDo: `Ask the payer for one of ${before + price} in all.` },
    );
  }
  const held = countOutstanding(options);
  if (held + income > value) {
    const left = value > held ? value - held : 0n;
    throw new PaymentError(
      "over_value",
      `Channel ${channelId} holds ${value} base units, of which ${left} are not promised yet: less ` +
        `than the payment's ${income}.`,
      { whatToDo: "Ask the payer to add funds to the channel; claiming frees nothing." },
    );
  }
  return income;
}

/**
 * Checks that the state is not older than the book: it would not say what the channel still holds.
 *
 * @throws PaymentError: state_outdated.
 */
function requireNewState({ channel, book }: Pick<Promises, "channel" | "book">): void {
  const { channelId } = channel;
  for (const lane of book.listLanes(channelId)) {
    const newest = book.get(channelId, lane);
    const current = currentRound(channel, lane);
    if (newest === undefined || roundOf(newest) <= current) continue;
    const name = lane === 0 ? "nonce" : "generation";
    throw new PaymentError(
      "state_outdated",
      `The book holds a payment for ${name} ${roundOf(newest)} of channel ${channelId}, which is ` +
        `at ${current} by the state that was given.`,
      {
        whatToDo:
          "Look the channel up again; if that does not help, claim what the book holds first.",
      },
    );
  }
}
