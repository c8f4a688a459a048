import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createNodeCrypto } from "../dapp/crypto/node-crypto.ts";
import { balanceOf } from "../dapp/engine/balances.ts";
import { InvariantViolation } from "../dapp/engine/invariant.ts";
import type { BatchBodyRow, BatchRow, StreamRow } from "../dapp/engine/store.ts";
import { openStore, type SqlStore } from "../dapp/store/sql-store.ts";
import { nobleCrypto } from "../spec/crypto-noble.ts";
import { AMOUNT_MAX, SEQUENCE_MAX } from "../spec/limits.ts";
import { openBareState } from "./arbitraries/bare-state.ts";
import { computeRootOfRows, literal } from "./arbitraries/state-rows.ts";

const crypto = await createNodeCrypto();
const hash = (n: number): Uint8Array => new Uint8Array(32).fill(n);
const ALICE = new Uint8Array(20).fill(0xa1);
const TOKEN = new Uint8Array(20).fill(0x70);

const STREAM: StreamRow = {
  streamId: 1,
  deviceId: 1,
  name: "weather",
  visibility: "open",
  groupCount: 1,
  retentionSec: 0,
  epoch: 0,
  nextSequence: 0,
  keptFrom: 0,
  foldedFrom: 0,
  tidyDueSec: null,
  batchCount: 0,
  readingCount: 0,
  breakCount: 0,
  lastBatchHash: null,
};
const METRIC = { name: "temperature", unit: "Cel", kind: "integer", scale: 2, group: 0 } as const;
const METRICS = [{ ...METRIC, minimum: -(2 ** 49), maximum: 2 ** 49 }];

function insertStream(into: SqlStore, row = STREAM): void {
  into.streams.insert(row);
  for (const [metricIndex, metric] of METRICS.entries()) {
    into.metrics.insert({ streamId: row.streamId, metricIndex, ...metric });
  }
}
const BATCH: BatchRow = {
  batchId: 1,
  streamId: 1,
  epoch: 0,
  firstSequence: 0,
  readingCount: 128,
  firstTimeSec: 1_700_000_000,
  lastTimeSec: 1_700_012_700,
  isBreak: false,
  batchHash: hash(1),
  previousHash: hash(0),
  commitment: hash(2),
  acceptedAtSec: 1,
  disprovedGroup: null,
};
const BODY: BatchBodyRow = {
  batchId: 1,
  salt: new Uint8Array(16),
  openingKey: null,
  body: new Uint8Array(780).fill(7),
};

let store: SqlStore;
beforeEach(async () => {
  store = await openStore(crypto);
});
afterEach(() => store.close());

const putBalance = (amount: bigint, account: Uint8Array = ALICE): void =>
  store.balances.put({ account, token: TOKEN, amount });

function write(writes: () => void): void {
  store.begin();
  writes();
  store.commit();
}

