import type { ChannelInfo } from "../actions/get-channel.ts";
import type { ChannelLane } from "../actions/list-channel-lanes.ts";
import { findMissingNotes } from "./missing-notes.ts";
import type { PaymentBook } from "./payment-book.ts";

/**
 * What the recipient could still redeem by the payments in a book, in base units: what was promised
 * over the channel's lanes in its current rounds, less what was redeemed of them.
 */
export function countOutstanding(
  book: PaymentBook,
  channel: ChannelInfo,
  lanes: readonly ChannelLane[],
): bigint {
  const redeemedOf = new Map(lanes.map(({ lane, redeemed }) => [lane, redeemed]));
  return [...book.listLanes(channel.channelId)]
    .flatMap((lane) => book.getCurrent(channel, lane) ?? [])
    .map((payment) =>
      payment.form === "lane"
        ? payment.cumulative - (redeemedOf.get(payment.lane) ?? 0n)
        : payment.amount,
    )
    .reduce((sum, due) => (due > 0n ? sum + due : sum), 0n);
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
  const unspent = channel.value - countOutstanding(book, channel, lanes);
  return unspent > 0n ? unspent : 0n;
}
