import type { Hex } from "../../../spec/outputs.ts";
import type { ChannelInfo } from "../actions/channel-queries.ts";
import type { TallyrollClient } from "../actions/tallyroll-client.ts";
import {
  type ChannelPayment,
  laneOf,
  PaymentError,
  type PaymentFault,
  totalOf,
} from "../payment/signed-payment.ts";
import { requireRound, type VerifyPaymentOptions, verifyPayment } from "./check-payment.ts";
import { ChannelFinder, type KnownChannel } from "./find-channel.ts";
import { currentRound, roundOf } from "./payment-book.ts";

/** A payment that can be redeemed now, with what it brings. */
export interface DuePayment {
  readonly payment: ChannelPayment;
  readonly token: Hex;
  /** Base units. */
  readonly due: bigint;
  /** From this block on its sender may take back what the channel holds. */
  readonly expirationBlock: number;
}

/** A valid payment that brings nothing now. */
export interface IdlePayment {
  readonly payment: ChannelPayment;
  /** Of its channel. */
  readonly token: Hex;
  readonly fault: PaymentFault;
  readonly reason: string;
}

interface PooledChannel {
  readonly known: KnownChannel;
  /** By lane and round, the best. */
  readonly lanes: Map<number, Map<number, ChannelPayment>>;
  /** By lane, one that is over or redeemed, to be named. */
  readonly idle: Map<number, ChannelPayment>;
}

/** Nonces whose payments may follow on the present one: each claim begins the next. */
const ROUNDS_AHEAD_MAX = 15;
/** Lanes of a channel that are held at once; its payer could sign any number of them. */
const LANES_MAX = 4_096;

/**
 * Payments that others handed over, each verified before it is ranked: the best of every lane and
 * round. A later round's never hides the one that counts now, because that may never come.
 */
export class PaymentPool {
  readonly #channels = new Map<number, PooledChannel>();
  readonly #parts: Omit<VerifyPaymentOptions, "channel">;
  #droppedCount = 0;

  constructor(parts: Omit<VerifyPaymentOptions, "channel">) {
    this.#parts = parts;
  }

  /** Valid payments that had no room beside larger ones of their channel. */
  get droppedCount(): number {
    return this.#droppedCount;
  }

