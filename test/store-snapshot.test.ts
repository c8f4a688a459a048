import initSqlJs, { type Database } from "sql.js";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createNodeCrypto } from "../dapp/crypto/node-crypto.ts";
import { type RowSource, rescanRoot } from "../dapp/store/rescan-rows.ts";
import { SnapshotError } from "../dapp/store/snapshot.ts";
import { openStore, type SqlStore } from "../dapp/store/sql-store.ts";
import { nobleCrypto } from "../spec/crypto-noble.ts";
import { type Cell, TABLES } from "../spec/tables.ts";
import { computeRootOfRows, literal } from "./arbitraries/state-rows.ts";
import { StoreModel } from "./arbitraries/store-model.ts";
import { applyStep, type Step } from "./arbitraries/store-steps.ts";

const crypto = await createNodeCrypto();
const sql = await initSqlJs();

/** Rows in every table. */
const KINDS: readonly Step["kind"][] = [
  ...(["insertMachine", "putToken", "putAccount", "putBalance", "putLowBalance"] as const),
  ...(["insertDevice", "insertDeviceKey"] as const),
  ...(["insertStream", "insertEpochKeyHash", "insertBatch", "insertGrant"] as const),
  "putStreamRange",
  ...(["insertChannel", "putLane", "insertMessage"] as const),
  ...(["putOrganization", "putPaymentGroup", "insertService", "insertServiceVersion"] as const),
  ...(["moveServiceTags", "putProvider", "insertEscrow", "putBond", "insertBatchBond"] as const),
];
const fill = (store: SqlStore, model: StoreModel, from: number, to: number): void => {
  store.begin();
  for (let n = from; n < to; n++) {
    for (const kind of KINDS) applyStep(store, model, { kind, a: n, b: n + 1 });
  }
  store.commit();
};

let store: SqlStore;
let model: StoreModel;
beforeEach(async () => {
  store = await openStore(crypto);
  model = new StoreModel();
  fill(store, model, 1, 6);
});
afterEach(() => store.close());

/** An outsider's way to a file: another database, plain SELECTs. */
function openFile(snapshot: Uint8Array): { database: Database; source: RowSource } {
  const database = new sql.Database(snapshot);
  function* iterate(query: string) {
    const statement = database.prepare(query);
    while (statement.step()) yield statement.get() as Cell[];
    statement.free();
  }
  return { database, source: { iterate } };
}

/** The snapshot after some SQL; its triggers, which would fail, are put away meanwhile. */
function tamper(snapshot: Uint8Array, ...statements: string[]): Uint8Array {
  const { database } = openFile(snapshot);
  const triggers = database.exec("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'");
  for (const [name] of triggers[0]!.values) database.run(`DROP TRIGGER ${name}`);
  for (const statement of statements) database.run(statement);
  for (const [, text] of triggers[0]!.values) database.run(String(text));
  const bytes = database.export();
  database.close();
  return bytes;
}

describe("a snapshot", () => {
  test("is a SQLite file from which anybody computes the same root", () => {
    const { database, source } = openFile(store.snapshot());
    expect(rescanRoot(nobleCrypto, source)).toEqual(store.getRoot());
    const rows = TABLES.flatMap(({ name }) =>
      [...source.iterate(`SELECT * FROM ${name}`)].map((cells) => [name, cells as Cell[]] as const),
    );
    expect(new Set(rows.map(([name]) => name)).size).toBe(TABLES.length);
    expect(computeRootOfRows(nobleCrypto, rows)).toEqual(store.getRoot());
    database.close();
  });

  test("leaves statements, triggers and pragmas as they were", () => {
    const before = store.getRoot();
    store.snapshot();
    fill(store, model, 6, 12);
    expect(store.getRoot()).not.toEqual(before);
    expect(store.getRoot()).toEqual(computeRootOfRows(crypto, model.rows()));
    expect(store.rescanRoot()).toEqual(store.getRoot());
    const bytes = store.snapshot();
    expect(bytes).toEqual(store.snapshot());
  });

  test("restored elsewhere, over other rows, goes on to the same roots", async () => {
    const other = await openStore(crypto);
    const twin = new StoreModel();
    fill(other, twin, 20, 23);
    other.restore(store.snapshot());
    expect(other.getRoot()).toEqual(store.getRoot());
    fill(other, model.clone(), 6, 9);
    fill(store, model, 6, 9);
    expect(other.getRoot()).toEqual(store.getRoot());
    expect(other.rescanRoot()).toEqual(store.getRoot());
    other.close();
  });

  test("is hashed once when it is restored", () => {
    const snapshot = store.snapshot();
    store.reset();
    const blake3 = vi.spyOn(crypto, "blake3");
    store.restore(snapshot);
    expect(blake3).toHaveBeenCalledTimes([...model.rows()].length);
    blake3.mockRestore();
  });

  test.each(TABLES)("with one cell of $name changed gives another root", (table) => {
    // The last column is in no key, no index, and any such value passes its CHECK.
    const { name, type } = table.columns.at(-1)!;
    const value =
      type === "BLOB" ? `zeroblob(coalesce(length(${name}), 32))` : `coalesce(${name}, 0) + 1`;
    const first = `(SELECT ${table.key} FROM ${table.name} ORDER BY ${table.key})`;
    const snapshot = store.snapshot();
    const tampered = tamper(
      snapshot,
      `UPDATE ${table.name} SET ${name} = ${value} WHERE (${table.key}) = ${first}`,
    );
    const before = store.getRoot();
    store.restore(tampered);
    expect(store.getRoot()).not.toEqual(before);
    expect(store.getRoot()).toEqual(store.rescanRoot());
    store.restore(tamper(snapshot));
    expect(store.getRoot()).toEqual(before);
  });
});

