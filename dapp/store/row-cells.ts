import { AMOUNT_MAX } from "../../spec/limits.ts";
import {
  type ColumnKind,
  type Columns,
  listColumnKinds,
  type RowOf,
  type TypedTable,
} from "../../spec/table-columns.ts";
import type { Cell, TableColumn } from "../../spec/tables.ts";
import { encodeWord, equalBytes, readBigEndian } from "../../spec/words.ts";
import { invariant } from "../engine/invariant.ts";

/** Rows of the engine as cells of SQL, and back: the only place that knows columns by position. */

const ADDRESS_BYTES = 20;
const NOTHING = new Uint8Array(0);

/** A row by the names of its properties. */
export type Values = Readonly<Record<string, unknown>>;

/** What a declaration is given, one column after another. */
let source: readonly unknown[] = [];
let at = 0;
const take = (): unknown => source[at++];
const AS_IT_IS = Object.fromEntries(listColumnKinds().map((kind) => [kind, take]));
// The declaration's types speak of what these give, whatever the column's name.
const FROM_VALUES = AS_IT_IS as unknown as Columns;
const FROM_CELLS = {
  ...AS_IT_IS,
  flag: () => take() === 1,
  integerOrZero: () => take() ?? 0,
  bytesOrNone: () => take() ?? NOTHING,
  words: () => Object.freeze((take() as string).split(",")),
  lines: () => splitLines(take() as string),
  amount: () => readBigEndian(take() as Uint8Array),
  addresses: () => splitAddresses(take() as Uint8Array),
} as unknown as Columns;

/** A row from its cells in column order; rows of one table have one shape. */
export const readRow = <T extends TypedTable>(
  table: T,
  cells: readonly Cell[],
): RowOf<T> & Values => buildRow(table, cells, FROM_CELLS) as RowOf<T> & Values;

/** A row from what it is to have in each column. */
export const rowOf = (table: TypedTable, values: readonly unknown[]): Values =>
  buildRow(table, values, FROM_VALUES);

function buildRow(table: TypedTable, values: readonly unknown[], columns: Columns): Values {
  source = values;
  at = 0;
  const row: unknown = table.declare(columns, columns);
  return row as Values;
}

/** Of a column that is left out of a read, what its kind can be read from. */
export function emptyCell(kind: ColumnKind): Cell {
  if (kind === "words" || kind === "lines") return "";
  return kind === "amount" || kind === "addresses" ? NOTHING : null;
}

/** What a value becomes in SQL, for the kinds that don't stay what they are. */
const WRITERS: { readonly [Kind in ColumnKind]?: (value: never) => Cell } = {
  flag: (value: boolean) => (value ? 1 : 0),
  integerOrZero: (value: number) => (value === 0 ? null : value),
  bytesOrNone: (value: Uint8Array) => (value.length === 0 ? null : value),
  words: (value: readonly string[]) => value.join(","),
  lines: (value: readonly string[]) => value.join("\n"),
  amount: writeAmount,
  addresses: joinAddresses,
};

/** Takes a column's value out of a row, as the cell that SQL gets. */
type CellOf = (row: Values) => Cell;

export function createCellOf({ kind, property }: TableColumn): CellOf {
  const write = WRITERS[kind] as ((value: unknown) => Cell) | undefined;
  if (write === undefined) return (row) => row[property] as Cell;
  return (row) => write(row[property]);
}

export const listCells = (cellsOf: readonly CellOf[], row: Values): Cell[] =>
  cellsOf.map((cellOf) => cellOf(row));

/** The door through which every amount is written. */
function writeAmount(value: bigint): Uint8Array {
  invariant(value >= 0n && value <= AMOUNT_MAX, `an amount has 256 bits, not ${value}`);
  return encodeWord(value);
}

const splitLines = (text: string): readonly string[] =>
  Object.freeze(text === "" ? [] : text.split("\n"));

function joinAddresses(addresses: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(ADDRESS_BYTES * addresses.length);
  addresses.forEach((address, i) => {
    bytes.set(address, ADDRESS_BYTES * i);
  });
  return bytes;
}

function splitAddresses(bytes: Uint8Array): readonly Uint8Array[] {
  const addresses: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += ADDRESS_BYTES) {
    addresses.push(bytes.slice(at, at + ADDRESS_BYTES));
  }
  return Object.freeze(addresses);
}

/** Whether two values of a column are the same: the engine mostly hands back what it got. */
export const isSame = (a: unknown, b: unknown): boolean =>
  a === b || (a instanceof Uint8Array && b instanceof Uint8Array && equalBytes(a, b));

/** A value to keep: bytes of an input are views, which would keep its whole payload alive. */
export function copyValue(value: unknown): unknown {
  if (value instanceof Uint8Array) return value.slice();
  return Array.isArray(value) ? Object.freeze(value.map(copyValue)) : value;
}
