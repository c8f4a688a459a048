import { afterEach, describe, expect, test } from "vitest";
import { createNodeCrypto } from "../dapp/crypto/node-crypto.ts";
import { InvariantViolation } from "../dapp/engine/invariant.ts";
import { openStateDatabase } from "../dapp/store/database.ts";
import { isOutOfMemory, OutOfMemory } from "../dapp/store/out-of-memory.ts";
import { RowJournal } from "../dapp/store/row-journal.ts";
import { RowSums } from "../dapp/store/row-sums.ts";
import { openStore, type SqlStore } from "../dapp/store/sql-store.ts";
import { createTransactions } from "../dapp/store/transactions.ts";
import {
  countExceptions,
  ReplayOutOfMemory,
  replayWithout,
} from "../node-client/replay/count-exceptions.ts";
import { contextOf } from "./integration/fixtures/start-stub-guest.ts";

/** SQLite rolls back by itself when memory or room runs out: the store stays what it was. */

const crypto = await createNodeCrypto();
// Browsers' types alone know it.
const memory: { grow: unknown } = Reflect.get(globalThis, "WebAssembly").Memory.prototype;
const { grow } = memory;

/** A fault injected: the computer has no more memory for WebAssembly, where SQLite lives. */
function refuseMemory(): void {
  memory.grow = () => {
    throw new RangeError("WebAssembly.Memory.grow(): no memory");
  };
}
function giveMemory(): void {
  memory.grow = grow;
}
afterEach(giveMemory);

const BYTES_32 = new Uint8Array(32);
function insertBatch(store: SqlStore, body: Uint8Array): void {
  const batchId = store.batches.nextId();
  store.batches.insert({
    ...{ batchId, streamId: 1, epoch: 0, firstSequence: batchId, readingCount: 1 },
    ...{ firstTimeSec: 0, lastTimeSec: 0, isBreak: false, batchHash: BYTES_32 },
    ...{ previousHash: BYTES_32, commitment: BYTES_32, acceptedAtSec: 1, disprovedGroup: null },
  });
  store.batchBodies.insert({ batchId, salt: new Uint8Array(16), openingKey: null, body });
}

/** Writes until there is no memory left, and gives what is thrown then. */
function fill(store: SqlStore, bodyBytes = 60_000): unknown {
  refuseMemory();
  try {
    for (;;) insertBatch(store, new Uint8Array(bodyBytes).fill(store.batches.nextId()));
  } catch (error) {
    return error;
  } finally {
    giveMemory();
  }
}

async function openWithOneBatch(): Promise<{ store: SqlStore; root: Uint8Array }> {
  const store = await openStore(crypto);
  store.begin();
  insertBatch(store, Uint8Array.of(1));
  store.commit();
  return { store, root: store.getRoot() };
}

function expectStateOfOneBatch(store: SqlStore, root: Uint8Array): void {
  expect(store.getRoot()).toEqual(root);
  expect(store.rescanRoot()).toEqual(root);
  expect(store.batches.nextId()).toBe(2);
  store.begin();
  insertBatch(store, Uint8Array.of(2));
  store.commit();
  expect(store.rescanRoot()).toEqual(store.getRoot());
  expect(store.batchBodies.get(2)?.body).toEqual(Uint8Array.of(2));
}

describe("a transaction that finds no memory is rolled back, and the next one works", () => {
  test("in its rows", async () => {
    const { store, root } = await openWithOneBatch();
    store.begin();
    expect(fill(store)).toBeInstanceOf(OutOfMemory);
    store.rollback();
    expectStateOfOneBatch(store, root);
    store.close();
  });

  test("in a read, after which SQLite rolls back whatever was written", async () => {
    const { store, root } = await openWithOneBatch();
    store.begin();
    insertBatch(store, new Uint8Array(1_000_000));
    fill(store);
    fill(store, 1_000);
    refuseMemory();
    expect(() => store.batchBodies.get(2)).toThrow(OutOfMemory);
    giveMemory();
    store.rollback();
    expectStateOfOneBatch(store, root);
    store.close();
  });

  test("within savepoints", async () => {
    const { store, root } = await openWithOneBatch();
    store.begin();
    store.openSavepoint();
    insertBatch(store, Uint8Array.of(3));
    store.releaseSavepoint();
    store.openSavepoint();
    expect(fill(store)).toBeInstanceOf(OutOfMemory);
    store.rollback();
    expectStateOfOneBatch(store, root);
    store.close();
  });

  test("while a snapshot is put back, which does not count as damaged", async () => {
    const large = await openStore(crypto);
    large.begin();
    for (let i = 0; i < 100; i++) insertBatch(large, new Uint8Array(60_000).fill(i));
    large.commit();
    const snapshot = large.snapshot();
    const { store, root } = await openWithOneBatch();
    // What is free is taken, but for what a small state needs.
    const other = await openStore(crypto);
    other.begin();
    fill(other);
    refuseMemory();
    expect(() => store.restore(snapshot)).toThrow(OutOfMemory);
    giveMemory();
    other.rollback();
    other.close();
    large.close();
    expectStateOfOneBatch(store, root);
    store.close();
  });
});

