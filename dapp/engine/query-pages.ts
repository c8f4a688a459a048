import { PAGE_ITEMS_MAX } from "../../spec/limits.ts";
import type { Cell } from "../../spec/tables.ts";
import type { Page } from "./store.ts";

/** A table as pages read it. */
interface Listed<Row> {
  list(where: Partial<Row>, page: Page<keyof Row & string>): readonly Row[];
}

/** How far a query's pages are: after which row, and how many rows of it at most. */
interface Asked {
  readonly after: Cell;
  readonly limit: number;
}

interface RowsPage<Row, Cursor> {
  readonly rows: readonly Row[];
  /** Of the page after this one; null after the last. */
  readonly next: Cursor | null;
}

/** Rows in the order of `by`. */
export function readPage<Row, By extends keyof Row & string>(
  table: Listed<Row>,
  where: Partial<Row>,
  by: By,
  { after, limit }: Asked,
): RowsPage<Row, Row[By]> {
  const rows = table.list(where, { by, from: { after }, limit });
  return { rows, next: rows.length < limit ? null : rows.at(-1)![by] };
}

/** Of rows in the order of `by` those that `keeps` keeps, as `collect` does. */
export function collectRows<Row, By extends keyof Row & string>(
  table: Listed<Row>,
  where: Partial<Row>,
  by: By,
  asked: Asked,
  seenMax: number,
  keeps: (row: Row) => boolean,
): RowsPage<Row, Row[By]> {
  const list = (after: Cell, limit: number) => table.list(where, { by, from: { after }, limit });
  const cursorOf = (row: Row) => row[by] as Row[By] & Cell & {};
  return collect<Row, Cell>(asked, seenMax, list, cursorOf, keeps) as RowsPage<Row, Row[By]>;
}

/**
 * Rows that `keeps` keeps, up to the limit asked for, from at most `seenMax` rows: emptied channels,
 * ended lanes and closed escrows stay in the state for good, and no query may wade through all of
 * them. So a page may end early, and `next` is the cursor of the last row looked at.
 */
export function collect<Row, Cursor>(
  { after, limit }: { readonly after: Cursor; readonly limit: number },
  seenMax: number,
  list: (after: Cursor, count: number) => readonly Row[],
  cursorOf: (row: Row) => Cursor & {},
  keeps: (row: Row) => boolean,
): RowsPage<Row, Cursor & {}> {
  const kept: Row[] = [];
  let from = after;
  for (let seen = 0; seen < seenMax; seen += PAGE_ITEMS_MAX) {
    const rows = list(from, PAGE_ITEMS_MAX);
    for (const row of rows) {
      if (!keeps(row)) continue;
      kept.push(row);
      if (kept.length === limit) return { rows: kept, next: cursorOf(row) };
    }
    if (rows.length < PAGE_ITEMS_MAX) return { rows: kept, next: null };
    from = cursorOf(rows.at(-1)!);
  }
  return { rows: kept, next: from ?? null };
}
