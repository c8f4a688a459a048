import type { Query } from "./inspect-application.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

/** How a list of the state is asked for. */
export interface QueryPageOptions {
  /** Items that one query asks for, at most 256. */
  readonly pageSize?: number;
}

/** The same of a list by numbers. */
export interface NumberedPageOptions extends QueryPageOptions {
  /** Only items with higher numbers. */
  readonly after?: number;
}

/** A page of a list of the state: ends with the cursor of the page behind it (spec §9). */
interface QueryPage {
  /** To be handed back as it came. */
  readonly next: number | string | object | null;
}

/**
 * The pages of a query, one after the other.
 *
 * @param cursor The field by which the query takes the cursor.
 * @param from The first page's cursor.
 */
export async function* readQueryPages<Answer extends QueryPage>(
  client: Pick<TallyrollClient, "inspect">,
  query: Query,
  cursor: "after" | "from_sequence",
  { pageSize, from }: QueryPageOptions & { readonly from?: QueryPage["next"] | undefined },
): AsyncGenerator<Answer, void> {
  let next: QueryPage["next"] | undefined = from;
  do {
    const page: Answer = await client.inspect<Answer>({
      ...query,
      ...(pageSize === undefined ? {} : { limit: pageSize }),
      ...(next == null ? {} : { [cursor]: next }),
    });
    yield page;
    next = page.next;
  } while (next !== null);
}

/**
 * The items of a query's list, all pages.
 *
 * @param list The answer's field that holds them.
 * @throws What `inspectApplication` throws.
 */
export async function* readQueryItems<List extends string, Answer, Item>(
  client: Pick<TallyrollClient, "inspect">,
  query: Query,
  list: List,
  from: (answer: Answer) => Item,
  { after, ...page }: NumberedPageOptions,
): AsyncGenerator<Item, void> {
  type Page = QueryPage & Readonly<Record<List, readonly Answer[]>>;
  const pages = readQueryPages<Page>(client, query, "after", { ...page, from: after });
  for await (const answer of pages) yield* answer[list].map(from);
}
