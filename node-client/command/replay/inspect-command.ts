import { type Command, InvalidArgumentError } from "commander";
import { CORE_QUERIES } from "../../../spec/core-queries.ts";
import { type DeclaredQuery, listQueryFields } from "../../../spec/declare-query.ts";
import { QUERIES } from "../../../spec/queries.ts";
import { toJsonName } from "../../../spec/query-answers.ts";
import {
  CHANNEL_QUERIES,
  ESCROW_QUERIES,
  SERVICE_QUERIES,
} from "../../../spec/settlement-queries.ts";
import type { Query } from "../../client/actions/query-refused.ts";
import { ClientError } from "../../errors.ts";
import type { HistoryInput } from "../../history/history-lines.ts";
import { addReaderOptions, connect } from "../connection/online.ts";
import { CommandGroup } from "../operation/command-group.ts";
import { formatJson } from "../terminal/format-json.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { openLocalApplication, readHistory } from "./local-application.ts";

const SUBJECTS = [CORE_QUERIES, CHANNEL_QUERIES, { ...SERVICE_QUERIES, ...ESCROW_QUERIES }];
const [NAME_COLUMNS, FIELD_COLUMNS] = [16, 28];

/** All queries as the help lists them: an answer that its fields leave no room comes below. */
const QUERIES_HELP = SUBJECTS.map((subject) =>
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
function requireQueryField(query: string, field: string): void {
  const declared: Readonly<Record<string, DeclaredQuery>> = QUERIES;
  if (!Object.hasOwn(declared, query)) return;
  const known = Object.keys(declared[query]!.fields).map(toJsonName);
  if (known.includes(field)) return;
  const there = known.length === 0 ? "it takes none" : `it takes ${known.join(", ")}`;
  throw new InvalidArgumentError(
    `The query ${query} has no field ${JSON.stringify(field)}: ${there}.`,
  );
}

const HELP = `
Asks the application's node, or with --inputs re-executes a history and asks its final state.

The query is a name with fields, or one JSON object. Values of digits are numbers; put them into
double quotes where a text is meant. Fields with a ? may be left out; lists come in pages, and where
"next" is not null it is the next page's from_sequence or after.

${QUERIES_HELP}

Examples:
  $ tallyroll inspect latest stream_id=1 limit=5
  $ tallyroll inspect --inputs history.jsonl root
  $ tallyroll inspect --inputs history.jsonl latest stream_id=1 limit=5
  $ tallyroll inspect --inputs history.jsonl --json stream device_id=1 name=readings
  $ tallyroll inspect --inputs history.jsonl statistics stream_id=1 metric=temperature_celsius \\
      from=1640995200 to=1641081600 bucket=hour
  $ tallyroll inspect --inputs history.jsonl '{"query":"proof","stream_id":1,"sequence":7}'`;

export function addInspectCommand(program: Command, terminal: Terminal): void {
  new CommandGroup(program, terminal)
    .local("inspect", "answer a query about an application's state, or a history's")
    .with(addReaderOptions)
    .option("--inputs <file>", "a history, one JSON input a line; - is standard input")
    .argument("<query...>", "a name with fields such as stream_id=1, or one JSON object")
    .help(HELP)
    .run(async ({ options }, words) => {
      const { inputs, dataFolder, json } = options;
      const query = parseQuery(words);
      const answer: { readonly error?: string } =
        inputs === undefined
          ? await (await connect(options, terminal)).client.inspect(parseQueryObject(query))
          : await answerAfter(await readHistory(inputs, terminal), query, dataFolder, terminal);
      if (answer.error === undefined || json) {
        await terminal.print(formatJson(answer, json ? undefined : 2));
      }
      if (answer.error === undefined) return;
      throw new ClientError(`The query cannot be answered: ${answer.error}.`, {
        whatToDo: "Correct it; `tallyroll inspect --help` lists all queries and their fields.",
      });
    });
}

/** A query that was typed as JSON is sent as it means, so that the node's answer says what is wrong. */
function parseQueryObject(text: string): Query {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && "query" in value) return value as Query;
  } catch {
    // Told below.
  }
  throw new InvalidArgumentError('A query in JSON is an object such as {"query":"root"}.');
}

/** The JSON object that the application answers once all inputs are applied. */
async function answerAfter(
  inputs: Iterable<HistoryInput>,
  query: string,
  dataFolder: string | undefined,
  terminal: Terminal,
): Promise<{ readonly error?: string }> {
  const local = await openLocalApplication(dataFolder, terminal);
  try {
    for (const { at, payload } of inputs) local.application.advance(at, payload);
    const [report = "0x"] = local.application.inspect(new TextEncoder().encode(query));
    return JSON.parse(Buffer.from(report.slice(2), "hex").toString("utf8"));
  } finally {
    await local.close();
  }
}

/**
 * A query out of the words of a command line: one JSON object, or a name and fields.
 *
 * Values of digits are numbers, `true`, `false` and values in double quotes are JSON, all others
 * are text. A single word is split at its spaces; of several, each is one field with its spaces.
 *
 * @throws InvalidArgumentError that says which word is wrong.
 * @example
 * parseQuery(["latest", "stream_id=1", "limit=5"]); // {"query":"latest","stream_id":1,"limit":5}
 */
export function parseQuery(words: readonly string[]): string {
  const [only = ""] = words;
  if (words.length === 1 && only.trimStart().startsWith("{")) return only;
  const [name = "", ...fields] =
    words.length === 1 ? only.split(" ").filter((word) => word !== "") : words;
  if (!/^[a-z_]+$/.test(name)) {
    throw new InvalidArgumentError(`A query begins with its name, not ${JSON.stringify(name)}.`);
  }
  const query: [string, unknown][] = [["query", name]];
  for (const field of fields) {
    const at = field.indexOf("=");
    if (at <= 0) {
      throw new InvalidArgumentError(`Give the query's fields as name=value: ${field}`);
    }
    requireQueryField(name, field.slice(0, at));
    query.push([field.slice(0, at), parseValue(field.slice(at + 1))]);
  }
  return JSON.stringify(Object.fromEntries(query));
}

function parseValue(text: string): unknown {
  if (/^\d+$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text);
  if (text === "true" || text === "false") return text === "true";
  if (!text.startsWith('"')) return text;
  try {
    return JSON.parse(text);
  } catch {
    throw new InvalidArgumentError(`This text in quotes never ends: ${text}`);
  }
}
