import { test } from "vitest";
import { HistoryBuilder, STEP_KINDS } from "../arbitraries/histories.ts";
import { ModelComparison } from "../arbitraries/model-comparison.ts";
import { checkConservation } from "../arbitraries/model-invariants.ts";
import { SeededRng } from "../arbitraries/seeded-rng.ts";
import { runs, seed } from "../seed.ts";

/** Engine and model over histories from an empty state: any bytes, deposits and long batches. */

const LENGTH = 50;
const HISTORIES = 2_000;

/** The engine reads nearly every row anew: what it keeps in memory must not show. */
const CACHE_ENTRIES_MAX = 2;

const comparison = await ModelComparison.openEmpty(CACHE_ENTRIES_MAX);

test("model and engine agree over any history", { timeout: 3_600_000 }, () => {
  const rng = new SeededRng(seed("model histories"));
  for (let count = runs(HISTORIES); count > 0; count--) {
    comparison.restart();
    const builder = new HistoryBuilder();
    for (let i = 0; i < LENGTH; i++) {
      comparison.play(builder.build({ kind: rng.pick(STEP_KINDS), seed: rng.next() }));
    }
    checkConservation(comparison.model);
  }
});
