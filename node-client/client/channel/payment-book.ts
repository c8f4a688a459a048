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
} from "../payment/signed-payment.ts";

const FORMAT = "tallyroll payments 2";
/** Without a checksum: its lines are as they are. */
const FORMAT_OLD = "tallyroll payments 1";
const CHECKSUM = /^checksum ([0-9a-f]{16})$/;
const OPENED = /^opened (0|[1-9]\d{0,15})$/;

/**
 * Nonces or generations of a lane whose best payment is kept. The one before the newest counts
 * again where a reorganisation takes the claim back that ended it.
 */
const ROUNDS_KEPT = 2;

/** What a line of a book's file is beside a payment. */
export const isBookNote = (line: string): boolean =>
  line === FORMAT || line === FORMAT_OLD || CHECKSUM.test(line) || OPENED.test(line);

/** The nonce or generation that a payment counts in. */
export const roundOf = (payment: PaymentTerms): number =>
  payment.form === "lane" ? payment.generation : payment.nonce;

/** The nonce and the generation that a channel is at. */
export interface ChannelRounds {
  readonly channelId: number;
  readonly nonce: number;
  readonly generation: number;
}

/** The nonce or generation that payments of a lane count in now. */
export const currentRound = ({ nonce, generation }: ChannelRounds, lane: number): number =>
  lane === 0 ? nonce : generation;

/**
 * The best payment of every channel and lane: what a payer goes on from, and what a recipient holds.
 * Within a nonce or generation the larger promise is better, so a book only ever grows, in whatever
 * order it hears. It verifies nothing: a recipient puts into it what `checkPayment` has passed.
 *
 * @example
 * const book = PaymentBook.parse(client.at, readFileSync(path, "utf8"));
 * book.put(payment);
 * writeFileSync(path, book.format());
 */
export class PaymentBook {
  readonly #at: SettlementPlace;
  /** By channel and lane, one a round, the newest first. */
  readonly #channels = new Map<number, Map<number, readonly ChannelPayment[]>>();
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
      throw new PaymentError("malformed", "The file holds no channel's payments.", {
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

  /** The channels whose opening was noted, then one payment a line, by channel, lane and round. */
  format(): string {
    const opened = [...this.#opened].sort((a, b) => a - b).map((id) => `opened ${id}`);
    const lines = this.#listRounds()
      .flat()
      .map((payment) => formatPayment(this.#at, payment));
    const all = [FORMAT, ...opened, ...lines];
    return `${[...all, formatChecksum(all)].join("\n")}\n`;
  }

  /**
   * Notes that a channel was opened now, so that a lane without a payment has promised nothing.
   * What is known under its number is of another channel, on a development chain that is gone.
   */
  noteOpening(channelId: number): void {
    this.#channels.delete(channelId);
    this.#opened.add(channelId);
  }

  /** Whether all payments of a channel since its opening are here. */
  hasOpening(channelId: number): boolean {
    return this.#opened.has(channelId);
  }

  /** The best payment of a lane's newest nonce or generation. */
  get(channelId: number, lane: number): ChannelPayment | undefined {
    return this.#channels.get(channelId)?.get(lane)?.[0];
  }

  /** The best payment of a lane that counts now, by the state's word about the channel. */
  getCurrent(channel: ChannelRounds, lane: number): ChannelPayment | undefined {
    const round = currentRound(channel, lane);
    return this.#channels
      .get(channel.channelId)
      ?.get(lane)
      ?.find((payment) => roundOf(payment) === round);
  }

  /** Keeps a payment; false where it knows a better one of the round, or this very one. */
  put(payment: ChannelPayment): boolean {
    const { channelId } = payment;
    const [lane, round] = [laneOf(payment), roundOf(payment)];
    const lanes = this.#channels.get(channelId) ?? new Map<number, readonly ChannelPayment[]>();
    const rounds = lanes.get(lane) ?? [];
    const known = rounds.find((other) => roundOf(other) === round);
    if (known !== undefined && totalOf(known) >= totalOf(payment)) return false;
    const kept = [...rounds.filter((other) => other !== known), payment]
      .sort((a, b) => roundOf(b) - roundOf(a))
      .slice(0, ROUNDS_KEPT);
    this.#channels.set(channelId, lanes.set(lane, kept));
    return kept.includes(payment);
  }

  /** The newest round's of every lane, or of one channel's, by channel and lane. */
  list(channelId?: number): readonly ChannelPayment[] {
    return this.#listRounds(channelId).flatMap(([newest]) => newest ?? []);
  }

  /** Every payment, those of the rounds before the newest too: what a treasurer's round takes. */
  listAll(): readonly ChannelPayment[] {
    return this.#listRounds().flat();
  }

  /** The numbers of a channel's lanes with a payment, in no order. */
  listLanes(channelId: number): Iterable<number> {
    return this.#channels.get(channelId)?.keys() ?? [];
  }

  /** A lane's rounds in each, by channel and lane. */
  #listRounds(channelId?: number): readonly (readonly ChannelPayment[])[] {
    const ids = channelId === undefined ? [...this.#channels.keys()] : [channelId];
    return ids
      .sort((a, b) => a - b)
      .flatMap((id) => [...(this.#channels.get(id) ?? [])].sort(([a], [b]) => a - b))
      .map(([, rounds]) => rounds);
  }
}

const formatChecksum = (lines: readonly string[]): string =>
  `checksum ${bytesToHex(sha256(utf8ToBytes(lines.join("\n")))).slice(0, 16)}`;

/** What was promised is what the next payment adds to: a changed digit would lose money. */
function requireChecksum(head: string, lines: string[]): void {
  const said = lines.pop();
  if (said === formatChecksum([head, ...lines])) return;
  throw new PaymentError(
    "malformed",
    "The file of payments was changed or cut off: its checksum is wrong.",
    {
      whatToDo: "Put your backup of it back, or move it away and recover the channels.",
    },
  );
}
