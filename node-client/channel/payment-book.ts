import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
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

const FORMAT = "tallyroll payments 2";
/** Without a checksum: its lines are as they are. */
const FORMAT_OLD = "tallyroll payments 1";
const CHECKSUM = /^checksum ([0-9a-f]{16})$/;
const OPENED = /^opened (0|[1-9]\d{0,15})$/;

/** What a line of a book's file is beside a payment. */
export const isBookNote = (line: string): boolean =>
  line === FORMAT || line === FORMAT_OLD || CHECKSUM.test(line) || OPENED.test(line);

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
  readonly #opened = new Set<number>();

  constructor(at: SettlementPlace) {
    this.#at = at;
  }

  /**
   * Reads what `format` wrote.
   *
   * @throws PaymentError when it is none, was changed, or is another application's.
   */
  static parse(at: SettlementPlace, text: string): PaymentBook {
    const book = new PaymentBook(at);
    const [head, ...lines] = text.split("\n").filter((line) => line !== "");
    if (head !== FORMAT && head !== FORMAT_OLD) {
      throw new PaymentError("The file holds no channel's payments.", {
        whatToDo: "Name one that tallyroll has written, or begin without: recover the channels.",
      });
    }
    if (head === FORMAT) requireChecksum(head, lines);
    for (const line of lines) {
      const opened = OPENED.exec(line)?.[1];
      if (opened === undefined) book.put(parsePayment(at, line));
      else book.#opened.add(Number(opened));
    }
    return book;
  }

  /** The channels whose opening was noted, then one payment a line, by channel and lane. */
  format(): string {
    const opened = [...this.#opened].sort((a, b) => a - b).map((id) => `opened ${id}`);
    const lines = this.list().map((payment) => formatPayment(this.#at, payment));
    const all = [FORMAT, ...opened, ...lines];
    return `${[...all, formatChecksum(all)].join("\n")}\n`;
  }

  /**
   * Notes that a channel was opened now, so that a lane without a payment has promised nothing.
   * What is known under its number is of another channel, on a development chain that is gone.
   */
  noteOpening(channelId: number): void {
    for (const payment of this.list(channelId)) {
      this.#best.delete(keyOf(channelId, laneOf(payment)));
    }
    this.#opened.add(channelId);
  }

  /** Whether all payments of a channel since its opening are here. */
  hasOpening(channelId: number): boolean {
    return this.#opened.has(channelId);
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

const formatChecksum = (lines: readonly string[]): string =>
  `checksum ${bytesToHex(sha256(utf8ToBytes(lines.join("\n")))).slice(0, 16)}`;

/** What was promised is what the next payment adds to: a changed digit would lose money. */
function requireChecksum(head: string, lines: string[]): void {
  const said = lines.pop();
  if (said === formatChecksum([head, ...lines])) return;
  throw new PaymentError("The file of payments was changed or cut off: its checksum is wrong.", {
    whatToDo: "Put your backup of it back, or move it away and recover the channels.",
  });
}

const keyOf = (channelId: number, lane: number): string => `${channelId}/${lane}`;

function isBetter(payment: ChannelPayment, known: ChannelPayment): boolean {
  const rounds = roundOf(payment) - roundOf(known);
  return rounds === 0 ? totalOf(payment) > totalOf(known) : rounds > 0;
}
