import assert from "node:assert/strict";
import { bytesToHex } from "@noble/hashes/utils.js";
import fc from "fast-check";
import { afterAll, test } from "vitest";
import { arbitrarySteps, type BuiltInput } from "../arbitraries/histories.ts";
import { crypto } from "../arbitraries/shared-keys.ts";
import { runs, seed } from "../seed.ts";
import { buildSequence, PRELUDE_COUNT, type SeenResult, SequenceHost } from "./sequence-host.ts";

/**
 * Hosts differ in what they do between inputs, and must agree: one that puts the state back after
 * every reject, as the real machine's does; one that never does; one that stops anywhere and goes on
 * elsewhere from a snapshot.
 */

const LENGTH_MAX = 8;
const counts = { sequences: 0, inputs: 0, restoredAfterReject: 0, movedOn: 0 };

const sequences = fc.tuple(
  fc.nat({ max: PRELUDE_COUNT - 1 }),
  arbitrarySteps(LENGTH_MAX),
  fc.nat({ max: LENGTH_MAX }),
);

test("hosts that restore and hosts that do not agree", { timeout: 3_600_000 }, async () => {
  const [plain, restoring, leaving, arriving] = Array.from(
    { length: 4 },
    () => new SequenceHost(crypto),
  );
  const property = fc.asyncProperty(sequences, async ([prelude, steps, stop]) => {
    const inputs = buildSequence(prelude, steps);
    for (const host of [plain!, restoring!, leaving!]) await host.goTo(prelude);
    const results = inputs.map((input) => plain!.play(input));
    assert.deepEqual(playRestoring(restoring!, inputs), results, "restored after every reject");

    const at = stop % (inputs.length + 1);
    const before = inputs.slice(0, at).map((input) => leaving!.play(input));
    await arriving!.enter();
    arriving!.engine.store.restore(leaving!.engine.store.snapshot());
    const root = bytesToHex(leaving!.engine.store.getRoot());
    assert.equal(bytesToHex(arriving!.engine.store.getRoot()), root, "a snapshot has its root");
    const after = inputs.slice(at).map((input) => arriving!.play(input));
    assert.deepEqual([...before, ...after], results, "gone on elsewhere from a snapshot");
    const rescanned = bytesToHex(arriving!.engine.store.rescanRoot());
    assert.equal(rescanned, results.at(-1)!.root, "a scan of all rows gives the root");
    counts.sequences += 1;
    counts.inputs += inputs.length;
    counts.movedOn += 1;
  });
  await fc.assert(property, { seed: seed("hosts"), numRuns: runs(10_000) });
});

/** Keeps a snapshot of the last accepted state, and puts it back whenever an input is rejected. */
function playRestoring(host: SequenceHost, inputs: readonly BuiltInput[]): SeenResult[] {
  const { store } = host.engine;
  let kept: Uint8Array | undefined;
  return inputs.map((input) => {
    // It is foreseen which inputs are rejected; for the others the snapshot would not be used.
    if (input.expected === "rejected") kept ??= store.snapshot();
    const result = host.play(input);
    if (result.status === "accepted") kept = undefined;
    else {
      store.restore(kept!);
      counts.restoredAfterReject += 1;
      assert.equal(bytesToHex(store.getRoot()), result.root, "a restored state has its root");
    }
    return result;
  });
}

afterAll(() => process.stdout.write(`hosts: ${JSON.stringify(counts)}\n`));