describe("whatever else makes SQLite roll back by itself", () => {
  async function openTransactions(parts = crypto) {
    const journal = new RowJournal(parts);
    const database = await openStateDatabase(journal);
    const sums = new RowSums(crypto, journal);
    const putMany =
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) " +
      "INSERT INTO state.balances SELECT CAST(printf('%020d', i) AS BLOB), zeroblob(20), zeroblob(32) FROM n";
    return { database, sums, journal, putMany };
  }

  test("no more pages", async () => {
    const { database, sums, journal, putMany } = await openTransactions();
    const transactions = createTransactions(database, journal, sums, []);
    const root = transactions.getRoot();
    database.run("PRAGMA state.max_page_count = 60");
    transactions.begin();
    expect(() => database.run(putMany)).toThrow("full");
    transactions.rollback();
    expect(transactions.isOpen()).toBe(false);
    expect(transactions.getRoot()).toEqual(root);
    transactions.begin();
    transactions.rollback();
    database.close();
  });

  test("a commit that fails, injected: its rows can still be undone", async () => {
    const { database, sums, journal } = await openTransactions();
    let isBroken = true;
    const failing: typeof database.prepareWrite = (sql) => {
      const write = database.prepareWrite(sql);
      if (sql !== "COMMIT") return write;
      const run = (): void => {
        if (isBroken) {
          database.run("ROLLBACK");
          throw new OutOfMemory("injected");
        }
        write.run();
      };
      return { ...write, run };
    };
    const transactions = createTransactions({ prepareWrite: failing }, journal, sums, []);
    const root = transactions.getRoot();
    const put = database.prepareWrite("INSERT INTO state.balances VALUES (?, ?, ?)");
    transactions.begin();
    put.run([new Uint8Array(20), new Uint8Array(20), BYTES_32]);
    expect(() => transactions.commit()).toThrow(OutOfMemory);
    expect(transactions.isOpen()).toBe(true);
    transactions.rollback();
    expect(transactions.getRoot()).toEqual(root);
    isBroken = false;
    transactions.begin();
    put.run([new Uint8Array(20), new Uint8Array(20), BYTES_32]);
    transactions.commit();
    expect(transactions.getRoot()).not.toEqual(root);
    database.close();
  });

  test("hashing that fails before a commit, injected: its rows can still be undone", async () => {
    let isBroken = true;
    const blake3: typeof crypto.blake3 = (...parameters) => {
      if (isBroken) throw new RangeError("Array buffer allocation failed");
      return crypto.blake3(...parameters);
    };
    const { database, sums, journal } = await openTransactions({ ...crypto, blake3 });
    const transactions = createTransactions(database, journal, sums, []);
    const root = transactions.getRoot();
    const put = database.prepareWrite("INSERT INTO state.balances VALUES (?, ?, ?)");
    transactions.begin();
    put.run([new Uint8Array(20), new Uint8Array(20), BYTES_32]);
    expect(() => transactions.commit()).toThrow("allocation failed");
    transactions.rollback();
    isBroken = false;
    expect(transactions.getRoot()).toEqual(root);
    expect([...database.iterate("SELECT count(*) FROM state.balances")]).toEqual([[0]]);
    database.close();
  });
});

describe("replay", () => {
  test("lack of memory is nobody's exception, however often it repeats", async () => {
    const { store } = await openWithOneBatch();
    const application = {
      inspect: () => [],
      advance: () => {
        store.begin();
        throw fill(store);
      },
    };
    const counted = countExceptions(application, store);
    const replay = replayWithout(async () => counted.application.advance(contextOf(7), BYTES_32));
    await expect(replay).rejects.toThrow(ReplayOutOfMemory);
    await expect(replay).rejects.toMatchObject({ inputIndex: 7 });
    expect(counted.exceptions).toEqual([]);
    store.close();
  });

  test("what counts as lack of memory", () => {
    const code = Object.assign(new Error("x"), { code: "ERR_WORKER_OUT_OF_MEMORY" });
    const wrapped = new InvariantViolation("x", {
      cause: new RangeError("Array buffer allocation failed"),
    });
    expect(
      [code, wrapped, new OutOfMemory("x"), new Error("out of memory")].every(isOutOfMemory),
    ).toBe(true);
    const others = [
      new Error("disk I/O error"),
      new InvariantViolation("x"),
      "out of memory",
      undefined,
    ];
    expect(others.some(isOutOfMemory)).toBe(false);
  });
});
