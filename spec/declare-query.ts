import { type Members, toJsonName } from "./query-answers.ts";
import type { QueryFields } from "./query-fields.ts";

interface QueryFacts<F extends QueryFields, A extends Members> {
  /** What it answers, as help and the protocol's table say it. */
  readonly says: string;
  readonly fields: F;
  readonly answer: A;
}
export interface DeclaredQuery<F extends QueryFields = QueryFields, A extends Members = Members>
  extends QueryFacts<F, A> {
  /** Each names what is asked for: the fields of one of them are needed. */
  readonly ways: readonly (readonly string[])[];
}

/**
 * All that is known of a query. What the engine reads and writes follows from here, what a client
 * sends and makes of the answer, what `inspect` lets pass, and its row in the protocol's text:
 * `TALLYROLL_WRITE_TABLES=1 npx vitest run test/query-fields.test.ts` writes it.
 *
 * @example
 * declareQuery({
 *   says: "the proof of one reading",
 *   fields: { streamId: f.count, sequence: f.count },
 *   answer: { leaf: a.hex, readingIndex: a.count },
 * });
 */
export const declareQuery = <const F extends QueryFields, A extends Members>({
  ways = [[]],
  ...facts
}: QueryFacts<F, A> & {
  readonly ways?: readonly (readonly (keyof F & string)[])[];
}): DeclaredQuery<F, A> => ({ ...facts, ways });

/**
 * The fields of each way, and those that go with every way, by JSON's names; with a question mark
 * where they may be left out.
 */
export function listQueryFields({ fields, ways }: DeclaredQuery) {
  const inWays = new Set(ways.flat());
  const rest = Object.entries(fields).filter(([name]) => !inWays.has(name));
  return {
    ways: ways.map((way) => way.map(toJsonName)),
    rest: rest.map(([name, { isOptional, note }]) => ({
      name: `${toJsonName(name)}${isOptional ? "?" : ""}`,
      note,
    })),
  };
}
