import type { ChannelInfo, ChannelLane } from "../actions/channel-queries.ts";
import { totalOf } from "../payment/signed-payment.ts";
import { type PaymentBook, roundOf } from "./payment-book.ts";

export interface LaneOfChannel {
  readonly channel: ChannelInfo;
  readonly lane: number;
  /** What the state says was redeemed of the lanes. */
  readonly lanes: readonly ChannelLane[];
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
