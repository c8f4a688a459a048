import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createNodeCrypto } from "../../dapp/crypto/node-crypto.ts";
import { InvariantViolation } from "../../dapp/engine/invariant.ts";
import { openNodeStore } from "../../node-client/node/store/open-node-store.ts";
import type { NodeStore } from "../../node-client/node/store/sqlite-node-store.ts";
import { expectSameView } from "../arbitraries/expected-view.ts";
import { hexOf, NodeStoreModel } from "../arbitraries/node-store-model.ts";
import {
  applyStep,
  createInput,
  createResults,
  createSegment,
  IDENTITY,
  step,
} from "../arbitraries/node-store-steps.ts";
import { runs, seed } from "../seed.ts";

const crypto = await createNodeCrypto();

const page = fc.record({
  limit: fc.integer({ min: 1, max: 9 }),
  offset: fc.nat(9),
  descending: fc.boolean(),
});

/** Calls that a caller's bug could make; each must throw and leave the file as it was. */
function misuse(store: NodeStore, model: NodeStoreModel): (() => void)[] {
  const next = model.chainInputs.length;
  const draft = { blockCount: 3, inputPlaces: [], claimedEpochs: [], executedOutputs: [] };
  const segment = createSegment(model, { kind: "append", ...draft });
  const { head } = segment;
  const good = createInput(next, head.number);
  const results = createResults(model.results.length, [2, 3, 1]);
  return [
    // The first input is fine: it must not stay.
    () => store.appendSegment({ ...segment, inputs: [good, createInput(next + 2, head.number)] }),
    () => store.appendSegment({ ...segment, inputs: [createInput(next, head.number + 1)] }),
    () => store.appendSegment({ ...segment, inputs: [{ ...good, blob: new Uint8Array(9) }] }),
    () => store.appendSegment({ ...segment, head: model.head ?? { ...head, number: -1 } }),
    // More results than inputs, of which some may be fine; results that skip one.
    () =>
      store.commitResults([
        ...createResults(model.results.length, new Array(next - model.results.length + 1).fill(2)),
      ]),
    () => store.commitResults([...results.slice(0, 1), ...results.slice(2)]),
    () => store.rollBackTo({ number: head.number, hash: head.hash }),
    () => store.rollBackTo({ number: model.head?.number ?? 3, hash: hexOf(0xdead) }),
    () => store.markClaimSubmitted(10_000, hexOf(1)),
    () =>
      store.putSnapshot({
        inputCount: model.results.length + 1,
        root: hexOf(1),
        state: new Uint8Array(1),
      }),
  ];
}

test("any history gives what lists of everything would give, and misuse changes nothing", () => {
  const folder = mkdtempSync(join(tmpdir(), "tallyroll-node-store-"));
  let fileCount = 0;
  try {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(step, page), { minLength: 1, maxLength: 20, size: "max" }),
        fc.nat(9),
        (steps, misuseAt) => {
          const path = join(folder, `${fileCount++}.sqlite`);
          let nowMs = 1_000;
          const options = { now: () => nowMs };
          const model = new NodeStoreModel(IDENTITY, crypto);
          let store = openNodeStore(path, IDENTITY, options);
          try {
            for (const [one, shown] of steps) {
              nowMs += 1;
              store = applyStep(one, store, model, nowMs, () => {
                store.close();
                return openNodeStore(path, undefined, options);
              });
              expectSameView(store, model, shown);
            }
            expect(() => misuse(store, model)[misuseAt]!()).toThrow(InvariantViolation);
            expectSameView(store, model, { limit: 9, offset: misuseAt });
            store.close();
            // What is in the file, not only in memory.
            store = openNodeStore(path, IDENTITY, options);
            expectSameView(store, model, { limit: 9, offset: 0 });
          } finally {
            store.close();
          }
          rmSync(path);
        },
      ),
      { seed: seed("node-store"), numRuns: runs(3_000) },
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
