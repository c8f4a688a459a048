import type { Database, Row, Value } from "./node-database.ts";
import type { IndexBounds, Page, Paged } from "./node-store.ts";

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

/** The indices of a range that lie within a filter's bounds. */
export function boundRange(range: IndexRange, { from = 0, to }: IndexBounds): IndexRange {
  return intersectRanges(range, { start: from, end: to === undefined ? range.end : to + 1 });
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

/** SQL's word for the order of a page. */
export function getOrder(page: Page): "ASC" | "DESC" {
  return page.descending === true ? "DESC" : "ASC";
}

/** Things of one kind: how one is read, and the table whose primary key is its index. */
export interface RowKind<Item> {
  /** Joins all that an item shows. */
  readonly select: string;
  readonly table: string;
  readonly key: string;
  toItem(row: Row, epochLength: number): Item;
}

/** What is listed of a kind: a range of indices, and of these what meets the conditions. */
export interface RowFilter {
  readonly range: IndexRange;
  readonly conditions: readonly string[];
  /** What stands for the conditions' question marks. */
  readonly values: readonly Value[];
  /** A condition that none of them meets. */
  readonly except?: string | undefined;
}

export function readItem<Item>(
  database: Database,
  { select, table, key, toItem }: RowKind<Item>,
  index: number,
  epochLength: number,
): Item | undefined {
  const row = database.get(`${select} WHERE ${table}.${key} = ?`, index);
  return row && toItem(row, epochLength);
}

export function listItems<Item>(
  database: Database,
  { select, table, key, toItem }: RowKind<Item>,
  filter: RowFilter,
  page: Page,
  epochLength: number,
): Paged<Item> {
  const { range, conditions, values, except } = filter;
  const order = `ORDER BY ${table}.${key} ${getOrder(page)}`;
  const toItems = (rows: readonly Row[]): Item[] => rows.map((row) => toItem(row, epochLength));
  if (conditions.length === 0 && except === undefined) {
    const { start, end } = computePageRange(range, page);
    const where = `${table}.${key} >= ? AND ${table}.${key} < ?`;
    const rows = start < end ? database.all(`${select} WHERE ${where} ${order}`, start, end) : [];
    return { items: toItems(rows), totalCount: range.end - range.start };
  }
  const base = [`${key} >= ?`, `${key} < ?`, ...conditions].join(" AND ");
  const given = [range.start, range.end, ...values];
  const count = (where: string): number =>
    database.getNumber(`SELECT count(*) FROM ${table} WHERE ${where}`, ...given);
  // The page is cut out of the index alone; only what it shows is read.
  const rows = database.all(
    `${select} WHERE ${table}.${key} IN
       (SELECT ${key} FROM ${table} WHERE ${except === undefined ? base : `${base} AND NOT (${except})`}
        ORDER BY ${key} ${getOrder(page)} LIMIT ? OFFSET ?)
     ${order}`,
    ...given,
    page.limit,
    page.offset,
  );
  // What is left out is counted by itself: it is the few.
  const exceptCount = except === undefined ? 0 : count(`${base} AND ${except}`);
  return { items: toItems(rows), totalCount: count(base) - exceptCount };
}