  /** The numbers of the channels with a payment. */
  get channelIds(): readonly number[] {
    return [...this.#channels.keys()];
  }

  /**
   * Verifies a payment and keeps it where it is the best of its lane and round so far.
   *
   * @throws PaymentError: as `verifyPayment`, and round_not_begun for one far ahead.
   */
  put(payment: ChannelPayment, known: KnownChannel): void {
    const { channel } = known;
    verifyPayment(payment, { ...this.#parts, channel });
    const [lane, round] = [laneOf(payment), roundOf(payment)];
    const pooled = this.#channels.get(channel.channelId) ?? {
      known,
      lanes: new Map<number, Map<number, ChannelPayment>>(),
      idle: new Map<number, ChannelPayment>(),
    };
    const ahead = round - currentRound(pooled.known.channel, lane);
    if (ahead > ROUNDS_AHEAD_MAX) requireRound(payment, pooled.known.channel);
    this.#channels.set(channel.channelId, pooled);
    if (ahead < 0 || (ahead === 0 && unpaidOf(payment, pooled.known) <= 0n)) {
      if (pooled.idle.size < LANES_MAX) pooled.idle.set(lane, payment);
      return;
    }
    const rounds = pooled.lanes.get(lane) ?? new Map<number, ChannelPayment>();
    const best = rounds.get(round);
    if (best !== undefined && totalOf(best) >= totalOf(payment)) return;
    pooled.lanes.set(lane, rounds.set(round, payment));
    if (pooled.lanes.size > 2 * LANES_MAX) this.#makeRoom(pooled);
  }

  /** Takes over what the state says of a channel now; `undefined` where it has none any more. */
  renew(channelId: number, known: KnownChannel | undefined): void {
    const pooled = this.#channels.get(channelId);
    if (pooled === undefined) return;
    if (known === undefined) this.#channels.delete(channelId);
    else this.#channels.set(channelId, { ...pooled, known });
  }

  /** What the payments of a channel bring now: they share its value, lane by lane. */
  findDue(channelId: number): {
    readonly due: readonly DuePayment[];
    readonly idle: readonly IdlePayment[];
  } {
    const pooled = this.#channels.get(channelId);
    if (pooled === undefined) return { due: [], idle: [] };
    const { known } = pooled;
    const { channel } = known;
    const { token, expirationBlock } = channel;
    let left = channel.value;
    const due: DuePayment[] = [];
    const isDue = new Set<number>();
    const idle = new Map(pooled.idle);
    for (const [lane, rounds] of [...pooled.lanes].sort(([a], [b]) => a - b)) {
      let round = currentRound(channel, lane);
      for (let payment = rounds.get(round); payment !== undefined; payment = rounds.get(round)) {
        const unpaid = unpaidOf(payment, known);
        const brings = unpaid < left ? unpaid : left;
        if (brings <= 0n) break;
        due.push({ payment, token, due: brings, expirationBlock });
        isDue.add(lane);
        left -= brings;
        // The claim of a nonce begins the next one; a generation goes on.
        if (lane !== 0) break;
        round += 1;
      }
      const [next] = [...rounds.values()].sort((a, b) => roundOf(b) - roundOf(a));
      if (!isDue.has(lane) && next !== undefined) idle.set(lane, next);
    }
    const named = [...idle].filter(([lane]) => !isDue.has(lane)).sort(([a], [b]) => a - b);
    return { due, idle: named.map(([, payment]) => describeIdle(payment, channel)) };
  }

  /** The lanes with the least to bring go; lane 0 has nonces, and stays. */
  #makeRoom({ lanes, known }: PooledChannel): void {
    const unpaidBy = new Map<number, bigint>();
    for (const [lane, rounds] of lanes) {
      const all = [...rounds.values()].map((payment) => unpaidOf(payment, known));
      unpaidBy.set(
        lane,
        all.reduce((most, one) => (one > most ? one : most)),
      );
    }
    const order = [...unpaidBy]
      .filter(([lane]) => lane !== 0)
      .sort(([, a], [, b]) => (a < b ? 1 : a > b ? -1 : 0));
    for (const [lane] of order.slice(LANES_MAX)) {
      lanes.delete(lane);
      this.#droppedCount += 1;
    }
  }
}

/** What a payment promises above what was redeemed of its lane. */
function unpaidOf(payment: ChannelPayment, { channel, redeemed }: KnownChannel): bigint {
  const isCurrent = payment.form === "lane" && payment.generation === channel.generation;
  return totalOf(payment) - (isCurrent ? (redeemed.get(payment.lane) ?? 0n) : 0n);
}

function describeIdle(payment: ChannelPayment, channel: ChannelInfo): IdlePayment {
  const { token } = channel;
  try {
    requireRound(payment, channel);
  } catch (error) {
    if (!(error instanceof PaymentError)) throw error;
    return { payment, token, fault: error.fault, reason: error.shortMessage };
  }
  const reason = "nothing is due: redeemed, or the channel is empty";
  return { payment, token, fault: "nothing_new", reason };
}

/** Where a payment was handed over: a line of a file. */
export interface LinePlace {
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

/** What others handed over for a payment: one that can be read, or why it cannot. */
export type OfferedPayment = { readonly place?: LinePlace } & (
  | { readonly payment: ChannelPayment }
  | { readonly error: PaymentError }
);

/** An offered payment that never brings this recipient anything. */
export interface RejectedPayment {
  readonly place?: LinePlace;
  readonly fault: PaymentFault;
  readonly reason: string;
  readonly whatToDo: string;
}

/** What was offered, sorted. */
export interface VerifiedOffers {
  readonly pool: PaymentPool;
  readonly offeredCount: number;
  readonly rejectedCount: number;
  /** The first thousand of them. */
  readonly rejected: readonly RejectedPayment[];
}

const NAMED_MAX = 1_000;

/**
 * Verifies what others handed over, one by one: a broken or forged one is named and displaces
 * nothing. Takes time in proportion to their number, and memory for the valid ones only.
 *
 * @throws What queries throw, and what the iteration throws.
 */
export async function verifyOffers(
  client: Pick<TallyrollClient, "inspect" | "crypto" | "at">,
  offers: Iterable<OfferedPayment> | AsyncIterable<OfferedPayment>,
  recipient: Hex,
): Promise<VerifiedOffers> {
  const { crypto, at } = client;
  const finder = new ChannelFinder(client, recipient);
  const pool = new PaymentPool({ crypto, at, recipient });
  const rejected: RejectedPayment[] = [];
  let [offeredCount, rejectedCount] = [0, 0];
  for await (const offer of offers) {
    offeredCount += 1;
    const error = await takeOffer(offer, finder, pool);
    if (error === undefined) continue;
    rejectedCount += 1;
    if (rejected.length >= NAMED_MAX) continue;
    const { fault, shortMessage: reason, whatToDo } = error;
    const place = offer.place === undefined ? {} : { place: offer.place };
    rejected.push({ ...place, fault, reason, whatToDo });
  }
  return { pool, offeredCount, rejectedCount, rejected };
}

/** @returns Why it is rejected. */
async function takeOffer(
  offer: OfferedPayment,
  finder: ChannelFinder,
  pool: PaymentPool,
): Promise<PaymentError | undefined> {
  if ("error" in offer) return offer.error;
  const { payment } = offer;
  const known = await finder.find(payment.channelId);
  if (known === undefined) {
    return new PaymentError(
      "channel_not_found",
      `There is no channel ${payment.channelId} that pays this account.`,
      { whatToDo: "Check that the payment is for this application and account." },
    );
  }
  try {
    pool.put(payment, known);
    return undefined;
  } catch (error) {
    if (error instanceof PaymentError) return error;
    throw error;
  }
}
