import { describe, expect, test } from "vitest";
import {
  type EscrowTermsOptions,
  toEscrowTerms,
} from "../node-client/client/escrow/escrow-terms.ts";
import { describePredicate } from "../node-client/client/escrow/format-predicate.ts";
import { countJudged } from "../node-client/client/escrow/judged-readings.ts";
import { parsePredicate } from "../node-client/client/escrow/predicate-text.ts";
import {
  describeTerms,
  formatDuration,
  fromEscrowTerms,
} from "../node-client/client/escrow/terms-text.ts";
import { encodeOpenBody } from "../spec/batch-body.ts";
import { BASIS_POINTS } from "../spec/limits.ts";
import { areThresholdsMet } from "../spec/predicate.ts";
import { metric } from "./arbitraries/world.ts";

/** What an escrow's terms are unless they are said, and what is said of them before they are signed. */

const metrics = [metric("temperature", { unit: "Cel", scale: 2 }), metric("wind speed")];
const predicate = parsePredicate("temperature in [25, 43)", metrics);
const SESSION = { durationSec: 600, expectedMsgs: 15 };
const arbiter: `0x${string}` = `0x${"ab".repeat(20)}`;
const say = (options: EscrowTermsOptions): string => {
  const mode = options.session === undefined ? "pull" : "pubsub";
  return describeTerms(fromEscrowTerms(toEscrowTerms(options), mode), (amount) => `${amount} TT`);
};

describe("the least share of valid readings", () => {
  test.each<[string, EscrowTermsOptions]>([
    ["a judged unit", { predicate }],
    ["a judged session", { predicate, session: SESSION }],
  ])("of %s is all of them unless told, so that one that fails refunds it", (_, options) => {
    const terms = toEscrowTerms(options);
    expect(terms).toMatchObject({ minValidBasisPoints: BASIS_POINTS, minMsgCount: 1 });
    expect(areThresholdsMet(terms, 12, 12)).toBe(true);
    expect(areThresholdsMet(terms, 12, 11)).toBe(false);
    expect(areThresholdsMet(terms, 12, 0)).toBe(false);
  });

  test("is what is told, nothing included, and nothing where no predicate judges", () => {
    const ratioOf = (options: EscrowTermsOptions) => toEscrowTerms(options).minValidBasisPoints;
    expect(ratioOf({ predicate, minValidRatio: 0.75 })).toBe(7_500);
    expect(ratioOf({ predicate, minValidRatio: 0 })).toBe(0);
    expect(ratioOf({ predicate, session: { ...SESSION, minValidRatio: 0.5 } })).toBe(5_000);
    expect(ratioOf({})).toBe(0);
    expect(ratioOf({ session: SESSION })).toBe(0);
  });
});

describe("the sentence", () => {
  test("of a pull says what silence does, and every default", () => {
    expect(say({})).toBe(
      "Paid if the buyer accepts the unit, or says nothing for 1 hour after its delivery; what the " +
        "buyer rejects is refunded and ends the escrow; 1 unit, delivered within 1 day, or the " +
        "escrow ends and returns what it holds; nothing more is drawn from the buyer's balance.",
    );
    expect(say({ unitCount: 3, arbiter, autoFillLimit: 7n, deliveryTimeSec: 5_400 })).toBe(
      "Paid if the buyer accepts the unit, or says nothing for 1 hour after its delivery; what the " +
        `buyer rejects ends the escrow as ${arbiter} decides within 7 days, refunded otherwise; up ` +
        "to 3 units, each delivered within 90 minutes after the one before is settled, or the escrow " +
        "ends and returns what it holds; up to 7 TT more is drawn from the buyer's balance when a " +
        "unit's price is missing.",
    );
  });

  test.each<[string, EscrowTermsOptions]>([
    ["all readings of a batch have temperature in [25, 42.99] Cel (at least 1 reading)", {}],
    [
      "at least 75.5 % of the readings of a batch have temperature in [25, 42.99] Cel (at least 4 readings)",
      { minValidRatio: 0.755, minReadings: 4 },
    ],
    [
      "a batch has at least 1 reading, even if none of them has temperature in [25, 42.99] Cel",
      { minValidRatio: 0 },
    ],
  ])("of a judged pull: %s", (judged, options) => {
    expect(say({ predicate, ...options })).toContain(
      `Paid if ${judged}, judged by the machine at its delivery, and refunded otherwise; 1 unit`,
    );
  });

  test("of a judged session says which readings count", () => {
    expect(say({ predicate, unitCount: 2, session: SESSION })).toBe(
      "Paid if all readings of a session of 10 minutes have temperature in [25, 42.99] Cel (at " +
        "least 1 reading), and refunded otherwise: the machine judges at the first poke from 1 hour " +
        "after its end on, by the readings whose device time lies within the session and whose " +
        "batches were sent since its start, the first 64 of them as long as they have 2,048 readings " +
        "or fewer; up to 2 sessions, the first started " +
        "within 1 day, or the escrow ends and returns what it holds, each other as soon as the one " +
        "before is settled; nothing more is drawn from the buyer's balance.",
    );
  });

  test("of a session that is counted says who counts", () => {
    const counted = { ...SESSION, minMsgCount: 10, minValidRatio: 0.75, autoRenew: false };
    expect(say({ unitCount: 2, session: counted })).toContain(
      "Paid if the buyer's receipt says that a session of 10 minutes had at least 10 messages, at " +
        "least 75 % of them valid (15 expected), or if the provider says so within 1 hour of its end " +
        "and the buyer agrees or says nothing for 1 hour, and refunded otherwise; what the buyer " +
        "rejects is refunded and ends the escrow; 1 session, started within 1 day,",
    );
    expect(say({ session: SESSION })).toContain("had at least 1 message, valid or not (15 exp");
  });
});

