import { PAGE_ITEMS_MAX } from "../../spec/limits.ts";
import type { Cell } from "../../spec/tables.ts";
import type { Page } from "./store.ts";

/** Rows that are there in an order, and what says how far a page of them came. */
interface Ordered<Row, Cursor> {
  readonly list: (after: Cursor, limit: number) => readonly Row[];
  readonly cursorOf: (row: Row) => Cursor & {};
}

interface RowsPage<Row, Cursor> {
  readonly rows: readonly Row[];
  /** Of the page after this one; null after the last. */
  readonly next: (Cursor & {}) | null;
}

interface Listed<Row> {
  list(where: Partial<Row>, page: Page<keyof Row & string>): readonly Row[];
}

/** A table's rows in the order of `by`. */
export const orderRows = <Row, By extends keyof Row & string>(
  table: Listed<Row>,
  where: Partial<Row>,
  by: By,
): Ordered<Row, Row[By]> => ({
  list: (after, limit) => table.list(where, { by, from: { after: after as Cell }, limit }),
  cursorOf: (row) => row[by]!,
});

/** A page of a table's rows in the order of `by`. */
export function readPage<Row, By extends keyof Row & string>(
  table: Listed<Row>,
  where: Partial<Row>,
  by: By,
  { after, limit }: { readonly after: Row[By]; readonly limit: number },
): RowsPage<Row, Row[By]> {
  const rows = table.list(where, { by, from: { after: after as Cell }, limit });
  return { rows, next: rows.length < limit ? null : rows.at(-1)![by]! };
}

/**
 * Rows that `keeps` keeps, up to the limit asked for, from at most `seenMax` rows: emptied channels,
 * ended lanes and closed escrows stay in the state for good, and no query may wade through all of
 * them. So a page may end early, and `next` is the cursor of the last row looked at.
 */
export function collect<Row, Cursor>(
  { list, cursorOf }: Ordered<Row, Cursor>,
  { after, limit }: { readonly after: Cursor; readonly limit: number },
  seenMax: number,
  keeps: (row: Row) => boolean,
): RowsPage<Row, Cursor> {
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
