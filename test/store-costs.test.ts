import { expect, test } from "vitest";
import { createNodeCrypto } from "../dapp/crypto/node-crypto.ts";
import { openStateDatabase } from "../dapp/store/database.ts";
import { RowCache } from "../dapp/store/row-cache.ts";
import type { Values } from "../dapp/store/row-cells.ts";
import { RowJournal } from "../dapp/store/row-journal.ts";
import { RowSums } from "../dapp/store/row-sums.ts";
import { createRows } from "../dapp/store/sql-store.ts";
import type { AnyRows } from "../dapp/store/table-rows.ts";
import { createTransactions } from "../dapp/store/transactions.ts";
import { STATE, TABLES, type Table, type TableColumn } from "../spec/tables.ts";
import { openBareState } from "./arbitraries/bare-state.ts";

/** What keeps an input's cost the same however many rows there are. */

const crypto = await createNodeCrypto();

/** A value that a column can have; `n` tells two apart. */
function sampleOf({ kind, type, size, choices }: TableColumn, n: number): unknown {
  if (kind === "amount") return BigInt(n);
  if (kind === "flag") return n === 1;
  if (["words", "lines", "addresses"].includes(kind)) return [];
  if (choices !== undefined) return choices[n];
  if (type === "BLOB") return new Uint8Array(size ?? 1).fill(n);
  return type === "TEXT" ? String(n) : n;
}

test("every statement finds its rows by an index", async () => {
  const { database, ...state } = await openBareState(crypto);
  const rows: unknown = createRows(database, 1, []);
  state.begin();
  for (const [name, table] of Object.entries(STATE)) {
    const { columns, key, indices }: Table = table;
    const access = (rows as Readonly<Record<string, AnyRows>>)[name]!;
    const rowWith = (n: number): Values =>
      Object.fromEntries(
        columns.map((column) => [column.property, sampleOf(column, column.isFixed ? 1 : n)]),
      );
    access.insert(rowWith(0));
    if (columns.some(({ isFixed }) => !isFixed)) access.update(rowWith(1));
    for (const index of [key, ...indices]) {
      const properties = index.map((one) => columns.find((c) => c.name === one)!.property);
      const where = properties.map((property) => [property, rowWith(0)[property]]);
      access.find(Object.fromEntries(where));
      for (let size = 1; size < index.length; size++) {
        const page = { by: properties[size]!, limit: 1 };
        const prefix = Object.fromEntries(where.slice(0, size));
        access.list(prefix, { ...page, from: { after: 0 } });
        access.list(prefix, { ...page, from: { downFrom: 0 } });
      }
    }
  }
  state.rollback();
  const found = database.preparedSql.filter((sql) => /^(SELECT|UPDATE)/.test(sql));
  expect(found.length).toBeGreaterThan(4 * TABLES.length);
  for (const sql of found) {
    for (const [, , , detail] of database.iterate(`EXPLAIN QUERY PLAN ${sql}`)) {
      expect(detail, sql).toMatch(/^SEARCH/);
    }
  }
});

test("an index has all of an escrow's head, and no row of terms is read", async () => {
  const { database } = await openBareState(crypto);
  createRows(database, 1, []);
  const sql = database.preparedSql.find((each) => each.includes(" JOIN escrows "));
  const plan = [...database.iterate(`EXPLAIN QUERY PLAN ${sql}`)].map(([, , , detail]) => detail);
  expect(plan).toEqual([
    expect.stringMatching(/^SEARCH escrow_terms USING COVERING INDEX .* \(escrow_id=\?\)$/),
    "SEARCH escrows USING INTEGER PRIMARY KEY (rowid=?)",
  ]);
});

test("rows are cached beyond the transaction that wrote them", async () => {
  const journal = new RowJournal(crypto);
  const database = await openStateDatabase(journal);
  const cache = new RowCache<string>(4);
  const sums = new RowSums(crypto, journal);
  const { begin, commit, rollback } = createTransactions(database, journal, sums, [cache]);
  begin();
  cache.write(1, "one");
  commit();
  begin();
  cache.write(2, "two");
  rollback();
  expect([cache.get(1), cache.get(2)]).toEqual(["one", undefined]);
  for (const [id, row] of ["zero", "one", "two", "three", "four", "five"].entries()) {
    cache.fill(id, row);
    // Asked for all the time, so that it stays.
    expect(cache.get(1)).toBe("one");
  }
  const rows = [2, 3, 4, 5].map((id) => cache.get(id));
  expect(rows).toEqual([undefined, undefined, "four", "five"]);
});