describe("the traps of sql.js", () => {
  test.each([0, -1, 2 ** 31, 2 ** 53 - 1, -(2 ** 49), -(2 ** 53) + 1])(
    "stores %d as an INTEGER and reads it back",
    async (value) => {
      const { database, begin, commit } = await openBareState(crypto);
      const insert = database.prepareWrite("INSERT INTO accounts VALUES (?, ?, NULL)");
      begin();
      insert.run([ALICE, value]);
      commit();
      const rows = [...database.iterate("SELECT typeof(nonce), nonce FROM accounts")];
      expect(rows).toEqual([["integer", value]]);
      // Written as a literal, the same integer is the same row.
      const [exact] = database.iterate(`SELECT nonce = ${value} FROM accounts`);
      expect(exact).toEqual([1]);
    },
  );

  test("refuses integers that a double can't hold, however they come", async () => {
    const { database, begin } = await openBareState(crypto);
    const insert = database.prepareWrite("INSERT INTO accounts VALUES (?, ?, NULL)");
    begin();
    for (const value of [2 ** 53, 0.5, Number.NaN]) {
      expect(() => insert.run([ALICE, value])).toThrow(InvariantViolation);
    }
    const text = `INSERT INTO accounts VALUES (${literal(ALICE)}, 9007199254740993, NULL)`;
    expect(() => database.run(text)).toThrow("not a safe integer");
    expect([...database.iterate("SELECT count(*) FROM accounts")]).toEqual([[0]]);
  });

  test("finds rows by keys and ranges beyond 31 bits", () => {
    const streamId = 2 ** 40;
    const far = { ...BATCH, batchId: 2 ** 52, streamId, firstSequence: SEQUENCE_MAX - 127 };
    write(() => {
      insertStream(store, { ...STREAM, streamId });
      store.batches.insert(far);
    });
    const list = (from: { after: number } | { downFrom: number }) =>
      store.batches.list({ streamId }, { by: "firstSequence", from, limit: 9 });
    expect(store.batches.get(2 ** 52)).toEqual(far);
    expect(list({ downFrom: SEQUENCE_MAX })).toEqual([far]);
    expect(list({ downFrom: SEQUENCE_MAX - 128 })).toEqual([]);
    expect(list({ after: 2 ** 40 - 1 })).toEqual([far]);
    expect(store.batches.nextId()).toBe(2 ** 52 + 1);
    expect(store.streams.nextId()).toBe(2 ** 40 + 1);
  });

  test("keeps empty blobs, texts with NUL and amounts of 256 bits", () => {
    write(() => {
      store.batchBodies.insert({ ...BODY, body: new Uint8Array(0) });
      insertStream(store, { ...STREAM, name: "a\0b€𝄞" });
      putBalance(AMOUNT_MAX);
    });
    expect(store.batchBodies.get(1)?.body).toEqual(new Uint8Array(0));
    expect(store.streams.find({ deviceId: 1, name: "a\0b€𝄞" })?.streamId).toBe(1);
    expect(balanceOf(store, ALICE, TOKEN)).toBe(AMOUNT_MAX);
    for (const amount of [AMOUNT_MAX + 1n, -1n]) {
      expect(() => write(() => putBalance(amount))).toThrow(InvariantViolation);
      store.rollback();
    }
    expect(store.rescanRoot()).toEqual(store.getRoot());
  });
});

describe("the root", () => {
  test("is the same under both implementations of the cryptography", async () => {
    const twin = await openStore(nobleCrypto);
    for (const each of [store, twin]) {
      each.begin();
      insertStream(each);
      each.batches.insert(BATCH);
      each.commit();
    }
    expect(twin.getRoot()).toEqual(store.getRoot());
    expect(twin.getRoot()).toEqual(store.rescanRoot());
    twin.close();
  });

  test("hashes a row written many times in one input only as it was and as it is", () => {
    write(() => insertStream(store));
    const blake3 = vi.spyOn(crypto, "blake3");
    write(() => {
      for (let i = 1; i <= 50; i++) store.streams.update({ ...STREAM, nextSequence: i });
    });
    expect(blake3).toHaveBeenCalledTimes(2);
    write(() => {
      store.streams.update({ ...STREAM, nextSequence: 99 });
      store.streams.update({ ...STREAM, nextSequence: 50 });
    });
    expect(blake3).toHaveBeenCalledTimes(2);
    blake3.mockRestore();
    expect(store.rescanRoot()).toEqual(store.getRoot());
  });

  test("holds for an input that outgrows the journal's buffer", () => {
    const body = new Uint8Array(60_000).fill(9);
    write(() => {
      for (let i = 1; i <= 120; i++) store.batchBodies.insert({ ...BODY, batchId: i, body });
    });
    // Three bytes a character, from a fresh buffer on, past its end in the middle of a text.
    write(() => {
      for (let i = 1; i <= 40; i++) {
        insertStream(store, { ...STREAM, streamId: i, name: `${i}${"€".repeat(7_000)}` });
      }
    });
    expect(store.rescanRoot()).toEqual(store.getRoot());
  });

  test("is the empty one again after a reset, and the next input starts from nothing", () => {
    const empty = computeRootOfRows(crypto, []);
    expect(store.getRoot()).toEqual(empty);
    write(() => {
      insertStream(store);
      store.batches.insert(BATCH);
    });
    expect(store.getRoot()).not.toEqual(empty);
    store.reset();
    expect(store.getRoot()).toEqual(empty);
    expect(store.streams.get(1)).toBeUndefined();
    expect(store.getMetrics(1)).toEqual([]);
    expect(store.batches.nextId()).toBe(1);
  });
});

