import type { IndexBounds, Page } from "./node-store.ts";

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
export function computePageRange({ start, end }: IndexRange, page: Page): IndexRange {
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
