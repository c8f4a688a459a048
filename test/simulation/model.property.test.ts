import assert from "node:assert/strict";
import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeWire } from "../../spec/codec.ts";
import { OPERATION_KINDS } from "../../spec/operations.ts";
import { Dice } from "../arbitraries/dice.ts";
import { HistoryBuilder, STEP_KINDS } from "../arbitraries/histories.ts";
import {
  checkConservation,
  checkTransitions,
  listOpenEscrows,
} from "../arbitraries/model-invariants.ts";
import { type Clock, DEED_KINDS, Duel, makeInput, makePokes } from "../arbitraries/model-play.ts";
import { runs, seed } from "../seed.ts";

/**
 * Engine and model walk together: several accounts, tokens and devices, and everybody is hostile
 * now and then. After every operation both say the same outcome, outputs and rows, and the rows
 * keep what settlement promises.
 */

const LENGTH = 50;
const SEQUENCES = 100_000;
const HISTORIES = 2_000;
const isLong = process.env.TALLYROLL_LONG === "1";
/** Of the usual tenth, which would take six minutes of one core: putting a state back costs most. */
const SHARE_IN_CI = 0.4;
const UNITS_MAX = 4;
const duel = await Duel.open();
const applied = new Set<string>();
const KIND_BY_CODE = new Map<unknown, string>(
  Object.entries(OPERATION_KINDS).map(([kind, code]) => [code, kind]),
);

interface Hands {
  readonly clock: Clock;
}

/** One input. Always runs: a refusal is behaviour, too, so the model must foresee it. */
class Step implements fc.Command<Hands, Duel> {
  readonly kind: string;
  readonly seed: number;

  constructor(kind: string, stepSeed: number) {
    this.kind = kind;
    this.seed = stepSeed;
  }

  check(): boolean {
    return true;
  }

  run({ clock }: Hands, both: Duel): void {
    const { model } = both;
    const input = makeInput(model, this.kind, this.seed, clock);
    const before = model.state.copy();
    const { status, refusals } = both.play(input);
    if (status === "rejected") return;
    const refused = new Set(refusals.map(({ operation }) => operation));
    const kinds = (decodeWire(input.payload.subarray(1)) as unknown[][]).flatMap(([code], i) =>
      refused.has(i) ? [] : [KIND_BY_CODE.get(code)!],
    );
    for (const kind of kinds) applied.add(kind);
    checkConservation(model);
    checkTransitions(model, before, kinds);
  }

  toString(): string {
    return `${this.kind}(${this.seed})`;
  }
}

/** After all time limits, a poke a unit closes whatever is open. */
function checkEnding(both: Duel, clock: Clock): void {
  for (let round = 0; round <= UNITS_MAX; round++) {
    const pokes = makePokes(both.model, clock);
    if (pokes === undefined) break;
    const { refusals } = both.play(pokes);
    assert.deepEqual(refusals, [], "every open escrow has something due");
  }
  assert.deepEqual(listOpenEscrows(both.model), [], "every escrow ends");
  checkConservation(both.model);
}

const step = fc
  .tuple(fc.constantFrom(...DEED_KINDS), fc.nat(2 ** 31 - 1))
  .map(([kind, stepSeed]) => new Step(kind, stepSeed));

test("model and engine agree after every operation", { timeout: 14_400_000 }, () => {
  const steps = fc.array(step, { minLength: LENGTH, maxLength: LENGTH, size: "max" });
  fc.assert(
    fc.property(steps, (commands) => {
      const clock = duel.restart();
      fc.modelRun(() => ({ model: { clock }, real: duel }), commands);
      checkEnding(duel, clock);
    }),
    { seed: seed("model"), numRuns: Math.ceil(runs(SEQUENCES) * (isLong ? 1 : SHARE_IN_CI)) },
  );
  expect([...applied].sort()).toEqual(Object.keys(OPERATION_KINDS).sort());
});

test("and over histories of any bytes, deposits and long batches", { timeout: 3_600_000 }, () => {
  const dice = new Dice(seed("model histories"));
  for (let count = runs(HISTORIES); count > 0; count--) {
    duel.empty();
    const builder = new HistoryBuilder();
    for (let i = 0; i < LENGTH; i++) {
      duel.play(builder.build({ kind: dice.pick(STEP_KINDS), seed: dice.next() }));
    }
    checkConservation(duel.model);
  }
});