describe("rows", () => {
  test("are the store's own: frozen, and nothing of the caller's is in them", () => {
    const lastBatchHash = hash(5);
    write(() => insertStream(store, { ...STREAM, lastBatchHash }));
    lastBatchHash.fill(0);
    expect(store.streams.get(1)?.lastBatchHash).toEqual(hash(5));
    const nextHash = hash(6);
    write(() => store.streams.update({ ...STREAM, lastBatchHash: nextHash }));
    nextHash.fill(0);
    expect(store.streams.get(1)?.lastBatchHash).toEqual(hash(6));
    expect(Object.isFrozen(store.streams.get(1))).toBe(true);
    expect(store.getMetrics(1)).toBe(store.getMetrics(1));
    expect(Object.isFrozen(store.getMetrics(1)[0])).toBe(true);
  });

  test("identifiers are given again after a rollback", () => {
    store.begin();
    expect(store.batches.nextId()).toBe(1);
    store.openSavepoint();
    store.batches.insert(BATCH);
    expect(store.batches.nextId()).toBe(2);
    store.rollbackSavepoint();
    expect(store.batches.nextId()).toBe(1);
    store.batches.insert(BATCH);
    store.rollback();
    expect(store.batches.nextId()).toBe(1);
  });

  test("a row is not found where one stood that was undone", () => {
    const find = (name: string) => store.streams.find({ deviceId: 1, name })?.name;
    store.begin();
    store.streams.insert(STREAM);
    expect(find("weather")).toBe("weather");
    expect(find("weather")).toBe("weather");
    store.rollback();
    store.begin();
    expect(find("weather")).toBeUndefined();
    store.streams.insert({ ...STREAM, name: "climate" });
    expect([find("weather"), find("climate")]).toEqual([undefined, "climate"]);
    store.commit();
  });

  test("batches are found by any time of theirs in [from, to)", () => {
    const times = { firstTimeSec: 100, lastTimeSec: 200 };
    write(() => store.batches.insert({ ...BATCH, ...times }));
    const find = (from: number, to: number) => store.listBatchesInTime(1, from, to, 0, 9).length;
    expect([find(200, 300), find(201, 300), find(50, 101), find(50, 100)]).toEqual([1, 0, 1, 0]);
    expect(find(120, 130)).toBe(1);
    expect(store.listBatchesInTime(1, 0, 300, 1, 9)).toEqual([]);
  });
});

describe("a broken rule of ours is an InvariantViolation", () => {
  const cases: Record<string, () => void> = {
    "a write outside a transaction": () => putBalance(1n),
    "a transaction in a transaction": () => write(() => store.begin()),
    "a commit of nothing begun": () => store.commit(),
    "a commit over an open savepoint": () => write(() => store.openSavepoint()),
    "a savepoint released twice": () => write(() => store.releaseSavepoint()),
    "a row inserted twice": () =>
      write(() => {
        for (const row of [BATCH, BATCH]) store.batches.insert(row);
      }),
    "an update of no row": () => write(() => store.streams.update(STREAM)),
    "a mark on no row": () => write(() => store.batches.update({ ...BATCH, disprovedGroup: 0 })),
    "a value that a CHECK refuses": () => write(() => putBalance(1n, hash(1))),
    "a snapshot in a transaction": () => write(() => store.snapshot()),
  };
  test.each(Object.entries(cases))("%s", (_, run) => {
    expect(run).toThrow(InvariantViolation);
    expect(balanceOf(store, ALICE, TOKEN)).toBe(0n);
  });

  test("a stream that changes what it is", () => {
    write(() => insertStream(store));
    const rename = () => write(() => store.streams.update({ ...STREAM, name: "other" }));
    expect(rename).toThrow("streams never changes its name");
  });
});
