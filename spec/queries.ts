import { CORE_QUERIES } from "./core-queries.ts";
import type { InfoOfAnswer, RowOfAnswer } from "./query-answers.ts";
import type { Asked, Given } from "./query-fields.ts";
import { CHANNEL_QUERIES, ESCROW_QUERIES, SERVICE_QUERIES } from "./settlement-queries.ts";

/** Every query by its name (spec §9). */
export const QUERIES = {
  ...CORE_QUERIES,
  ...CHANNEL_QUERIES,
  ...SERVICE_QUERIES,
  ...ESCROW_QUERIES,
} as const;

type Queries = typeof QUERIES;
export type QueryName = keyof Queries;
export type AskedOf<Name extends QueryName> = Asked<Queries[Name]["fields"]>;
export type GivenOf<Name extends QueryName> = Given<Queries[Name]["fields"]>;
export type AnswerOf<Name extends QueryName> = RowOfAnswer<Queries[Name]["answer"]>;
export type InfoOf<Name extends QueryName> = InfoOfAnswer<Queries[Name]["answer"]>;
