import { hexToBytes, zeroAddress } from "viem";
import type { EscrowTerms } from "../../../spec/escrow-operations.ts";
import { BASIS_POINTS } from "../../../spec/limits.ts";
import type { Hex } from "../../../spec/outputs.ts";
import { encodePredicate, type Predicate } from "../../../spec/predicate.ts";

/** A session of a pubsub escrow, as buyers think of it. */
export interface SessionTerms {
  readonly durationSec: number;
  /** Messages that it is to have: what the thresholds refer to, not judged itself. */
  readonly expectedMsgs: number;
  /** Fewest messages of a paid session; 1 by default. */
  readonly minMsgCount?: number;
  /** Least share of valid ones, 0 to 1, to four decimals; 1 under a predicate, else 0 by default. */
  readonly minValidRatio?: number;
  /** Whether the next session starts when one is settled; it does by default. */
  readonly autoRenew?: boolean;
}

/** What a buyer asks for beside price and provider. */
export interface EscrowTermsOptions {
  /** Units (pulls or sessions) after which the escrow is over; 1 by default. */
  readonly unitCount?: number;
  /** How long the provider may take from one unit to the next; a day by default. */
  readonly deliveryTimeSec?: number;
  /** How long the buyer may take to answer: silence accepts; an hour by default. */
  readonly answerTimeSec?: number;
  /** Who decides what the buyer rejects; nobody by default: a rejected unit is refunded. */
  readonly arbiter?: Hex;
  /** How long they may take; a week by default. */
  readonly arbitrationTimeSec?: number;
  /** Base units that may be drawn from the buyer's balance when the escrow runs low; 0 by default. */
  readonly autoFillLimit?: bigint;
  /** Needed in pubsub mode, and only there. */
  readonly session?: SessionTerms;
  /** What the machine judges readings by: then buyer and provider do not. */
  readonly predicate?: Predicate;
  /** Of a pull that is judged: fewest readings, and least share of valid ones; each 1 by default. */
  readonly minReadings?: number;
  readonly minValidRatio?: number;
}

const HOUR_SEC = 3_600;
const DAY_SEC = 86_400;
const WEEK_SEC = 604_800;

/**
 * The terms as operations carry them.
 *
 * @throws RangeError for a predicate over its bounds.
 */
export function toEscrowTerms(options: EscrowTermsOptions): EscrowTerms {
  const { arbiter, session, predicate } = options;
  const isPull = session === undefined;
  const leastOfPull = predicate === undefined ? 0 : (options.minReadings ?? 1);
  const ratio = isPull ? options.minValidRatio : session.minValidRatio;
  // A predicate that no reading has to meet would judge nothing, and pay.
  const ratioByDefault = predicate === undefined ? 0 : 1;
  return {
    unitCount: options.unitCount ?? 1,
    deliveryTimeSec: options.deliveryTimeSec ?? DAY_SEC,
    answerTimeSec: options.answerTimeSec ?? HOUR_SEC,
    arbiter: hexToBytes(arbiter ?? zeroAddress),
    arbitrationTimeSec: arbiter === undefined ? 0 : (options.arbitrationTimeSec ?? WEEK_SEC),
    autoFillLimit: options.autoFillLimit ?? 0n,
    durationSec: session?.durationSec ?? 0,
    expectedMsgs: session?.expectedMsgs ?? 0,
    minMsgCount: isPull ? leastOfPull : (session.minMsgCount ?? 1),
    minValidBasisPoints: Math.round((ratio ?? ratioByDefault) * BASIS_POINTS),
    autoRenew: isPull ? false : (session.autoRenew ?? true),
    predicate: predicate === undefined ? new Uint8Array(0) : encodePredicate(predicate),
  };
}
