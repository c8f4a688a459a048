import type { Hex } from "../../../spec/outputs.ts";
import {
  type Database,
  fromHex,
  type Row,
  toBytes,
  toHex,
  toNumber,
  type Value,
} from "./node-database.ts";

/** A column, or an expression over some, as a property: what it gives, and what it takes. */
interface Column<T> {
  readonly sql: string;
  read(cell: Value | undefined): T;
  write(value: T): Value;
}

/** What a property is called, with its column. */
export type Columns = Readonly<Record<string, Column<unknown>>>;

/** The item that some columns make. */
export type ItemOf<Of extends Columns> = {
  readonly [Name in keyof Of]: Of[Name] extends Column<infer T> ? T : never;
};

export const integer = (sql: string): Column<number> => ({ sql, read: toNumber, write: (n) => n });
export const bytes = (sql: string): Column<Uint8Array> => ({ sql, read: toBytes, write: (b) => b });
/** Bytes of a known width, which are `0x…` outside of the file. */
export const hex = (sql: string, width = 32): Column<Hex> => ({
  sql,
  read: toHex,
  write: (digits) => fromHex(digits, width),
});
/** One of a few words. */
export const word = <Word extends string>(sql: string): Column<Word> => ({
  sql,
  read: (cell) => cell as Word,
  write: (value) => value,
});
/** NULL is `undefined`. */
export const optional = <T>({ sql, read, write }: Column<T>): Column<T | undefined> => ({
  sql,
  read: (cell) => (cell === null ? undefined : read(cell)),
  write: (value) => (value === undefined ? null : write(value)),
});

/** What stands after SELECT: every property under its own name. */
export const listColumns = (columns: Columns): string =>
  Object.entries(columns)
    .map(([name, { sql }]) => `${sql} AS "${name}"`)
    .join(", ");

/** An item of a row that `listColumns` asked for. A plain loop: it runs for every row of a page. */
export function toItem<Of extends Columns>(columns: Of, row: Row): ItemOf<Of> {
  const item: Record<string, unknown> = {};
  for (const name in columns) item[name] = columns[name]!.read(row[name]);
  return item as ItemOf<Of>;
}

/** The other way, where every column is one of the table's. */
export function toRow<Of extends Columns>(columns: Of, item: ItemOf<Of>): Row {
  const row: Record<string, Value> = {};
  for (const name in columns) row[columns[name]!.sql] = columns[name]!.write(item[name]);
  return row;
}

/** Things of one kind: what is shown of each, and the table whose primary key is its index. */
export interface RowKind<Of extends Columns> {
  readonly table: string;
  readonly key: string;
  /** What else its columns are from. */
  readonly joins: string;
  readonly columns: Of;
  /** Every index below the count is there, so that a page is found by arithmetic. */
  readonly isContiguous: boolean;
  /** Asks for all columns; what is asked of them follows. */
  readonly select: string;
}

/** A kind with its SQL, which is put together once. */
export function defineKind<Of extends Columns>(kind: Omit<RowKind<Of>, "select">): RowKind<Of> {
  const { table, joins, columns } = kind;
  return { ...kind, select: `SELECT ${listColumns(columns)} FROM ${table} ${joins}` };
}

/** Indices from `start` up to, not including, `end`. */
export interface IndexRange {
  readonly start: number;
  readonly end: number;
}

/** No index at all. */
export const EMPTY_RANGE: IndexRange = { start: 0, end: 0 };

/** The indices that are in both. */
export function intersectRanges(a: IndexRange, b: IndexRange): IndexRange {
  const start = Math.max(a.start, b.start);
  const end = Math.min(a.end, b.end);
  return end > start ? { start, end } : EMPTY_RANGE;
}

export interface Page {
  readonly limit: number;
  readonly offset: number;
  readonly descending?: boolean;
}

/** `items` of all that match; `totalCount` counts those. */
export interface Paged<T> {
  readonly items: readonly T[];
  readonly totalCount: number;
}

/**
 * The part of a contiguous range that a page shows: found by arithmetic, because an OFFSET would
 * walk over what it skips.
 *
 * @example
 * computePageRange({ start: 0, end: 10 }, { limit: 3, offset: 2, descending: true }); // 5 … 7
 */
function computePageRange({ start, end }: IndexRange, page: Page): IndexRange {
  if (page.descending === true) {
    const last = Math.max(start, end - page.offset);
    return { start: Math.max(start, last - page.limit), end: last };
  }
  const first = Math.min(end, start + page.offset);
  return { start: first, end: Math.min(end, first + page.limit) };
}

/** What is listed of a kind: a range of indices, and of these what meets the conditions. */
interface RowFilter {
  readonly range: IndexRange;
  /** What columns hold, as far as that is asked for. */
  readonly equal?: Readonly<Record<string, Value | undefined>>;
  /** A condition that all of them meet. */
  readonly only?: string | undefined;
  /** A condition that none of them meets. */
  readonly except?: string | undefined;
}

/** The items that the rest of a query finds. */
export function selectItems<Of extends Columns>(
  database: Database,
  { select, columns }: RowKind<Of>,
  rest: string,
  ...values: Value[]
): ItemOf<Of>[] {
  return database.all(`${select} ${rest}`, ...values).map((row) => toItem(columns, row));
}

export function listItems<Of extends Columns>(
  database: Database,
  kind: RowKind<Of>,
  { range, equal = {}, only, except }: RowFilter,
  page: Page,
): Paged<ItemOf<Of>> {
  const { table, key, isContiguous } = kind;
  const direction = page.descending === true ? "DESC" : "ASC";
  const equals = Object.entries(equal).filter(([, value]) => value !== undefined);
  const conditions = equals.map(([name]) => `${name} = ?`);
  if (only !== undefined) conditions.push(only);
  const order = `ORDER BY ${table}.${key} ${direction}`;
  if (isContiguous && conditions.length === 0 && except === undefined) {
    const { start, end } = computePageRange(range, page);
    const where = `WHERE ${table}.${key} >= ? AND ${table}.${key} < ? ${order}`;
    const items = start < end ? selectItems(database, kind, where, start, end) : [];
    return { items, totalCount: range.end - range.start };
  }
  const base = [`${key} >= ?`, `${key} < ?`, ...conditions].join(" AND ");
  const given = [range.start, range.end, ...equals.map(([, value]) => value as Value)];
  const count = (where: string): number =>
    database.getNumber(`SELECT count(*) FROM ${table} WHERE ${where}`, ...given);
  // The page is cut out of the index alone; only what it shows is read.
  const items = selectItems(
    database,
    kind,
    `WHERE ${table}.${key} IN
       (SELECT ${key} FROM ${table} WHERE ${except === undefined ? base : `${base} AND NOT (${except})`}
        ORDER BY ${key} ${direction} LIMIT ? OFFSET ?) ${order}`,
    ...given,
    page.limit,
    page.offset,
  );
  // What is left out is counted by itself: it is the few.
  const exceptCount = except === undefined ? 0 : count(`${base} AND ${except}`);
  return { items, totalCount: count(base) - exceptCount };
}
