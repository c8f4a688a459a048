import fc from "fast-check";
import type { Crypto } from "../../spec/crypto.ts";
import {
  accumulateRow,
  computeRoot,
  computeRowLanes,
  computeSchemaHash,
  encodeRow,
  LANE_COUNT,
} from "../../spec/state-root.ts";
import { type Cell, TABLES, type Table, type TableColumn } from "../../spec/tables.ts";

/**
 * Rows of any table, made from its declaration, so that a new table is tested without a line here.
 */

export const SAFE_MAX = Number.MAX_SAFE_INTEGER;

/** Bytes of one length, from few distinct values where keys shall collide. */
const blobOf = (size: number, variety: number): fc.Arbitrary<Uint8Array> =>
  fc.nat(variety - 1).map((n) => new Uint8Array(size).fill(n + 1));

const freeBlob = fc.uint8Array({ maxLength: 40 });
const freeInteger = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.constantFrom(2 ** 31 - 1, 2 ** 31, -(2 ** 31) - 1, 2 ** 49, -(2 ** 49), SAFE_MAX, -SAFE_MAX),
);

/** A cell that the column's type and CHECK allow. */
export function cellOf(table: Table, column: TableColumn): fc.Arbitrary<Cell> {
  const variety = table.key.includes(column.name) ? 3 : 200;
  const { size, choices } = column;
  let cell: fc.Arbitrary<Cell>;
  if (column.type === "BLOB") {
    cell = size === undefined ? freeBlob : blobOf(size, variety);
  } else if (column.type === "TEXT") {
    cell = choices ? fc.constantFrom(...choices) : fc.string({ unit: "grapheme", maxLength: 4 });
  } else if (column.kind === "flag") cell = fc.constantFrom(0, 1);
  else cell = variety === 3 ? fc.constantFrom(0, 1, 2 ** 40) : freeInteger;
  return column.isNullable ? fc.option(cell, { freq: 3 }) : cell;
}

/** A whole row, its cells in column order. */
export const rowOf = (table: Table): fc.Arbitrary<Cell[]> =>
  fc.tuple(...table.columns.map((column) => cellOf(table, column)));

/** The cell as an SQL literal. NUL can't stand in SQL text, so text goes as its bytes. */
export function literal(cell: Cell): string {
  if (cell === null) return "NULL";
  if (typeof cell === "number") return String(cell);
  const hex = Buffer.from(cell).toString("hex");
  return typeof cell === "string" ? `CAST(x'${hex}' AS TEXT)` : `x'${hex}'`;
}

export type NamedRow = readonly [table: string, cells: readonly Cell[]];

/** The root by the letter of spec §6: nothing but spec/state-root.ts over a list of rows. */
export function computeRootOfRows(crypto: Crypto, rows: Iterable<NamedRow>): Uint8Array {
  const lanes = new Uint16Array(LANE_COUNT);
  for (const [table, cells] of rows) {
    accumulateRow(lanes, computeRowLanes(crypto, encodeRow(table, cells)), 1);
  }
  return computeRoot(crypto, computeSchemaHash(crypto, TABLES), lanes);
}
