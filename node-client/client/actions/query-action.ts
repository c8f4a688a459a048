import type { InfoOf, QueryName } from "../../../spec/queries.ts";
import { type AskedWith, askQuery, readQueryItems } from "./ask-query.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

/**
 * Asks one query of the state.
 *
 * @throws QueryRefused where there is no such thing, and what `inspectApplication` throws.
 */
export type QueryAction<Options, Answer> = (
  client: Pick<TallyrollClient, "inspect">,
  options: Options,
) => Promise<Answer>;

/**
 * Gives the items of a list of the state, page after page, all of them.
 *
 * @throws QueryRefused where there is nothing that could have such a list, and what
 * `inspectApplication` throws.
 */
export type ListAction<Options, Item> = (
  client: Pick<TallyrollClient, "inspect">,
  options: Options,
) => AsyncGenerator<Item, void>;

/** The action that asks a query for its whole answer. */
export const queryAction =
  <Name extends QueryName, Options extends AskedWith<Name>>(
    name: Name,
  ): QueryAction<Options, InfoOf<Name>> =>
  (client, options) =>
    askQuery(client, name, options);

/** The action that asks a query for one member of its answer. */
export const memberAction =
  <Name extends QueryName, Member extends keyof InfoOf<Name>, Options extends AskedWith<Name>>(
    name: Name,
    member: Member,
  ): QueryAction<Options, InfoOf<Name>[Member]> =>
  async (client, options) =>
    (await askQuery(client, name, options))[member];

type ItemOf<Items> = Items extends readonly (infer Item)[] ? Item : never;

/**
 * The action that gives the items of a query's list.
 *
 * @param list The answer's member that holds them, where it is not named as the query.
 */
export const listAction =
  <
    Name extends QueryName,
    Options extends AskedWith<Name>,
    List extends keyof InfoOf<Name> = Name & keyof InfoOf<Name>,
  >(
    name: Name,
    list?: List,
  ): ListAction<Options, ItemOf<InfoOf<Name>[List]>> =>
  (client, options) =>
    readQueryItems(client, name, list ?? (name as never), options);
