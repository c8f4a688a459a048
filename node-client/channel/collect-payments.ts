import type { ChannelClaim } from "../../spec/channel-operations.ts";
import { SIGNATURES_MAX } from "../../spec/limits.ts";
import type { Hex } from "../../spec/outputs.ts";
import type { ApplyOptions } from "../actions/apply-operation.ts";
import { type ClaimChannelsResult, claimChannels } from "../actions/claim-channels.ts";
import { OperationRefused } from "../actions/operation-refused.ts";
import type { TallyrollClient } from "../actions/tallyroll-client.ts";
import { countOf } from "../count-of.ts";
import { ClientError } from "../errors.ts";
import { laneOf, toClaim, totalOf } from "./channel-payment.ts";
import { readKnownChannel } from "./find-channel.ts";
import type { DuePayment, IdlePayment, PaymentPool } from "./payment-pool.ts";
import { type OfferedPayment, type VerifiedOffers, verifyOffers } from "./verify-offers.ts";

/** An input verifies 256 signatures; a relayed operation spends one on its own. */
export const CLAIMS_AT_ONCE = SIGNATURES_MAX - 1;
/** How often a round begins anew where the state changed under it. */
const RENEWALS_MAX = 3;

/** What a recipient was handed, and what of it can be redeemed now. */
export interface DuePayments extends Omit<VerifiedOffers, "pool"> {
  /** In the order in which they are to be claimed. */
  readonly due: readonly DuePayment[];
  /** Valid payments that bring nothing now, one a lane, and why. */
  readonly idle: readonly IdlePayment[];
  /** Valid ones that had no room beside larger ones of their channel: for the next round. */
  readonly droppedCount: number;
}

/**
 * What offered payments bring now, by the state's word. Payments of one channel share its value, in
 * the order of their lanes.
 *
 * @throws What queries throw.
 */
export async function findDuePayments(
  client: Pick<TallyrollClient, "inspect" | "crypto" | "at">,
  { payments, recipient }: { readonly payments: OfferedPayments; readonly recipient: Hex },
): Promise<DuePayments> {
  const offers = await verifyOffers(client, payments, recipient);
  return { ...describe(offers), ...listDue(offers.pool) };
}

export type OfferedPayments = Iterable<OfferedPayment> | AsyncIterable<OfferedPayment>;

export interface CollectPaymentsOptions extends ApplyOptions {
  /** As they were handed over: nothing has to be verified before, in any order. */
  readonly payments: OfferedPayments;
  /** Claims of one operation; 255 unless told, so that a relayed one fits, too. */
  readonly batchSize?: number;
}

export interface CollectPaymentsResult extends Omit<DuePayments, "due"> {
  /** One a multi-claim, in order. */
  readonly claims: readonly ClaimChannelsResult[];
  /** How many payments were redeemed. */
  readonly paymentCount: number;
  /** Base units by token. */
  readonly amounts: ReadonlyMap<Hex, bigint>;
}

/** A treasurer's round ended early: what it redeemed before is redeemed. */
export class RoundIncomplete extends ClientError {
  override readonly name = "RoundIncomplete";
  /** What was done before. */
  readonly result: CollectPaymentsResult;

  constructor(result: CollectPaymentsResult, cause: ClientError) {
    super(
      `Redeemed: ${countOf(result.paymentCount, "payment")} in ` +
        `${countOf(result.claims.length, "input")}, but not ` +
        `the others: ${cause.shortMessage}`,
      { whatToDo: `${cause.whatToDo} Then collect the same payments again.`, cause },
    );
    this.result = result;
  }
}

/**
 * The treasurer's round: verifies what was handed over, then redeems the best payment of every
 * channel and lane that brings something, in as few operations as possible. Where the state changes
 * meanwhile and a multi-claim is refused, the next best stand.
 *
 * @throws OperationRefused where it stays refused, RoundIncomplete for any fault after the first
 * multi-claim, and what queries throw.
 * @example
 * const payments = book.listAll().map((payment) => ({ payment }));
 * const { paymentCount, amounts } = await collectPayments(recipientClient, { payments });
 */