describe("refuses to restore", () => {
  const big = "9007199254740993";
  const address = literal(new Uint8Array(20));
  const cases: Record<string, [(snapshot: Uint8Array) => Uint8Array, SnapshotError["reason"]]> = {
    "no file at all": [() => new Uint8Array(0), "schema_differs"],
    "bytes of another kind": [() => new Uint8Array(5_000).fill(3), "damaged"],
    "half a file": [(bytes) => bytes.slice(0, 8_192), "damaged"],
    "a file without its end": [(bytes) => bytes.slice(0, -4_096), "damaged"],
    "one table more": [(bytes) => tamper(bytes, "CREATE TABLE more (a)"), "schema_differs"],
    "one index fewer": [
      (bytes) => tamper(bytes, "DROP INDEX grants_by_buyer_grant_id"),
      "schema_differs",
    ],
    "a table without STRICT": [
      (bytes) =>
        tamper(
          bytes,
          "PRAGMA writable_schema = on",
          "UPDATE sqlite_schema SET sql = replace(sql, 'STRICT, ', '') WHERE name = 'balances'",
        ),
      "schema_differs",
    ],
    "an index that contradicts its table": [
      (bytes) => {
        const { database } = openFile(bytes);
        const root = "SELECT rootpage FROM sqlite_schema WHERE name = 'devices_by_owner_device_id'";
        const page = Number(database.exec(root)[0]!.values[0]![0]);
        database.close();
        // A page is filled from its end: the last byte belongs to the first entry.
        bytes[page * 4_096 - 1]! ^= 0x40;
        return bytes;
      },
      "damaged",
    ],
    "a row that a CHECK forbids": [
      (bytes) =>
        tamper(bytes, "PRAGMA ignore_check_constraints = on", "UPDATE devices SET is_revoked = 2"),
      "damaged",
    ],
    "an integer beyond 2^53": [
      (bytes) => tamper(bytes, `INSERT INTO accounts VALUES (${address}, ${big}, NULL)`),
      "damaged",
    ],
  };
  test.each(Object.entries(cases))("%s", (_, [change, reason]) => {
    const root = store.getRoot();
    const snapshot = change(store.snapshot());
    expect(() => store.restore(snapshot)).toThrow(SnapshotError);
    expect(() => store.restore(snapshot)).toThrow(expect.objectContaining({ reason }));
    expect(store.getRoot()).toEqual(root);
    expect(store.rescanRoot()).toEqual(root);
    fill(store, model, 6, 7);
    expect(store.getRoot()).toEqual(computeRootOfRows(crypto, model.rows()));
  });

  test("any one byte overwritten: refused, or another root, or the same rows", () => {
    const root = store.getRoot();
    const snapshot = store.snapshot();
    const expected = [...model.rows()].length;
    let differs = 0;
    for (let at = 0; at < snapshot.length; at += 997) {
      const changed = snapshot.slice();
      changed[at]! ^= 0x55;
      try {
        store.restore(changed);
      } catch (error) {
        expect(error).toBeInstanceOf(SnapshotError);
        differs++;
        continue;
      }
      const { database, source } = openFile(store.snapshot());
      const rows = TABLES.flatMap(({ name }) => [...source.iterate(`SELECT * FROM ${name}`)]);
      database.close();
      expect(store.getRoot()).toEqual(store.rescanRoot());
      if (Buffer.compare(store.getRoot(), root) === 0) expect(rows.length).toBe(expected);
      else differs++;
    }
    expect(differs).toBeGreaterThan(5);
  });
});

test("a scan refuses a key that comes twice and reads integers of either type", () => {
  const row = [new Uint8Array(20), 5, null];
  const source = (...rows: (Cell | bigint)[][]): RowSource => ({
    iterate: (query) => (query.includes("FROM accounts") ? rows : []),
  });
  expect(() => rescanRoot(crypto, source(row, row))).toThrow("two rows of accounts have one key");
  const asBigint = source([new Uint8Array(20), 5n, null]);
  expect(rescanRoot(crypto, asBigint)).toEqual(rescanRoot(crypto, source(row)));
  const tooBig = source([new Uint8Array(20), 2n ** 53n, null]);
  expect(() => rescanRoot(crypto, tooBig)).toThrow(RangeError);
});
