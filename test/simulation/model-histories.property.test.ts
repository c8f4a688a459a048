import { test } from "vitest";
import { Dice } from "../arbitraries/dice.ts";
import { HistoryBuilder, STEP_KINDS } from "../arbitraries/histories.ts";
import { Duel } from "../arbitraries/model-duel.ts";
import { checkConservation } from "../arbitraries/model-invariants.ts";
import { runs, seed } from "../seed.ts";

/** Engine and model over histories from an empty state: any bytes, deposits and long batches. */

const LENGTH = 50;
const HISTORIES = 2_000;

/** The engine reads nearly every row anew: what it keeps in memory must not show. */
const CACHE_ENTRIES_MAX = 2;

const duel = await Duel.openEmpty(CACHE_ENTRIES_MAX);

test("model and engine agree over any history", { timeout: 3_600_000 }, () => {
  const dice = new Dice(seed("model histories"));
  for (let count = runs(HISTORIES); count > 0; count--) {
    duel.restart();
    const builder = new HistoryBuilder();
    for (let i = 0; i < LENGTH; i++) {
      duel.play(builder.build({ kind: dice.pick(STEP_KINDS), seed: dice.next() }));
    }
    checkConservation(duel.model);
  }
});
