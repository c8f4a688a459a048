import type { ChannelInfo, ChannelLane } from "../actions/channel-queries.ts";
import { totalOf } from "../payment/signed-payment.ts";
import { type PaymentBook, roundOf } from "./payment-book.ts";

/** A channel as the state has it now, and what one side notes of its payments. */
export interface Promises {
  readonly book: PaymentBook;
  readonly channel: ChannelInfo;
  /** All lanes of the channel: `listChannelLanes`. */
  readonly lanes: readonly ChannelLane[];
}

/**
 * All that was ever promised on a lane in its current round, in base units: by the book, or by what
 * the state saw claimed, whichever is more.
 */
export function findPromised(lane: number, { book, channel, lanes }: Promises): bigint {
  const noted = book.getCurrent(channel, lane);
  const promised = noted === undefined ? 0n : totalOf(noted);
  const claimed = lanes.find((row) => row.lane === lane)?.lastCumulative ?? 0n;
  return promised > claimed ? promised : claimed;
}

/**
 * What the channel still has to pay of the promises on all of its lanes, in base units. Payer and
 * recipient count alike: what one signs, the other takes.
 */
export function countOutstanding(promises: Promises): bigint {
  const { book, channel, lanes } = promises;
  const redeemedOf = new Map(lanes.map(({ lane, redeemed }) => [lane, redeemed]));
  let sum = 0n;
  for (const lane of new Set([...book.listLanes(channel.channelId), ...redeemedOf.keys()])) {
    const due = findPromised(lane, promises) - (redeemedOf.get(lane) ?? 0n);
    if (due > 0n) sum += due;
  }
  return sum;
}

/**
 * What of a channel's value is not promised yet, in base units, by a payer's book.
 *
 * @returns `undefined` where the book cannot say it: it does not know the channel from its opening
 * on, or is older than what was claimed.
 */
export function findUnspent(
  book: PaymentBook,
  channel: ChannelInfo,
  lanes: readonly ChannelLane[],
): bigint | undefined {
  if (!book.hasOpening(channel.channelId)) return undefined;
  const used = new Set([0, ...book.listLanes(channel.channelId), ...lanes.map(({ lane }) => lane)]);
  for (const lane of used) {
    if (findMissingNotes(book, { channel, lane, lanes }) !== undefined) return undefined;
  }
  const unspent = channel.value - countOutstanding({ book, channel, lanes });
  return unspent > 0n ? unspent : 0n;
}

export interface LaneOfChannel extends Omit<Promises, "book"> {
  readonly lane: number;
}

/**
 * Why a payer's book cannot say what was promised on a lane; `undefined` where it can. It can from
 * the channel's opening or from a payment on, until the state tells of a claim that the book has
 * not signed: then it is older than the channel. A payment that promises less than one before it
 * brings its recipient nothing.
 */
export function findMissingNotes(
  book: PaymentBook,
  { channel, lane, lanes }: LaneOfChannel,
): string | undefined {
  const { channelId, nonce, generation } = channel;
  const last = book.get(channelId, lane);
  if (last === undefined && !book.hasOpening(channelId)) return "there are no notes of it";
  if (lane === 0) {
    // A nonce ends by a claim of what was signed under it, or together with a generation.
    const signed = last === undefined ? -1 : roundOf(last);
    const isOlder = nonce > signed + 1 + generation;
    return isOlder ? `the notes end before nonce ${nonce - 1}, which was claimed` : undefined;
  }
  const promised = last !== undefined && roundOf(last) === generation ? totalOf(last) : 0n;
  const claimed = lanes.find((row) => row.lane === lane)?.lastCumulative ?? 0n;
  return claimed > promised ? "more was claimed of it than the notes say" : undefined;
}
