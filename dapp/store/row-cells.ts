import { AMOUNT_MAX } from "../../spec/limits.ts";
import type { ColumnKind, Columns, RowOf, TypedTable } from "../../spec/table-columns.ts";
import type { Cell, Table, TableColumn } from "../../spec/tables.ts";
import { encodeWord, equalBytes, readBigEndian } from "../../spec/words.ts";
import { invariant } from "../engine/invariant.ts";

/** Rows of the engine as cells of SQL, and back: the only place that knows columns by position. */

const ADDRESS_BYTES = 20;
const NOTHING = new Uint8Array(0);

/** Gives a declaration the cells of one row, one column after another. */
class CellReader implements Record<ColumnKind, () => unknown> {
  #cells: readonly Cell[] = [];
  #at = 0;

  open(cells: readonly Cell[]): void {
    this.#cells = cells;
    this.#at = 0;
  }

  integer = this.#next;
  integerOrNull = this.#next;
  text = this.#next;
  oneOf = this.#next;
  address = this.#next;
  addressOrNull = this.#next;
  bytes = this.#next;
  bytesOrNull = this.#next;
  blob = this.#next;
  blobOrNull = this.#next;

  integerOrZero(): number {
    return (this.#next() as number | null) ?? 0;
  }

  flag(): boolean {
    return this.#next() === 1;
  }

  words(): readonly string[] {
    return Object.freeze((this.#next() as string).split(","));
  }

  lines(): readonly string[] {
    const text = this.#next() as string;
    return Object.freeze(text === "" ? [] : text.split("\n"));
  }

  amount(): bigint {
    return readBigEndian(this.#next() as Uint8Array);
  }

  addresses(): readonly Uint8Array[] {
    const bytes = this.#next() as Uint8Array;
    const addresses: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; at += ADDRESS_BYTES) {
      addresses.push(bytes.slice(at, at + ADDRESS_BYTES));
    }
    return Object.freeze(addresses);
  }

  bytesOrNone(): Uint8Array {
    return (this.#next() as Uint8Array | null) ?? NOTHING;
  }

  #next(): Cell {
    return this.#cells[this.#at++]!;
  }
}

const reader = new CellReader();
// The declaration's types speak of what the reader's methods give.
const columns: unknown = reader;

/** A row by the names of its properties. */
export type Values = Readonly<Record<string, unknown>>;

/** A row from its cells in column order; rows of one table have one shape. */
export function readRow<T extends TypedTable>(table: T, cells: readonly Cell[]): RowOf<T> & Values {
  reader.open(cells);
  const row: unknown = table.declare(columns as Columns, columns as Columns);
  return row as RowOf<T> & Values;
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
export type CellOf = (row: Values) => Cell;

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

function joinAddresses(addresses: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(ADDRESS_BYTES * addresses.length);
  addresses.forEach((address, i) => {
    bytes.set(address, ADDRESS_BYTES * i);
  });
  return bytes;
}

/** Whether two values of a column are the same: the engine mostly hands back what it got. */
export const isSame = (a: unknown, b: unknown): boolean =>
  a === b || (a instanceof Uint8Array && b instanceof Uint8Array && equalBytes(a, b));

export const copyCell = (cell: Cell): Cell => (cell instanceof Uint8Array ? cell.slice() : cell);

/** A row to keep: those of an input are views, which would keep its whole payload alive. */
export function copyRow({ columns }: Table, row: Values, before: Values): Values {
  const copy: Record<string, unknown> = { ...row };
  for (const { property, type } of columns) {
    if (type !== "BLOB") continue;
    const value = row[property];
    if (isSame(value, before[property])) copy[property] = before[property];
    else if (value instanceof Uint8Array) copy[property] = value.slice();
  }
  return Object.freeze(copy);
}
