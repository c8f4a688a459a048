import { CODE_ANSWER_TOO_LARGE, NodeRequestRefused } from "./node-errors.ts";
import type { HexNumber, PageAnswer, PageParams } from "./node-methods.ts";

/** How a list is asked for. */
export interface ListOptions {
  /** Items that one request asks for; the node answers at most 10,000. */
  readonly pageSize?: number;
  /** Position of the first item; 0 by default. */
  readonly offset?: number;
  /** Newest first. Beware: what comes in meanwhile moves the pages. */
  readonly descending?: boolean;
}

const PAGE_SIZE = 200;

/**
 * All items of a list of the node's, page after page, until one is not full. Pages get shorter where
 * the node cannot answer them in one piece.
 *
 * @param request Asks for one page.
 */
export async function* readPages<Answer, Item>(
  { pageSize = PAGE_SIZE, offset = 0, descending }: ListOptions,
  request: (place: Omit<PageParams, "application">) => Promise<PageAnswer<Answer>>,
  from: (answer: Answer) => Item,
): AsyncGenerator<Item, void> {
  let limit = pageSize;
  for (let at = offset; ; ) {
    const page = await request({ limit, offset: at, descending }).catch((error: unknown) => {
      const isTooLarge =
        error instanceof NodeRequestRefused && error.code === CODE_ANSWER_TOO_LARGE;
      if (isTooLarge && limit > 1) return undefined;
      throw error;
    });
    if (page === undefined) {
      limit = Math.ceil(limit / 2);
      continue;
    }
    const { data, pagination } = page;
    for (const answer of data) yield from(answer);
    at += data.length;
    // A node may answer fewer than it was asked for: its own count says whether there is more.
    if (data.length === 0 || at >= Number(pagination.total_count)) return;
  }
}

/** A counter as the node's methods take it. */
export const toHexNumber = (value: number): HexNumber => `0x${value.toString(16)}`;

/** The same of a counter that is not asked for, perhaps. */
export const toHexFilter = (value: number | undefined): HexNumber | undefined =>
  value === undefined ? undefined : toHexNumber(value);