export async function collectPayments(
  client: TallyrollClient,
  { payments, batchSize = CLAIMS_AT_ONCE, ...options }: CollectPaymentsOptions,
): Promise<CollectPaymentsResult> {
  const recipient = options.relay?.signer.address ?? client.walletClient?.account.address;
  if (recipient === undefined) throw new RangeError("the client has no account to collect for");
  const offers = await verifyOffers(client, payments, recipient);
  const claims: ClaimChannelsResult[] = [];
  const amounts = new Map<Hex, bigint>();
  let paymentCount = 0;
  const first = listDue(offers.pool);
  const describeRound = (): CollectPaymentsResult => {
    const { idle, droppedCount } = first;
    return { ...describe(offers), idle, droppedCount, claims, paymentCount, amounts };
  };
  let { due } = first;
  try {
    for (let renewals = 0; due.length > 0; ) {
      const some = due.slice(0, batchSize);
      const claimed = await claimOrRefuse(client, some, options);
      if (claimed instanceof OperationRefused) {
        const renewed = await renewDue(client, offers.pool, due);
        if (renewals >= RENEWALS_MAX || isSame(renewed, due)) throw claimed;
        due = renewed;
        renewals += 1;
        continue;
      }
      for (const [i, { amount }] of claimed.claims.entries()) {
        const token = some[i]?.token;
        if (token !== undefined) amounts.set(token, (amounts.get(token) ?? 0n) + amount);
      }
      claims.push(claimed);
      paymentCount += some.length;
      due = due.slice(batchSize);
    }
  } catch (error) {
    if (claims.length === 0 || !(error instanceof ClientError)) throw error;
    throw new RoundIncomplete(describeRound(), error);
  }
  return describeRound();
}

/** A refusal as a value: the state may have changed under the round. */
async function claimOrRefuse(
  client: TallyrollClient,
  due: readonly DuePayment[],
  options: ApplyOptions,
): Promise<ClaimChannelsResult | OperationRefused> {
  try {
    return await claimChannels(client, { payments: due.map(toDueClaim), ...options });
  } catch (error) {
    if (error instanceof OperationRefused) return error;
    throw error;
  }
}

/** What the rest of a round brings, by the state as it is now. */
async function renewDue(
  client: Pick<TallyrollClient, "inspect">,
  pool: PaymentPool,
  due: readonly DuePayment[],
): Promise<readonly DuePayment[]> {
  const channelIds = [...new Set(due.map(({ payment }) => payment.channelId))];
  for (const channelId of channelIds) {
    pool.renew(channelId, await readKnownChannel(client, channelId));
  }
  return channelIds.flatMap((channelId) => pool.findDue(channelId).due);
}

const isSame = (some: readonly DuePayment[], others: readonly DuePayment[]): boolean =>
  some.length === others.length &&
  some.every(({ payment, due }, i) => payment === others[i]?.payment && due === others[i]?.due);

function listDue(pool: PaymentPool): Pick<DuePayments, "due" | "idle" | "droppedCount"> {
  const found = [...pool.channelIds].sort((a, b) => a - b).map((id) => pool.findDue(id));
  return {
    due: found.flatMap(({ due }) => due),
    idle: found.flatMap(({ idle }) => idle),
    droppedCount: pool.droppedCount,
  };
}

const describe = ({ offeredCount, rejectedCount, rejected }: VerifiedOffers) => ({
  ...{ offeredCount, rejectedCount, rejected },
});

/**
 * The claim of what a payment brings. A nonce's payment over the channel's value is taken in part:
 * asking for more is refused.
 */
export function toDueClaim({ payment, due }: DuePayment): ChannelClaim {
  const isPart = laneOf(payment) === 0 && due < totalOf(payment);
  return toClaim(payment, isPart ? { actual: due } : {});
}
