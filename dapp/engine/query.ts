import type { AnswerOf, AskedOf, QueryName } from "../../spec/queries.ts";
import type { EngineParts } from "./operation-context.ts";

/** What answers each query. */
export type Queries = {
  readonly [Name in QueryName]: (parts: EngineParts, asked: AskedOf<Name>) => AnswerOf<Name>;
};
