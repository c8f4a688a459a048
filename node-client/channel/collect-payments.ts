import type { ChannelClaim } from "../../spec/channel-operations.ts";
import { SIGNATURES_MAX } from "../../spec/limits.ts";
import type { Hex } from "../../spec/outputs.ts";
import type { ApplyOptions } from "../actions/apply-operation.ts";
import { type ClaimChannelsResult, claimChannels } from "../actions/claim-channels.ts";
import { type ChannelInfo, getChannel } from "../actions/get-channel.ts";
import { type ChannelLane, listChannelLanes } from "../actions/list-channel-lanes.ts";
import type { TallyrollClient } from "../actions/tallyroll-client.ts";
import { type ChannelPayment, laneOf, PaymentError, toClaim, totalOf } from "./channel-payment.ts";
import { checkPayment, PaymentSpent } from "./check-payment.ts";
import type { PaymentBook } from "./payment-book.ts";

/** An input verifies 256 signatures; a relayed operation spends one on its own. */
export const CLAIMS_AT_ONCE = SIGNATURES_MAX - 1;

/** A payment that can be redeemed now, with what it brings. */
export interface DuePayment {
  readonly payment: ChannelPayment;
  readonly token: Hex;
  /** Base units. */
  readonly due: bigint;
}

/** What a book holds for its owner. */
export interface DuePayments {
  readonly due: readonly DuePayment[];
  /** Payments that bring nothing any more, and why. */
  readonly idle: readonly { readonly payment: ChannelPayment; readonly reason: string }[];
  /** Payments that never bring this recipient anything: not his, not signed, not taken. */
  readonly wrong: readonly PaymentError[];
}

/**
 * What the payments of a treasurer's book bring now, by the state's word. Payments of one channel
 * share its value, in the book's order.
 *
 * @throws What queries throw.
 */
export async function findDuePayments(
  client: Pick<TallyrollClient, "inspect" | "crypto" | "at">,
  { book, recipient }: { readonly book: PaymentBook; readonly recipient: Hex },
): Promise<DuePayments> {
  const due: DuePayment[] = [];
  const idle: { payment: ChannelPayment; reason: string }[] = [];
  const wrong: PaymentError[] = [];
  for (const channelId of new Set(book.list().map((payment) => payment.channelId))) {
    let channel: ChannelInfo = await getChannel(client, { channelId });
    const lanes: ChannelLane[] = [];
    for await (const lane of listChannelLanes(client, { channelId })) lanes.push(lane);
    for (const payment of book.list(channelId)) {
      const options = { crypto: client.crypto, at: client.at, channel, recipient, lanes };
      try {
        const brings = checkPayment(payment, options);
        if (brings === 0n) {
          idle.push({ payment, reason: "nothing is due: redeemed, or the channel is empty" });
          continue;
        }
        due.push({ payment, token: channel.token, due: brings });
        channel = { ...channel, value: channel.value - brings };
      } catch (error) {
        if (error instanceof PaymentSpent) idle.push({ payment, reason: error.shortMessage });
        else if (error instanceof PaymentError) wrong.push(error);
        else throw error;
      }
    }
  }
  return { due, idle, wrong };
}

export interface CollectPaymentsOptions extends ApplyOptions {
  readonly book: PaymentBook;
  /** Claims of one operation; 255 unless told, so that a relayed one fits, too. */
  readonly batchSize?: number;
}

export interface CollectPaymentsResult {
  /** One a multi-claim, in order. */
  readonly claims: readonly ClaimChannelsResult[];
  /** How many payments were redeemed. */
  readonly paymentCount: number;
  /** Base units by token. */
  readonly amounts: ReadonlyMap<Hex, bigint>;
  readonly idle: DuePayments["idle"];
  readonly wrong: DuePayments["wrong"];
}

/**
 * The treasurer's round: redeems the best payment of every channel and lane that brings something,
 * in as few operations as possible.
 *
 * @throws OperationRefused where the state changed in between, and what queries throw.
 * @example
 * const { paymentCount, amounts } = await collectPayments(recipientClient, { book });
 */
export async function collectPayments(
  client: TallyrollClient,
  { book, batchSize = CLAIMS_AT_ONCE, ...options }: CollectPaymentsOptions,
): Promise<CollectPaymentsResult> {
  const recipient = options.relay?.signer.address ?? client.walletClient?.account.address;
  if (recipient === undefined) throw new RangeError("the client has no account to collect for");
  const { due, idle, wrong } = await findDuePayments(client, { book, recipient });
  const claims: ClaimChannelsResult[] = [];
  const amounts = new Map<Hex, bigint>();
  for (let from = 0; from < due.length; from += batchSize) {
    const some = due.slice(from, from + batchSize);
    const payments = some.map(toDueClaim);
    claims.push(await claimChannels(client, { payments, ...options }));
  }
  for (const [i, { amount }] of claims.flatMap((claim) => claim.claims).entries()) {
    const token = due[i]?.token;
    if (token !== undefined) amounts.set(token, (amounts.get(token) ?? 0n) + amount);
  }
  return { claims, paymentCount: due.length, amounts, idle, wrong };
}

/**
 * The claim of what a payment brings. A nonce's payment over the channel's value is taken in part:
 * asking for more is refused.
 */
export function toDueClaim({ payment, due }: DuePayment): ChannelClaim {
  const isPart = laneOf(payment) === 0 && due < totalOf(payment);
  return toClaim(payment, isPart ? { actual: due } : {});
}
