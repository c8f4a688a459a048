import type { Page, Paged } from "../store/node-store.ts";
import type { ResponseBudget } from "./json-rpc.ts";

/**
 * Rows read at a time: a page of 10,000 inputs could hold 640 MB, of which 10 MiB may leave. More
 * once that many have turned out to be small, because each reading walks and counts an index.
 */
const CHUNK_MIN = 64;
const CHUNK_MAX = 512;

/** The result of a method that gives one thing. */
export function formatData(data: unknown, budget: ResponseBudget): string {
  return budget.take(`{"data":${JSON.stringify(data)}}`);
}

/** Reads a page in chunks and stops as soon as it does not fit the answer. */
export function formatList<T>(
  page: Required<Page>,
  list: (page: Page) => Paged<T>,
  toWire: (item: T) => unknown,
  budget: ResponseBudget,
): string {
  const texts: string[] = [];
  let totalCount: number;
  for (let rows = CHUNK_MIN; ; rows = Math.min(CHUNK_MAX, 2 * rows)) {
    const limit = Math.min(rows, page.limit - texts.length);
    const offset = page.offset + texts.length;
    const chunk = list({ limit, offset, descending: page.descending });
    totalCount = chunk.totalCount;
    for (const item of chunk.items) texts.push(budget.take(JSON.stringify(toWire(item))));
    if (chunk.items.length < limit || texts.length === page.limit) break;
  }
  const pagination = { total_count: totalCount, limit: page.limit, offset: page.offset };
  return `{"data":[${texts.join(",")}],"pagination":${JSON.stringify(pagination)}}`;
}
