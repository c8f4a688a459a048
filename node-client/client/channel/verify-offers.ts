import type { Hex } from "../../../spec/outputs.ts";
import type { TallyrollClient } from "../actions/tallyroll-client.ts";
import { type ChannelPayment, PaymentError, type PaymentFault } from "../payment/signed-payment.ts";
import { ChannelFinder } from "./find-channel.ts";
import { PaymentPool } from "./payment-pool.ts";

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
