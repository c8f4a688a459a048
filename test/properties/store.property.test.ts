import fc from "fast-check";
import { expect, test } from "vitest";
import { createNodeCrypto } from "../../dapp/crypto/node-crypto.ts";
import { openStore, type SqlStore } from "../../dapp/store/sql-store.ts";
import { openBareState } from "../arbitraries/bare-state.ts";
import { expectSameChannels } from "../arbitraries/channel-steps.ts";
import { expectSameEscrows } from "../arbitraries/escrow-steps.ts";
import { expectSameServices } from "../arbitraries/service-steps.ts";
import { computeRootOfRows, literal } from "../arbitraries/state-rows.ts";
import { pageOf } from "../arbitraries/step-values.ts";
import { StoreModel } from "../arbitraries/store-model.ts";
import { applyStep, type Step, step } from "../arbitraries/store-steps.ts";
import { runs, seed } from "../seed.ts";

const crypto = await createNodeCrypto();
const parameters = (long: number) => ({ seed: seed("store"), numRuns: runs(long) });

/** Every read of the store says what the model says. */
function expectSame(store: SqlStore, model: StoreModel): void {
  for (const row of model.tokens.values()) expect(store.tokens.get(row.token)).toEqual(row);
  for (const row of model.accounts.values()) expect(store.accounts.get(row.account)).toEqual(row);
  for (const row of model.balances.values()) {
    expect(store.balances.get(row.account, row.token)).toEqual(row);
  }
  for (const row of model.lowBalances.values()) {
    expect(store.lowBalances.get(row.account, row.token)).toEqual(row);
  }
  const ids = [...model.devices.keys(), ...model.streams.keys(), store.streams.nextId()];
  for (const id of [0, ...ids]) {
    expect(store.devices.get(id)).toEqual(model.devices.get(id));
    expect(store.streams.get(id)).toEqual(model.streams.get(id));
    expect(store.getMetrics(id)).toEqual(model.metrics.get(id) ?? []);
  }
  for (const row of model.deviceKeys.values()) {
    expect(store.deviceKeys.get(row.key)).toEqual(row);
  }
  for (const row of model.epochKeys.values()) {
    expect(store.epochKeys.get(row.streamId, row.epoch, row.group)).toEqual(row);
  }
  const batches = [...model.batches.values()].sort((a, b) => a.firstSequence - b.firstSequence);
  for (const row of batches) expect(store.batches.get(row.batchId)).toEqual(row);
  for (const streamId of [1, 2, 3]) {
    const own = batches.filter((row) => row.streamId === streamId);
    const from = 2 ** 30 + 1;
    const downwards = { by: "firstSequence", from: { downFrom: from }, limit: 2 } as const;
    const met = own.filter((row) => row.firstTimeSec < 1_300 && row.lastTimeSec >= 1_100);
    const early = own.filter((row) => row.firstSequence <= from).reverse();
    expect(store.batches.list({ streamId }, pageOf("firstSequence", from - 1, 2))).toEqual(
      own.filter((row) => row.firstSequence >= from).slice(0, 2),
    );
    expect(store.batches.list({ streamId }, downwards)).toEqual(early.slice(0, 2));
    expect(store.listBatchesInTime(streamId, 1_100, 1_300, 0, 3)).toEqual(met.slice(0, 3));
    const ofDevice = [...model.streams.values()].filter((row) => row.deviceId === streamId);
    expect(store.streams.list({ deviceId: streamId }, pageOf("streamId", 1, 2))).toEqual(
      ofDevice.filter((row) => row.streamId > 1).slice(0, 2),
    );
    for (const row of ofDevice) {
      expect(store.streams.find({ deviceId: row.deviceId, name: row.name })).toEqual(row);
    }
  }
  for (const owner of new Set([...model.devices.values()].map((row) => row.owner))) {
    const own = [...model.devices.values()].filter((row) => Buffer.compare(row.owner, owner) === 0);
    expect(store.devices.list({ owner }, pageOf("deviceId", 0, 3))).toEqual(own.slice(0, 3));
  }
  for (const row of model.grants.values()) {
    const { streamId, epoch, buyer } = row;
    expect(store.grants.find({ streamId, epoch, buyer })).toEqual(row);
    const own = [...model.grants.values()].filter((r) => Buffer.compare(r.buyer, row.buyer) === 0);
    expect(store.grants.list({ buyer }, pageOf("grantId", 0, 9))).toEqual(own.slice(0, 9));
  }
  const next = (rows: Map<number, unknown>): number => Math.max(0, ...rows.keys()) + 1;
  expect(store.devices.nextId()).toBe(next(model.devices));
  expect(store.streams.nextId()).toBe(next(model.streams));
  expect(store.batches.nextId()).toBe(next(model.batches));
  expect(store.grants.nextId()).toBe(next(model.grants));
  expectSameChannels(store, model);
  expectSameServices(store, model);
  expectSameEscrows(store, model);
}

