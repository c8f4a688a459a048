import assert from "node:assert/strict";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { nobleCrypto } from "../../spec/crypto-noble.ts";
import { arbitrarySteps, type Step } from "../arbitraries/histories.ts";
import { crypto } from "../arbitraries/shared-keys.ts";
import { runs, seed } from "../seed.ts";
import { AmbientAccess, withoutAmbientState } from "./ambient-state.ts";
import { scanLedger } from "./ledger-scan.ts";
import { ResultInvariants, readReport } from "./result-invariants.ts";
import { buildSequence, PRELUDE_COUNT, SequenceHost } from "./sequence-host.ts";

/**
 * The transition is a pure function of state and input: the same sequence gives the same roots,
 * outputs and reports in a second run in a world without clocks, randomness and environment, and
 * under the other implementation of the cryptography. And what must hold after any input, holds.
 */

const LENGTH_MAX = 8;
const counts = { sequences: 0, inputs: 0, accepted: 0, operations: 0 };

/** Once foreseen wrongly, each because of what came before it in the same input or sequence. */
const KNOWN_CASES: [[number, Step[]]][] = [
  // A nonce that an act before it makes the right one.
  [[6, [several(3769056747)]]],
  // Readings that a refused submission has spent.
  [[0, [several(976)]]],
  // A stranger who turns out to own the stream that he should not touch.
  [[2, [several(3271992573), several(3767030553)]]],
];

function several(stepSeed: number): Step {
  return { kind: "several", seed: stepSeed };
}

const sequences = fc.tuple(fc.nat({ max: PRELUDE_COUNT - 1 }), arbitrarySteps(LENGTH_MAX));

test("a sequence has one meaning", { timeout: 3_600_000 }, async () => {
  const first = new SequenceHost(crypto);
  // A cache of one row: what is cached must not show either.
  const second = new SequenceHost(crypto, { cacheEntriesMax: 1 });
  const noble = new SequenceHost(nobleCrypto);

  const property = fc.asyncProperty(sequences, async ([prelude, steps]) => {
    const inputs = buildSequence(prelude, steps);
    for (const host of [first, second, noble]) await host.goTo(prelude);
    const invariants = new ResultInvariants(first.engine);
    const results = inputs.map((input) => {
      const result = first.play(input);
      invariants.observe(input, { ...result, status: input.expected });
      assert.equal(result.status, input.expected, `${input.kind} was foreseen otherwise`);
      const refusals = result.reports.map(readReport);
      if (input.kind !== "hostile") {
        const refused = refusals.map(({ operation }) => operation);
        assert.deepEqual(refused, input.refusedOperations, `${input.kind} was foreseen otherwise`);
      }
      counts.operations += refusals.length + result.outputs.length;
      return result;
    });
    // Every sequence may be the one whose rows differ: a scan of them all, and of the money.
    invariants.rescan();
    scanLedger(first.engine.store.snapshot());

    const again = withoutAmbientState(() => inputs.map((input) => second.play(input)));
    assert.deepEqual(again, results, "a second run in a world without ambient state");
    const elsewhere = inputs.map((input) => noble.play(input));
    assert.deepEqual(elsewhere, results, "the other implementation of the cryptography");
    counts.sequences += 1;
    counts.inputs += inputs.length;
    counts.accepted += results.filter(({ status }) => status === "accepted").length;
  });
  await fc.assert(property, {
    seed: seed("determinism"),
    numRuns: runs(10_000),
    examples: KNOWN_CASES,
  });
});

test("the world without ambient state is one", () => {
  for (const read of [
    () => Date.now(),
    () => new Date(),
    () => Math.random(),
    () => performance.now(),
    () => globalThis.crypto.getRandomValues(new Uint8Array(1)),
    () => process.env.HOME,
    () => "a".localeCompare("b"),
  ]) {
    expect(() => withoutAmbientState<unknown>(read)).toThrow(AmbientAccess);
    expect(read).not.toThrow();
  }
});

afterAll(() => process.stdout.write(`determinism: ${JSON.stringify(counts)}\n`));
