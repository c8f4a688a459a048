import type { Crypto } from "../../../spec/crypto.ts";
import type { ChannelInfo, ChannelLane } from "../actions/channel-queries.ts";
import {
  type ChannelPayment,
  PaymentError,
  type PaymentSigner,
  type PaymentTerms,
  recoverPayer,
  type SettlementPlace,
  signPayment,
  totalOf,
} from "../payment/signed-payment.ts";
import { requireLane } from "./check-payment.ts";
import { countOutstanding, findPromised } from "./count-outstanding.ts";
import type { PaymentBook } from "./payment-book.ts";

export interface ChannelPayerParts {
  readonly crypto: Crypto;
  readonly signer: PaymentSigner;
  readonly at: SettlementPlace;
  /** The last payments. Empty for a client that lost them: see `recoverPayer`. */
  readonly book: PaymentBook;
}

export interface PayOptions {
  readonly channel: ChannelInfo;
  /** Base units more than was promised before. */
  readonly amount: bigint;
  /** From 1, for calls at the same time; 0, the nonce's own payment by default. */
  readonly lane?: number;
  /** What the state says was redeemed of the lanes: `listChannelLanes`. None by default. */
  readonly lanes?: readonly ChannelLane[];
  /**
   * Base units that were promised on the lane in its nonce or generation, where the book knows of
   * less: the recipient's word, or 0 where nothing was.
   */
  readonly promisedBefore?: bigint;
  /** For lane 0: "mpe" for MPE's daemons. "eip712", where the channel takes it by default. */
  readonly form?: "mpe" | "eip712";
}

/**
 * The payer's side of channels: signs the next payment of a lane, for what was promised before and
 * the price, never for more than the channel holds.
 *
 * @example
 * const payer = new ChannelPayer({ crypto, signer: account, at: client.at, book });
 * const payment = await payer.pay({ channel, amount: 1_000n, lane: 3 });
 */
export class ChannelPayer {
  readonly #parts: ChannelPayerParts;

  constructor(parts: ChannelPayerParts) {
    this.#parts = parts;
  }

  /**
   * Signs the next payment and notes it in the book.
   *
   * @throws PaymentError where the account may not sign for the channel, the channel does not take
   * such payments, or does not hold so much.
   */
  async pay(options: PayOptions): Promise<ChannelPayment> {
    const { crypto, signer, at, book } = this.#parts;
    const { channel, amount, lane = 0 } = options;
    const me = signer.address.toLowerCase();
    if (me !== channel.signer && me !== channel.sender) {
      throw new PaymentError(
        "signature_wrong",
        `${me} may not sign payments of channel ${channel.channelId}.`,
        { whatToDo: `Sign with its signer ${channel.signer} or its sender ${channel.sender}.` },
      );
    }
    if (amount <= 0n) {
      throw new PaymentError("nothing_new", "A payment is for more than the one before it.", {
        whatToDo: "Give an amount above zero.",
      });
    }
    const terms = this.#nextTerms(options);
    const free = this.getFree(options);
    if (amount > free) {
      throw new PaymentError(
        "over_value",
        `Channel ${channel.channelId} has ${free} base units that are not ` +
          `promised yet, less than ${amount}.`,
        { whatToDo: "Add funds to the channel, or let the recipient claim what is promised." },
      );
    }
    const payment = await signPayment(crypto, signer, at, terms);
    if (!book.put(payment)) throw new RangeError(`lane ${lane} has a better payment already`);
    return payment;
  }

  /** What the next payment of a lane can be for at most, in base units. */
  getFree(options: Omit<PayOptions, "amount">): bigint {
    const { channel, lane = 0, lanes = [] } = options;
    const { book } = this.#parts;
    const promises = { book, channel, lanes };
    const redeemed = lanes.find((row) => row.lane === lane)?.redeemed ?? 0n;
    const before = totalOf(this.#nextTerms({ ...options, amount: 0n }));
    // What the caller says was promised beyond book and state has to be paid as well.
    const dueOf = (total: bigint): bigint => (total > redeemed ? total - redeemed : 0n);
    const unnoted = dueOf(before) - dueOf(findPromised(lane, promises));
    const free = channel.value - countOutstanding(promises) - unnoted;
    return free > 0n ? free : 0n;
  }

  /**
   * Goes on from a payment that the recipient says they hold, for a client that lost its own notes.
   *
   * @throws PaymentError where it is not one of this account's: then the recipient made it up.
   */
  adopt(payment: ChannelPayment): void {
    const { crypto, signer, at, book } = this.#parts;
    const payer = recoverPayer(crypto, at, payment);
    if (payer !== signer.address.toLowerCase()) {
      throw new PaymentError(
        "signature_wrong",
        `The payment is signed by ${payer ?? "nobody"}, not by this account.`,
        {
          whatToDo: "Ask the recipient for the last payment of yours that they hold.",
        },
      );
    }
    book.put(payment);
  }

  #nextTerms(options: PayOptions): PaymentTerms {
    const { channel, amount, lane = 0, lanes = [], promisedBefore = 0n, form } = options;
    const { channelId, nonce, generation, payments } = channel;
    const chosen = lane > 0 ? "lane" : (form ?? (payments === "mpe" ? "mpe" : "eip712"));
    if (payments !== "both" && payments !== (chosen === "mpe" ? "mpe" : "eip712")) {
      throw new PaymentError(
        "form_not_taken",
        `Channel ${channelId} takes ${payments} payments, no other.`,
        { whatToDo: "Sign in the form that the channel takes; lanes are EIP-712." },
      );
    }
    requireLane(lane, channel);
    const last = this.#parts.book.getCurrent(channel, lane);
    const noted = last === undefined ? 0n : totalOf(last);
    const before = noted > promisedBefore ? noted : promisedBefore;
    if (chosen !== "lane") return { form: chosen, channelId, nonce, amount: before + amount };
    // What was redeemed under a lost book was promised: going on from less would pay nothing.
    const known = lanes.find((row) => row.lane === lane)?.lastCumulative ?? 0n;
    const cumulative = (known > before ? known : before) + amount;
    return { form: "lane", channelId, generation, lane, cumulative };
  }
}