/** Operations of an input, each kept or undone; the input itself kept or undone. */
interface Input {
  readonly operations: readonly { readonly steps: readonly Step[]; readonly keeps: boolean }[];
  readonly keeps: boolean;
  /** Asks for the root in the middle, as nobody does, and after it goes on writing. */
  readonly peeks: boolean;
  readonly next: "go on" | "restore elsewhere" | "reset";
}

const input: fc.Arbitrary<Input> = fc.record({
  operations: fc.array(
    fc.record({ steps: fc.array(step, { maxLength: 8 }), keeps: fc.boolean() }),
    { maxLength: 6 },
  ),
  keeps: fc.boolean(),
  peeks: fc.boolean(),
  next: fc.constantFrom("go on", "go on", "go on", "go on", "restore elsewhere", "reset"),
});

function applyInput(store: SqlStore, model: StoreModel, { operations, ...input }: Input) {
  let current = model.clone();
  store.begin();
  for (const { steps, keeps } of operations) {
    const attempt = current.clone();
    store.openSavepoint();
    for (const one of steps) applyStep(store, attempt, one);
    if (input.peeks) expect(store.getRoot()).toEqual(computeRootOfRows(crypto, attempt.rows()));
    if (keeps) {
      store.releaseSavepoint();
      current = attempt;
    } else {
      store.rollbackSavepoint();
      expectSame(store, current);
    }
  }
  if (input.keeps) {
    store.commit();
    return current;
  }
  store.rollback();
  return model;
}

/** A failure leaves its transaction open while it shrinks. */
function startOver(store: SqlStore): void {
  try {
    store.rollback();
  } catch {
    // None was open.
  }
  store.reset();
}

test.each([1, 2, 4_096])("the store equals Maps, with %i cached rows", async (cacheEntriesMax) => {
  const stores = [
    await openStore(crypto, { cacheEntriesMax }),
    await openStore(crypto, { cacheEntriesMax }),
  ] as const;
  const straight = await openBareState(crypto);
  fc.assert(
    fc.property(fc.array(input, { maxLength: 8 }), (inputs) => {
      for (const each of stores) startOver(each);
      if (straight.isOpen()) straight.rollback();
      let [store, spare]: readonly SqlStore[] = stores;
      let model = new StoreModel();
      for (const one of inputs) {
        model = applyInput(store!, model, one);
        if (one.next === "restore elsewhere") {
          spare!.restore(store!.snapshot());
          expectSame(store!, model);
          [store, spare] = [spare, store];
        } else if (one.next === "reset") {
          store!.reset();
          model = new StoreModel();
        }
        expectSame(store!, model);
        expect(store!.getRoot()).toEqual(computeRootOfRows(crypto, model.rows()));
        expect(store!.rescanRoot()).toEqual(store!.getRoot());
      }

      // The same rows, last first and each written once, give the same root.
      straight.begin();
      for (const [table, cells] of [...model.rows()].reverse()) {
        straight.database.run(`INSERT INTO ${table} VALUES (${cells.map(literal)})`);
      }
      expect(straight.getRoot()).toEqual(store!.getRoot());
      straight.rollback();
    }),
    parameters(120),
  );
  for (const each of stores) each.close();
});
