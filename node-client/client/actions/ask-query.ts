import type { DeclaredQuery } from "../../../spec/declare-query.ts";
import { type GivenOf, type InfoOf, QUERIES, type QueryName } from "../../../spec/queries.ts";
import {
  type JsonObject,
  type Members,
  readAnswer,
  toJsonName,
} from "../../../spec/query-answers.ts";
import type { Query } from "./query-refused.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

/** What a query is given, and how its answer is asked for. */
export type AskedWith<Name extends QueryName> = GivenOf<Name> & QueryPageOptions;

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

/**
 * Asks a query that is declared, by the names of the client.
 *
 * @throws What `inspectApplication` throws.
 * @example
 * const { amount } = await askQuery(client, "balance", { account, token: ETHER });
 */
export async function askQuery<Name extends QueryName>(
  client: Pick<TallyrollClient, "inspect">,
  name: Name,
  given: GivenOf<Name>,
): Promise<InfoOf<Name>> {
  return read(name, await client.inspect<JsonObject>(formatQuery(name, given)));
}

/**
 * The pages of a query, one after the other.
 *
 * @throws What `inspectApplication` throws.
 */
export async function* readQueryPages<Name extends QueryName>(
  client: Pick<TallyrollClient, "inspect">,
  name: Name,
  given: AskedWith<Name>,
): AsyncGenerator<InfoOf<Name>, void> {
  const cursor = "fromSequence" in QUERIES[name].fields ? "from_sequence" : "after";
  let query = formatQuery(name, { ...given, limit: given.pageSize });
  for (;;) {
    const page = await client.inspect<JsonObject>(query);
    yield read(name, page);
    if (page.next === null) return;
    // To be handed back as it came.
    query = { ...query, [cursor]: page.next as NonNullable<Query[string]> };
  }
}

/**
 * The items of a query's list, all pages.
 *
 * @param list The answer's member that holds them.
 * @throws What `inspectApplication` throws.
 */
export async function* readQueryItems<Name extends QueryName, List extends keyof InfoOf<Name>>(
  client: Pick<TallyrollClient, "inspect">,
  name: Name,
  list: List,
  given: AskedWith<Name>,
): AsyncGenerator<ItemOf<InfoOf<Name>[List]>, void> {
  for await (const page of readQueryPages(client, name, given)) {
    yield* page[list] as readonly ItemOf<InfoOf<Name>[List]>[];
  }
}

type ItemOf<Items> = Items extends readonly (infer Item)[] ? Item : never;

function read<Name extends QueryName>(name: Name, json: JsonObject): InfoOf<Name> {
  const answer: Members = QUERIES[name].answer;
  return readAnswer(answer, json) as InfoOf<Name>;
}

/** Of the ways to name a thing, the first that is given whole. */
function formatQuery(name: QueryName, given: JsonObject): Query {
  const { fields, ways }: DeclaredQuery = QUERIES[name];
  const way = ways.find((names) => names.every((each) => given[each] !== undefined)) ?? [];
  const json: [string, unknown][] = [["query", name]];
  for (const field of Object.keys(fields)) {
    const value = given[field];
    const isLeftOut = !way.includes(field) && ways.some((names) => names.includes(field));
    if (value === undefined || isLeftOut) continue;
    json.push([toJsonName(field), typeof value === "bigint" ? value.toString() : value]);
  }
  return Object.fromEntries(json) as unknown as Query;
}
