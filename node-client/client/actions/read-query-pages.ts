import type { Query } from "./inspect-application.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

/** How a list of the state is asked for. */
export interface QueryPageOptions {
  /** Items that one query asks for, at most 256. */
  readonly pageSize?: number;
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
  { pageSize, from }: QueryPageOptions & { readonly from?: Answer["next"] | undefined },
): AsyncGenerator<Answer, void> {
  let next: Answer["next"] | undefined = from;
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
