import { bytesToHex } from "viem";
import type { EscrowTerms } from "../../../spec/escrow-operations.ts";
import { BASIS_POINTS, JUDGED_BATCHES_MAX, JUDGED_READINGS_MAX } from "../../../spec/limits.ts";
import type { Hex } from "../../../spec/outputs.ts";
import { decodePredicate, type Predicate } from "../../../spec/predicate.ts";
import type { DeliveryMode } from "../../../spec/service-operations.ts";
import { isZero } from "../../../spec/words.ts";
import { countOf } from "../../count-of.ts";
import { describePredicate } from "./format-predicate.ts";

/** What a sentence about terms needs of them. */
export type DescribedTerms = Omit<EscrowTerms, "arbiter" | "minValidBasisPoints" | "predicate"> & {
  readonly mode: DeliveryMode;
  readonly arbiter: Hex | undefined;
  readonly minValidRatio: number;
  readonly predicate: Predicate | undefined;
};

const TIME_UNITS: readonly (readonly [seconds: number, name: string])[] = [
  [86_400, "day"],
  [3_600, "hour"],
  [60, "minute"],
  [1, "second"],
];

/** Terms about to be signed, as `describeTerms` takes them. */
export function fromEscrowTerms(terms: EscrowTerms, mode: DeliveryMode): DescribedTerms {
  const { arbiter, predicate, minValidBasisPoints, ...same } = terms;
  return {
    ...same,
    mode,
    arbiter: isZero(arbiter) ? undefined : bytesToHex(arbiter),
    minValidRatio: minValidBasisPoints / BASIS_POINTS,
    predicate: predicate.length === 0 ? undefined : decodePredicate(predicate),
  };
}

/**
 * What an escrow pays for, until when, and what it may draw, in one sentence; defaults are said like
 * all else. It follows §12.3 to §12.8 of the protocol.
 *
 * @param money How amounts of the escrow's token are written.
 * @example
 * describeTerms(fromEscrowTerms(terms, "pull"), money);
 * // Paid if all readings of a batch have temperature in [25, 42.99] Cel (at least 1 reading), …
 */
export function describeTerms(terms: DescribedTerms, money: (amount: bigint) => string): string {
  const parts = [
    terms.mode === "pull" ? describePull(terms) : describeSession(terms),
    describePace(terms),
    terms.autoFillLimit === 0n
      ? "nothing more is drawn from the buyer's balance"
      : `up to ${money(terms.autoFillLimit)} more is drawn from the buyer's balance when a unit's price is missing`,
  ];
  return `${parts.join("; ")}.`;
}

function describePull(terms: DescribedTerms): string {
  const { predicate, answerTimeSec } = terms;
  if (predicate !== undefined) {
    const judged = describeShare(terms, "a batch", predicate);
    return `Paid if ${judged}, judged by the machine at its delivery, and refunded otherwise`;
  }
  const answer = formatDuration(answerTimeSec);
  return `Paid if the buyer accepts the unit, or says nothing for ${answer} after its delivery; ${describeRejection(terms)}`;
}

function describeSession(terms: DescribedTerms): string {
  const { predicate, answerTimeSec, durationSec, expectedMsgs } = terms;
  const answer = formatDuration(answerTimeSec);
  const session = `a session of ${formatDuration(durationSec)}`;
  if (predicate !== undefined) {
    const judged = describeShare(terms, session, predicate);
    return (
      `Paid if ${judged}, and refunded otherwise: the machine judges at the first poke from ` +
      `${answer} after its end on, by the readings whose device time lies within the session and ` +
      `whose batches were sent since its start, the first ${JUDGED_BATCHES_MAX} of them as long as ` +
      `they have ${JUDGED_READINGS_MAX.toLocaleString("en")} readings or fewer`
    );
  }
  const counted = describeCounted(terms);
  return (
    `Paid if the buyer's receipt says that ${session} had ${counted} ` +
    `(${expectedMsgs} expected), or if the provider says so within ${answer} of its end and the ` +
    `buyer agrees or says nothing for ${answer}, and refunded otherwise; ${describeRejection(terms)}`
  );
}

/** "all readings of a batch have … (at least 1 reading)". */
function describeShare(terms: DescribedTerms, unit: string, predicate: Predicate): string {
  const { minMsgCount, minValidRatio } = terms;
  const judged = describePredicate(predicate);
  const least = `at least ${countOf(minMsgCount, "reading")}`;
  if (minValidRatio === 0) return `${unit} has ${least}, even if none of them has ${judged}`;
  const share = minValidRatio === 1 ? "all" : `at least ${formatPercent(minValidRatio)} of the`;
  return `${share} readings of ${unit} have ${judged} (${least})`;
}

function describeCounted({ minMsgCount, minValidRatio }: DescribedTerms): string {
  const least = `at least ${countOf(minMsgCount, "message")}`;
  if (minValidRatio === 0) return `${least}, valid or not`;
  return `${least}, ${minValidRatio === 1 ? "all" : `at least ${formatPercent(minValidRatio)}`} of them valid`;
}

const describeRejection = ({ arbiter, arbitrationTimeSec }: DescribedTerms): string =>
  arbiter === undefined
    ? "what the buyer rejects is refunded and ends the escrow"
    : `what the buyer rejects ends the escrow as ${arbiter} decides within ${formatDuration(arbitrationTimeSec)}, refunded otherwise`;

function describePace({ mode, unitCount, deliveryTimeSec, autoRenew }: DescribedTerms): string {
  const time = formatDuration(deliveryTimeSec);
  const late = "or the escrow ends and returns what it holds";
  if (mode === "pull") {
    return unitCount === 1
      ? `1 unit, delivered within ${time}, ${late}`
      : `up to ${unitCount} units, each delivered within ${time} after the one before is settled, ${late}`;
  }
  if (unitCount === 1 || !autoRenew) return `1 session, started within ${time}, ${late}`;
  return (
    `up to ${unitCount} sessions, the first started within ${time}, ${late}, ` +
    "each other as soon as the one before is settled"
  );
}

/**
 * A time in the largest unit that gives a whole number.
 *
 * @example
 * formatDuration(5_400); // "90 minutes"
 */
export function formatDuration(seconds: number): string {
  const [size, name] = TIME_UNITS.find(([length]) => seconds % length === 0) ?? [1, "second"];
  return countOf(seconds / size, name);
}

/** Four decimals of a share are two of a percent. */
const formatPercent = (ratio: number): string => `${Math.round(ratio * BASIS_POINTS) / 100} %`;
