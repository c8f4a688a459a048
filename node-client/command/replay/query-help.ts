import { InvalidArgumentError } from "commander";
import { CORE_QUERIES } from "../../../spec/core-queries.ts";
import { type DeclaredQuery, listQueryFields } from "../../../spec/declare-query.ts";
import { QUERIES } from "../../../spec/queries.ts";
import { toJsonName } from "../../../spec/query-answers.ts";
import {
  CHANNEL_QUERIES,
  ESCROW_QUERIES,
  SERVICE_QUERIES,
} from "../../../spec/settlement-queries.ts";

const SUBJECTS = [CORE_QUERIES, CHANNEL_QUERIES, { ...SERVICE_QUERIES, ...ESCROW_QUERIES }];
const [NAME_COLUMNS, FIELD_COLUMNS] = [16, 28];

/** All queries as the help lists them: an answer that its fields leave no room comes below. */
export const QUERIES_HELP = SUBJECTS.map((subject) =>
  Object.entries(subject)
    .map(([name, query]) => formatQuery(name, query))
    .join("\n"),
).join("\n\n");

function formatQuery(query: string, declared: DeclaredQuery): string {
  const { ways, rest } = listQueryFields(declared);
  const [first = [], ...others] = ways;
  const fields = [...first, ...rest.map(({ name }) => name)].join(", ");
  const isLong = fields.length >= FIELD_COLUMNS;
  const lines = [
    fields.padEnd(FIELD_COLUMNS) + (isLong ? "" : declared.says),
    ...(isLong ? ["".padEnd(FIELD_COLUMNS) + declared.says] : []),
    ...others.map((way) => `or ${way.join(", ")}`),
  ];
  const below = `\n${"".padEnd(2 + NAME_COLUMNS)}`;
  return `  ${query.padEnd(NAME_COLUMNS)}${lines.map((line) => line.trimEnd()).join(below)}`;
}

/**
 * Refuses a field that a query does not read: the application would answer as if it were not there.
 * A query that is not known here is the application's to judge.
 *
 * @throws InvalidArgumentError that names the fields there are.
 */
export function requireQueryField(query: string, field: string): void {
  const declared: Readonly<Record<string, DeclaredQuery>> = QUERIES;
  if (!Object.hasOwn(declared, query)) return;
  const known = Object.keys(declared[query]!.fields).map(toJsonName);
  if (known.includes(field)) return;
  const there = known.length === 0 ? "it takes none" : `it takes ${known.join(", ")}`;
  throw new InvalidArgumentError(
    `The query ${query} has no field ${JSON.stringify(field)}: ${there}.`,
  );
}
