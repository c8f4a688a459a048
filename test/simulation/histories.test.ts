import { expect, test } from "vitest";
import { recordHistory, STEP_KINDS } from "../arbitraries/histories.ts";
import { crypto, openWorld } from "../arbitraries/shared-keys.ts";
import { openEngine } from "../arbitraries/world.ts";

/** The generated histories are what they say: of every kind, seeded to the byte, and foreseen. */

test("a recorded history is accepted and refused exactly as its maker expects", async () => {
  const engine = await openEngine(openWorld(), crypto);
  const history = recordHistory(11, 1_000);
  let acceptedCount = 0;
  for (const [index, input] of history.entries()) {
    const { status, reports } = engine.apply(input);
    const refused = reports.flatMap((report) => {
      const { operation } = JSON.parse(Buffer.from(report.slice(2), "hex").toString("utf8"));
      return operation === null || input.kind === "hostile" ? [] : [operation];
    });
    expect({ index, status, refused }).toEqual({
      index,
      status: input.expected,
      refused: input.refusedOperations,
    });
    if (status === "accepted") acceptedCount += 1;
  }
  expect(acceptedCount).toBeGreaterThan(850);
  expect(new Set(history.map(({ kind }) => kind))).toEqual(new Set(STEP_KINDS));
  expect(engine.store.rescanRoot()).toEqual(engine.store.getRoot());
});

test("a seed gives the same history to the byte, another seed another one", () => {
  expect(recordHistory(5, 150)).toEqual(recordHistory(5, 150));
  expect(recordHistory(6, 20)).not.toEqual(recordHistory(5, 20));
});
