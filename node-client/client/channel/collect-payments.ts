import type { ChannelClaim } from "../../../spec/channel-operations.ts";
import { SIGNATURES_MAX } from "../../../spec/limits.ts";
import type { Hex } from "../../../spec/outputs.ts";
import { countOf } from "../../count-of.ts";
import { ClientError } from "../../errors.ts";
import { callChain } from "../actions/call-chain.ts";
import { type ClaimChannelsResult, claimChannels } from "../actions/channel-claim-actions.ts";
import type { ApplyOptions } from "../actions/define-action.ts";
import { OperationRefused } from "../actions/operation-outcomes.ts";
import type { TallyrollClient } from "../actions/tallyroll-client.ts";
import { laneOf, toClaim, totalOf } from "../payment/signed-payment.ts";
import { MARGIN_BLOCKS } from "./check-payment.ts";
import { readKnownChannel } from "./find-channel.ts";
import {
  type DuePayment,
  type IdlePayment,
  type OfferedPayment,
  type PaymentPool,
  type VerifiedOffers,
  verifyOffers,
} from "./payment-pool.ts";

/** Refused multi-claims that expired channels may cost before the others are redeemed. */
const REFUSALS_MAX = 3;

/** A payment that would bring something, and whose claim the machine does not take. */
export interface RefusedClaim extends DuePayment {
  /** The machine's last word on it, or on the multi-claim that it was in. */
  readonly reason: string;
}

/**
 * One round of claims. What a channel brings is its sender's to change from its expiration on, as
 * often as they like; so claims of channels that expire soon never share an input with others, and
 * only so many of theirs may be refused before the others' turn.
 */
export class CollectionRound {
  readonly #client: TallyrollClient;
  readonly #pool: PaymentPool;
  readonly #batchSize: number;
  readonly #options: ApplyOptions;
  readonly #claims: ClaimChannelsResult[] = [];
  readonly #amounts = new Map<Hex, bigint>();
  readonly #refused: RefusedClaim[] = [];
  /** Channels whose claim was named in a refusal before. */
  readonly #suspects = new Set<number>();
  #lastRefusal: OperationRefused | undefined;

  constructor(
    client: TallyrollClient,
    pool: PaymentPool,
    { batchSize, options }: { readonly batchSize: number; readonly options: ApplyOptions },
  ) {
    this.#client = client;
    this.#pool = pool;
    this.#batchSize = batchSize;
    this.#options = options;
  }

  describe() {
    return {
      claims: this.#claims,
      amounts: this.#amounts,
      refused: this.#refused,
      paymentCount: this.#claims.reduce((sum, { claims }) => sum + claims.length, 0),
    };
  }

  /**
   * Redeems payments in their order, what expires up to a block first.
   *
   * @throws OperationRefused where nothing could be redeemed, or the whole list was refused for no
   * claim's sake; what queries and the sending throw.
   */
  async redeem(due: readonly DuePayment[], safeAfterBlock: number): Promise<void> {
    const isSafe = ({ expirationBlock }: DuePayment): boolean => expirationBlock > safeAfterBlock;
    const rest = await this.#redeemSome(
      due.filter((one) => !isSafe(one)),
      REFUSALS_MAX,
    );
    await this.#redeemSome(due.filter(isSafe), Number.POSITIVE_INFINITY);
    const left = await this.#redeemSome(rest, REFUSALS_MAX);
    for (const one of left) this.#leaveOut(one);
    if (this.#claims.length === 0 && this.#lastRefusal !== undefined) throw this.#lastRefusal;
  }

  /** @returns What is left after so many refusals. */
  async #redeemSome(
    payments: readonly DuePayment[],
    refusalsMax: number,
  ): Promise<readonly DuePayment[]> {
    let due = payments;
    for (let refusals = 0; due.length > 0 && refusals < refusalsMax; ) {
      const some = due.slice(0, this.#batchSize);
      const claimed = await this.#claim(some);
      if (claimed instanceof OperationRefused) {
        refusals += 1;
        due = await this.#renew(due, some, claimed);
        continue;
      }
      for (const [i, { amount }] of claimed.claims.entries()) {
        const token = some[i]?.token;
        if (token !== undefined) {
          this.#amounts.set(token, (this.#amounts.get(token) ?? 0n) + amount);
        }
      }
      this.#claims.push(claimed);
      due = due.slice(this.#batchSize);
    }
    return due;
  }

  /** A refusal as a value: the state may have changed under the round. */
  async #claim(due: readonly DuePayment[]): Promise<ClaimChannelsResult | OperationRefused> {
    try {
      const payments = due.map(toDueClaim);
      return await claimChannels(this.#client, { payments, ...this.#options });
    } catch (error) {
      if (error instanceof OperationRefused) return error;
      throw error;
    }
  }

  /** What the rest brings by the state as it is now, without a channel that is refused again. */
  async #renew(
    due: readonly DuePayment[],
    tried: readonly DuePayment[],
    refusal: OperationRefused,
  ): Promise<readonly DuePayment[]> {
    this.#lastRefusal = refusal;
    // The position of the refused claim (spec §10.7).
    const { claim } = refusal.values;
    const named = typeof claim === "number" ? tried[claim] : undefined;
    const channelIds = [...new Set(due.map(({ payment }) => payment.channelId))];
    for (const channelId of channelIds) {
      this.#pool.renew(channelId, await readKnownChannel(this.#client, channelId));
    }
    const renewed = channelIds.flatMap((channelId) => this.#pool.findDue(channelId).due);
    if (named === undefined) {
      if (isSame(renewed, due)) throw refusal;
      return renewed;
    }
    const { channelId } = named.payment;
    if (!this.#suspects.has(channelId)) {
      this.#suspects.add(channelId);
      return renewed;
    }
    const isNamed = ({ payment }: DuePayment): boolean => payment.channelId === channelId;
    for (const one of renewed.filter(isNamed)) this.#leaveOut(one);
    return renewed.filter((one) => !isNamed(one));
  }

  #leaveOut(one: DuePayment): void {
    this.#refused.push({ ...one, reason: this.#lastRefusal?.shortMessage ?? "" });
  }
}

const isSame = (some: readonly DuePayment[], others: readonly DuePayment[]): boolean =>
  some.length === others.length &&
  some.every(({ payment, due }, i) => payment === others[i]?.payment && due === others[i]?.due);

/**
 * The claim of what a payment brings. A nonce's payment over the channel's value is taken in part:
 * asking for more is refused.
 */
export function toDueClaim({ payment, due }: DuePayment): ChannelClaim {
  const isPart = laneOf(payment) === 0 && due < totalOf(payment);
  return toClaim(payment, isPart ? { actual: due } : {});
}

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
