import { SIGNATURES_MAX } from "../../../spec/limits.ts";
import type { Hex } from "../../../spec/outputs.ts";
import { countOf } from "../../count-of.ts";
import { ClientError } from "../../errors.ts";
import type { ApplyOptions } from "../actions/apply-operation.ts";
import { callChain } from "../actions/call-chain.ts";
import type { ClaimChannelsResult } from "../actions/channel-claim-actions.ts";
import type { TallyrollClient } from "../actions/tallyroll-client.ts";
import { MARGIN_BLOCKS } from "./check-payment.ts";
import { CollectionRound, type RefusedClaim } from "./collection-round.ts";
import type { DuePayment, IdlePayment, PaymentPool } from "./payment-pool.ts";
import { type OfferedPayment, type VerifiedOffers, verifyOffers } from "./verify-offers.ts";

/** An input verifies 256 signatures; a relayed operation spends one on its own. */
export const CLAIMS_AT_ONCE = SIGNATURES_MAX - 1;

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
  /** Claims of one operation; 255 by default, so that a relayed one fits, too. */
  readonly batchSize?: number;
}

export interface CollectPaymentsResult extends Omit<DuePayments, "due"> {
  /** One a multi-claim, in order. */
  readonly claims: readonly ClaimChannelsResult[];
  /** Those whose claim the machine refused, again and again, while the others were redeemed. */
  readonly refused: readonly RefusedClaim[];
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
 * meanwhile and a multi-claim is refused, the next best stand; a claim that stays refused is left out
 * and named, and keeps no other.
 *
 * @throws OperationRefused where nothing is left but refused claims, RoundIncomplete for any fault
 * after the first multi-claim, and what queries throw.
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
  const { due, idle, droppedCount } = listDue(offers.pool);
  const headBlock = await callChain(client, "read the newest block", () =>
    client.publicClient.getBlockNumber(),
  );
  const round = new CollectionRound(client, offers.pool, { batchSize, options });
  const describeRound = (): CollectPaymentsResult => ({
    ...{ ...describe(offers), idle, droppedCount },
    ...round.describe(),
  });
  try {
    await round.redeem(due, Number(headBlock) + MARGIN_BLOCKS);
  } catch (error) {
    const { claims } = round.describe();
    if (claims.length === 0 || !(error instanceof ClientError)) throw error;
    throw new RoundIncomplete(describeRound(), error);
  }
  return describeRound();
}

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
