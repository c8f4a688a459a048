import assert from "node:assert/strict";
import fc from "fast-check";
import { expect, test } from "vitest";
import { decodePaddedWire } from "../../spec/codec.ts";
import { KINDS_BY_CODE } from "../../spec/operation-codec.ts";
import { OPERATION_KINDS } from "../../spec/operations.ts";
import { runs, seed } from "../seed.ts";
import { ModelComparison } from "./model-comparison.ts";
import {
  checkConservation,
  checkOpenIntents,
  checkRetention,
  checkTransitions,
  listOpenEscrows,
  type SeenBatches,
} from "./model-invariants.ts";
import { type Clock, MAKER_KINDS, makeInput, makePokes } from "./model-play.ts";

/**
 * Engine and model walk together: several accounts, tokens and devices, and everybody is hostile
 * now and then. After every operation both say the same outcome, outputs and rows, and the rows
 * keep what settlement promises.
 */

const LENGTH = 50;
const SEQUENCES = 100_000;
const UNITS_MAX = 4;

interface WalkState {
  readonly clock: Clock;
  /** The kinds of operations that applied so far. */
  readonly applied: Set<string>;
  readonly seen: SeenBatches;
}

/** One input. Always runs: a refusal is behaviour, too, so the model must foresee it. */
class Step implements fc.Command<WalkState, ModelComparison> {
  readonly kind: string;
  readonly seed: number;

  constructor(kind: string, stepSeed: number) {
    this.kind = kind;
    this.seed = stepSeed;
  }

  check(): boolean {
    return true;
  }

  run({ clock, applied, seen }: WalkState, both: ModelComparison): void {
    const { model } = both;
    const input = makeInput(model, this.kind, this.seed, clock);
    const before = model.state.copy();
    const { status, refusals } = both.play(input);
    const names = refusals.map(({ refusal }) => refusal);
    assert.ok(!names.includes("growth_over_payload"), "an envelope is padded for all it can add");
    if (status === "rejected") return;
    const refused = new Set(refusals.map(({ operation }) => operation));
    const kinds = (decodePaddedWire(input.payload.subarray(1)) as unknown[][]).flatMap(
      ([code], i) => (refused.has(i) ? [] : [KINDS_BY_CODE.get(code)!.kind]),
    );
    for (const kind of kinds) applied.add(kind);
    checkConservation(model);
    checkOpenIntents(model);
    checkRetention(model, seen);
    checkTransitions(model, before, kinds);
  }

  toString(): string {
    return `${this.kind}(${this.seed})`;
  }
}

/** After all time limits, a poke a unit closes whatever is open. */
function checkEnding(both: ModelComparison, clock: Clock): void {
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
  .tuple(fc.constantFrom(...MAKER_KINDS), fc.nat(2 ** 31 - 1))
  .map(([kind, stepSeed]) => new Step(kind, stepSeed));
const steps = fc.array(step, { minLength: LENGTH, maxLength: LENGTH, size: "max" });

/** Of one `TALLYROLL_SEED`, or of one moment, each half makes sequences of its own. */
const SEED_DISTANCE = 2 ** 30;

/** The test over one half of the sequences: each has a file, so that two workers share them. */
export async function testHalf(half: 1 | 2): Promise<void> {
  // The second half's state is small: bonds are taken, and room ends.
  const comparison = await (half === 1 ? ModelComparison.open() : ModelComparison.openSmall());
  const name = `model and engine agree after every operation, half ${half}`;
  test(name, { timeout: 14_400_000 }, () => {
    const applied = new Set<string>();
    fc.assert(
      fc.property(steps, (commands) => {
        const clock = comparison.restart();
        fc.modelRun(
          () => ({ model: { clock, applied, seen: new Map() }, real: comparison }),
          commands,
        );
        checkEnding(comparison, clock);
      }),
      {
        seed: (seed(`model, half ${half}`) + half * SEED_DISTANCE) | 0,
        numRuns: runs(SEQUENCES) / 2,
      },
    );
    const kinds = OPERATION_KINDS.filter((kind) => half === 2 || kind !== "withdraw_bond");
    expect([...applied].sort()).toEqual([...kinds].sort());
  });
}
