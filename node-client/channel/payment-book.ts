import {
  type ChannelPayment,
  formatPayment,
  laneOf,
  PaymentError,
  type PaymentTerms,
  parsePayment,
  type SettlementPlace,
  totalOf,
} from "./channel-payment.ts";

const FORMAT = "tallyroll payments 1";

/** The nonce or generation that a payment counts in. */
export const roundOf = (payment: PaymentTerms): number =>
  payment.form === "lane" ? payment.generation : payment.nonce;

/**
 * The best payment of every channel and lane: what a payer goes on from, and what a recipient
 * redeems. A later nonce or generation is better, then the larger promise; so a book only ever
 * grows, in whatever order it hears.
 *
 * @example
 * const book = PaymentBook.parse(client.at, readFileSync(path, "utf8"));
 * book.put(payment);
 * writeFileSync(path, book.format());
 */
export class PaymentBook {
  readonly #at: SettlementPlace;
  readonly #best = new Map<string, ChannelPayment>();

  constructor(at: SettlementPlace) {
    this.#at = at;
  }

  /**
   * Reads what `format` wrote.
   *
   * @throws PaymentError when it is none, or another application's.
   */
  static parse(at: SettlementPlace, text: string): PaymentBook {
    const book = new PaymentBook(at);
    const [head, ...lines] = text.split("\n").filter((line) => line !== "");
    if (head !== FORMAT) {
      throw new PaymentError("The file holds no channel's payments.", {
        whatToDo: "Name one that tallyroll has written, or begin without: recover the channels.",
      });
    }
    for (const line of lines) book.put(parsePayment(at, line));
    return book;
  }

  /** One payment a line, by channel and lane. */
  format(): string {
    const lines = this.list().map((payment) => formatPayment(this.#at, payment));
    return `${[FORMAT, ...lines].join("\n")}\n`;
  }

  get(channelId: number, lane: number): ChannelPayment | undefined {
    return this.#best.get(keyOf(channelId, lane));
  }

  /** Keeps a payment; false where it knows a better one of the lane, or this very one. */
  put(payment: ChannelPayment): boolean {
    const known = this.get(payment.channelId, laneOf(payment));
    if (known !== undefined && !isBetter(payment, known)) return false;
    this.#best.set(keyOf(payment.channelId, laneOf(payment)), payment);
    return true;
  }

  /** All of them, or one channel's, by channel and lane. */
  list(channelId?: number): readonly ChannelPayment[] {
    return [...this.#best.values()]
      .filter((payment) => channelId === undefined || payment.channelId === channelId)
      .sort((a, b) => a.channelId - b.channelId || laneOf(a) - laneOf(b));
  }
}

const keyOf = (channelId: number, lane: number): string => `${channelId}/${lane}`;

function isBetter(payment: ChannelPayment, known: ChannelPayment): boolean {
  const rounds = roundOf(payment) - roundOf(known);
  return rounds === 0 ? totalOf(payment) > totalOf(known) : rounds > 0;
}
