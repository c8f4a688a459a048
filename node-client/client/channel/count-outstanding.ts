import type { ChannelInfo, ChannelLane } from "../actions/channel-queries.ts";
import { totalOf } from "../payment/signed-payment.ts";
import { findMissingNotes } from "./missing-notes.ts";
import type { PaymentBook } from "./payment-book.ts";

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
