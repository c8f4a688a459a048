import fc from "fast-check";
import { expect, test } from "vitest";
import { type Clock, DEED_KINDS, Duel, makeInput } from "../arbitraries/model-play.ts";
import { runs, seed } from "../seed.ts";

/**
 * Engine and model walk together: several accounts, tokens and devices, everybody now and then a
 * hostile one. After every operation both say the same outcome, outputs and rows.
 */

const LENGTH = 50;
const SEQUENCES = 100_000;
const duel = await Duel.open();
const applied = new Map<string, number>();
const refused = new Map<string, number>();

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
    const input = makeInput(both.model, this.kind, this.seed, clock);
    const { status, refusals } = both.play(input);
    if (status === "accepted") applied.set(this.kind, (applied.get(this.kind) ?? 0) + 1);
    for (const { refusal } of refusals) refused.set(refusal, (refused.get(refusal) ?? 0) + 1);
  }

  toString(): string {
    return `${this.kind}(${this.seed})`;
  }
}

const step = fc
  .tuple(fc.constantFrom(...DEED_KINDS), fc.nat(2 ** 31 - 1))
  .map(([kind, stepSeed]) => new Step(kind, stepSeed));

test("model and engine agree after every operation", { timeout: 14_400_000 }, () => {
  const steps = fc.array(step, { minLength: LENGTH, maxLength: LENGTH, size: "max" });
  fc.assert(
    fc.property(steps, (commands) => {
      fc.modelRun(() => ({ model: { clock: duel.restart() }, real: duel }), commands);
    }),
    {
      seed: seed("model"),
      numRuns: Number(process.env.SEQ ?? runs(SEQUENCES)),
      endOnFailure: process.env.NOSHRINK !== undefined,
    },
  );
  if (process.env.TALLY) console.log(applied, refused);
  expect(applied.size).toBeGreaterThan(20);
});
