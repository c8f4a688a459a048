import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseQuery } from "../node-client/command/replay/inspect-command.ts";
import { type DeclaredQuery, listQueryFields } from "../spec/declare-query.ts";
import { QUERIES } from "../spec/queries.ts";
import { type Members, toJsonName } from "../spec/query-answers.ts";
import { runCli } from "./integration/fixtures/run-cli.ts";

/** The queries as they are declared, against the specification, `tallyroll inspect` and its help. */

/** With TALLYROLL_WRITE_TABLES=1 this writes the table, without it it is compared. */
const isWriting = process.env.TALLYROLL_WRITE_TABLES === "1";
const README = new URL("../spec/README.md", import.meta.url);
const HEAD = "| query | fields | answer | its members |\n|---|---|---|---|\n";

const queries = Object.entries<DeclaredQuery>(QUERIES);

function writeRow([name, query]: (typeof queries)[number]): string {
  const { ways, rest } = listQueryFields(query);
  const named = ways.map((way) => way.join(" and ")).join(", or ");
  const others = rest.map(({ name, note }) => (note === undefined ? name : `${name} (${note})`));
  const parts = [named, others.join(", ")].filter((part) => part !== "");
  const fields = parts.join(ways.length > 1 ? "; " : ", ");
  return `| ${name} |${fields && ` ${fields}`} | ${query.says} | ${nameMembers(query.answer)} |\n`;
}

/** The names of members, and of those of structs inside which are no query's whole answer. */
function nameMembers(answer: Members): string {
  const names: string[] = [];
  for (const [name, { source = name, only, parts }] of Object.entries(answer)) {
    if (only === "client") continue;
    const isElsewhere = queries.some(([, query]) => query.answer === parts);
    const nested = parts && !isElsewhere ? ` (${nameMembers(parts)})` : "";
    names.push(toJsonName(source) + nested);
  }
  return names.join(", ");
}

test("the protocol's text has the queries as they are declared", () => {
  const text = readFileSync(README, "utf8");
  const start = text.indexOf(HEAD) + HEAD.length;
  const table = queries.map(writeRow).join("");
  const written = text.slice(0, start) + table + text.slice(text.indexOf("\n\n", start) + 1);
  if (isWriting) writeFileSync(README, written);
  else expect(text).toBe(written);
});

test.each(queries)("inspect %s takes the fields that are declared", (name, { fields }) => {
  for (const field of Object.keys(fields).map(toJsonName)) {
    expect(parseQuery([name, `${field}=1`])).toContain(`"${field}":1`);
  }
  expect(() => parseQuery([name, "foo=2"])).toThrow(`The query ${name} has no field "foo": it`);
});

test("the help names every query and field", async () => {
  const { out } = await runCli(["inspect", "--help"]);
  for (const [name, { fields }] of queries) {
    const [, said = ""] =
      new RegExp(`^  ${name} ([^]*?)(?=\\n\\n|\\n  [a-z])`, "m").exec(out) ?? [];
    for (const field of Object.keys(fields)) expect(said, name).toContain(toJsonName(field));
  }
});
