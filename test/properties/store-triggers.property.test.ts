import fc from "fast-check";
import { expect, test } from "vitest";
import { createNodeCrypto } from "../../dapp/crypto/node-crypto.ts";
import type { StateDatabase } from "../../dapp/store/database.ts";
import { rescanRoot } from "../../dapp/store/rescan-rows.ts";
import { RowJournal } from "../../dapp/store/row-journal.ts";
import { accumulateRow, computeRowLanes, encodeRow, LANE_COUNT } from "../../spec/state-root.ts";
import { type Cell, STATE, TABLES, type Table } from "../../spec/tables.ts";
import { openBareState } from "../arbitraries/bare-state.ts";
import { computeRootOfRows, literal, type NamedRow, rowOf } from "../arbitraries/state-rows.ts";
import { runs, seed } from "../seed.ts";

const crypto = await createNodeCrypto();
const parameters = (long: number) => ({ seed: seed("store triggers"), numRuns: runs(long) });

test("a row's bytes in the journal are encodeRow's", () => {
  const cell = fc.oneof(
    fc.constant(null),
    fc.maxSafeInteger(),
    fc.string({ unit: "binary", maxLength: 300 }),
    fc.uint8Array({ maxLength: 2_000 }),
  );
  fc.assert(
    fc.property(fc.array(fc.array(cell, { maxLength: 12 }), { maxLength: 400 }), (rows) => {
      const journal = new RowJournal(crypto);
      const table = journal.addTable(STATE.batches);
      journal.setMode("recording");
      for (const cells of rows) journal.append(1, table, cells);
      rows.forEach((cells, i) => {
        expect(Buffer.compare(journal.rowAt(i), encodeRow("batches", cells))).toBe(0);
      });
    }),
    parameters(300),
  );
});

test("cancelling opposite rows never changes the sum", () => {
  const entry = fc.record({
    sign: fc.constantFrom<1 | -1>(1, -1),
    table: fc.nat(1),
    cells: fc.tuple(fc.nat(2), fc.constantFrom("", "a")),
  });
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 40 }), fc.nat(5), (entries, from) => {
      const journal = new RowJournal(crypto);
      const tables = [STATE.machine, STATE.openIntents];
      for (const table of tables) journal.addTable(table);
      journal.setMode("recording");
      for (const { sign, table, cells } of entries) journal.append(sign, table, cells);
      const lanes = new Uint16Array(LANE_COUNT);
      const expected = new Uint16Array(LANE_COUNT);
      journal.applyTo(lanes, Math.min(from, entries.length));
      for (const { sign, table, cells } of entries.slice(from)) {
        const row = encodeRow(tables[table]!.name, cells);
        accumulateRow(expected, computeRowLanes(crypto, row), sign);
      }
      expect(lanes.every((lane, i) => lane === expected[i])).toBe(true);
    }),
    parameters(300),
  );
});

const VERBS = {
  insert: (t: Table, row: Cell[]) => `INSERT INTO ${t.name} VALUES (${row.map(literal)})`,
  replace: (t: Table, row: Cell[]) => `REPLACE INTO ${t.name} VALUES (${row.map(literal)})`,
  upsert: (t: Table, row: Cell[]) =>
    `${VERBS.insert(t, row)} ON CONFLICT (${t.key}) DO UPDATE SET ` +
    t.columns.map(({ name }) => `${name} = excluded.${name}`),
  update: (t: Table, row: Cell[], other: Cell[]) =>
    `UPDATE ${t.name} SET ${assignments(t, row)} WHERE ${keyIs(t, other)}`,
  updateOrReplace: (t: Table, row: Cell[], other: Cell[]) =>
    `UPDATE OR REPLACE ${t.name} SET ${assignments(t, row)} WHERE ${keyIs(t, other)}`,
  updateAll: (t: Table, row: Cell[]) =>
    `UPDATE ${t.name} SET ${t.columns.at(-1)?.name} = ${literal(row.at(-1) ?? null)}`,
  delete: (t: Table, row: Cell[]) => `DELETE FROM ${t.name} WHERE ${keyIs(t, row)}`,
  deleteAll: (t: Table) => `DELETE FROM ${t.name}`,
} as const;
const assignments = (table: Table, row: Cell[]): string =>
  table.columns.map(({ name }, i) => `${name} = ${literal(row[i] ?? null)}`).join(", ");
const keyIs = (table: Table, row: Cell[]): string =>
  table.columns
    .flatMap(({ name }, i) => (table.key.includes(name) ? [`${name} = ${literal(row[i]!)}`] : []))
    .join(" AND ");

const readAll = (database: StateDatabase): NamedRow[] =>
  TABLES.flatMap(({ name }) =>
    [...database.iterate(`SELECT * FROM ${name}`)].map((cells): NamedRow => [name, cells]),
  );

test.each(TABLES)("$name: whatever SQL writes reaches the root", async (table) => {
  const state = await openBareState(crypto);
  const statement = fc
    .record({
      // Inserts more often, so that the other verbs find rows.
      verb: fc.constantFrom("insert", "insert", ...(Object.keys(VERBS) as (keyof typeof VERBS)[])),
      row: rowOf(table),
      other: rowOf(table),
    })
    .map(({ verb, row, other }) => VERBS[verb](table, row, other));
  let appliedCount = 0;
  fc.assert(
    fc.property(fc.array(statement, { maxLength: 25 }), fc.boolean(), (statements, keeps) => {
      if (state.isOpen()) state.rollback(); // What a failure left open while it shrinks.
      const before = state.getRoot();
      const rowsBefore = readAll(state.database);
      state.begin();
      for (const sql of statements) {
        state.openSavepoint();
        try {
          state.database.run(sql);
          state.releaseSavepoint();
          appliedCount++;
        } catch {
          // A constraint of the generated row: SQLite undid the rows, the savepoint the journal.
          state.rollbackSavepoint();
        }
        expect(state.getRoot()).toEqual(rescanRoot(crypto, state.database));
      }
      expect(state.getRoot()).toEqual(computeRootOfRows(crypto, readAll(state.database)));
      if (keeps) return state.commit();
      state.rollback();
      expect(state.getRoot()).toEqual(before);
      expect(readAll(state.database)).toEqual(rowsBefore);
    }),
    parameters(150),
  );
  expect(appliedCount).toBeGreaterThan(0);
  state.database.close();
});