test.each([
  ["temperature in [25, 43)", "temperature in [25, 42.99] Cel"],
  ["temperature < 0.1", "temperature <= 0.09 Cel"],
  ['"wind speed" >= 3', '"wind speed" >= 3'],
  [
    'temperature < 1 or temperature > 9 and "wind speed" in [1, 3]',
    'temperature <= 0.99 Cel or (temperature >= 9.01 Cel and "wind speed" in [1, 3])',
  ],
])("a predicate in words: %s", (text, words) => {
  expect(describePredicate(parsePredicate(text, metrics))).toBe(words);
});

describe("what is judged", () => {
  const session = { startedAtSec: 1_000, endsAtSec: 1_600 };
  const temperature = [metrics[0]!];
  /** A batch of readings that hold, one a second. */
  const batch = (batchId: number, fromSec: number, readingCount: number) => {
    const times = Float64Array.from({ length: readingCount }, (_, i) => fromSec + i);
    const values = new Float64Array(readingCount).fill(3_000);
    const columns = [{ values, present: undefined, dictionary: undefined }];
    return { batchId, readingCount, body: encodeOpenBody({ times, columns }) };
  };
  const count = (batches: Parameters<typeof countJudged>[2], within = true) =>
    countJudged(predicate, temperature, batches, within ? session : undefined);

  test("of a session are the readings from its start on and before its end", () => {
    expect(count([batch(1, 998, 4), batch(2, 1_597, 8)])).toEqual({
      ...{ messageCount: 5, validCount: 5, earlyCount: 2, lateCount: 5, beyondCount: 0 },
    });
  });

  test("of a unit are all readings of its batch, whenever they were measured and however many", () => {
    expect(count([batch(1, 998, 2_049)], false)).toEqual({
      ...{ messageCount: 2_049, validCount: 2_049, earlyCount: 0, lateCount: 0, beyondCount: 0 },
    });
  });

  test("are of the first 64 batches, and of as many as stay within 2,048 readings", () => {
    const many = Array.from({ length: 66 }, (_, i) => batch(i, 1_000, 1));
    expect(count(many)).toMatchObject({ messageCount: 64, beyondCount: 2 });
    const large = [batch(1, 1_000, 500), batch(2, 1_000, 500), batch(3, 0, 1_049), batch(4, 1, 1)];
    expect(count(large)).toMatchObject({ messageCount: 1_000, earlyCount: 0, beyondCount: 1_050 });
    expect(count([batch(1, 1_000, 600), batch(2, 0, 1_448)])).toMatchObject({ beyondCount: 0 });
  });
});

test.each([
  [1, "1 second"],
  [90, "90 seconds"],
  [3_600, "1 hour"],
  [5_400, "90 minutes"],
  [172_800, "2 days"],
])("a time of %d seconds: %s", (seconds, words) => {
  expect(formatDuration(seconds)).toBe(words);
});
