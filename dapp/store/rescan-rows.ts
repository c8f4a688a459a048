import type { Crypto } from "../../spec/crypto.ts";
import {
  accumulateRow,
  computeRoot,
  computeRowLanes,
  computeSchemaHash,
  encodeRow,
  LANE_COUNT,
} from "../../spec/state-root.ts";
import { type Cell, TABLES, type Table } from "../../spec/tables.ts";
import { createWeigher } from "../../spec/weights.ts";
import type { RowTotals } from "./row-sums.ts";
import { columnList } from "./statements.ts";

/**
 * The root from a full scan of any copy of the database: plain SELECTs, nothing of the engine.
 * Whoever doubts the triggers, or holds only a file, gets the root this way.
 */

/** What a scan needs of an SQLite library: the rows of a SELECT as arrays, one after another. */
export interface RowSource {
  iterate(sql: string): Iterable<readonly (Cell | bigint)[]>;
}

/**
 * The root over all rows that the source has (spec §6): 32 bytes.
 *
 * @throws RangeError for what no state can hold: two rows under one key, an integer beyond 2^53.
 * @example
 * // better-sqlite3
 * rescanRoot(crypto, { iterate: (sql) => database.prepare(sql).raw().iterate() });
 */
export function rescanRoot(crypto: Crypto, source: RowSource): Uint8Array {
  return computeRoot(crypto, computeSchemaHash(crypto, TABLES), rescanRows(crypto, source).lanes);
}

/** Both sums over the rows: every row is read once, in key order, and only one is held. */
export function rescanRows(crypto: Crypto, source: RowSource): RowTotals {
  const lanes = new Uint16Array(LANE_COUNT);
  let weight = 0;
  for (const table of TABLES) weight += scanTable(crypto, source, table, lanes);
  return { lanes, weight };
}

/** Adds the table's rows to the lanes and gives their weight. */
function scanTable(crypto: Crypto, source: RowSource, table: Table, lanes: Uint16Array): number {
  const weigh = createWeigher(table);
  let weight = 0;
  const sql = `SELECT ${columnList(table)} FROM ${table.name} ORDER BY ${table.key.join(", ")}`;
  const keyPlaces = table.key.map((name) =>
    table.columns.findIndex((column) => column.name === name),
  );
  let previous: readonly Cell[] | undefined;
  for (const values of source.iterate(sql)) {
    const cells = values.map(readCell);
    // A file may come without its key constraint. 65,536 times one row would add up to nothing.
    const last = previous;
    if (last !== undefined && keyPlaces.every((i) => isSameCell(cells[i]!, last[i]!))) {
      throw new RangeError(`two rows of ${table.name} have one key`);
    }
    accumulateRow(lanes, computeRowLanes(crypto, encodeRow(table.name, cells)), 1);
    weight += weigh(cells);
    previous = cells;
  }
  return weight;
}

/** Some libraries give integers as bigint. */
function readCell(value: Cell | bigint): Cell {
  if (typeof value !== "bigint") return value;
  const cell = Number(value);
  if (!Number.isSafeInteger(cell)) throw new RangeError(`not a safe integer: ${value}`);
  return cell;
}

function isSameCell(a: Cell, b: Cell): boolean {
  if (!(a instanceof Uint8Array) || !(b instanceof Uint8Array)) return a === b;
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
