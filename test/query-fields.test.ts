import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseQuery } from "../node-client/command/replay/inspect-command.ts";
import { QUERY_FIELDS } from "../node-client/command/replay/query-fields.ts";
import { runCli } from "./integration/fixtures/run-cli.ts";

/** The fields that `tallyroll inspect` lets pass, against the specification and the help. */

const spec = readFileSync(new URL("../spec/README.md", import.meta.url), "utf8");
const table = spec.slice(spec.indexOf("| query | fields | answer |")).split("\n\n")[0] ?? "";
const queries = table
  .split("\n")
  .slice(2)
  .map((row) => row.split("|").map((cell) => cell.trim()))
  .map(([, name = "", fields = "", answer = ""]) => ({ name, fields, answer }));

test("every query of the specification is known, and no other", () => {
  expect(queries.map(({ name }) => name).sort()).toEqual(Object.keys(QUERY_FIELDS).sort());
});

test.each(queries)("$name takes the fields that are specified", ({ name, fields, answer }) => {
  // What stands in parentheses explains a field; a field may be named with the answer it changes.
  const words = fields.replace(/\([^)]*\)/g, "").match(/[a-z_]+/g) ?? [];
  const given = [...answer.matchAll(/given `([a-z_]+)`/g)].map(([, field]) => field);
  const specified = [...words.filter((word) => !["or", "and"].includes(word)), ...given];
  expect([...(QUERY_FIELDS[name] ?? [])].sort()).toEqual(specified.sort());
  for (const field of specified) expect(parseQuery([name, `${field}=1`])).toContain(`"${field}":1`);
  expect(() => parseQuery([name, "foo=2"])).toThrow(`The query ${name} has no field "foo": it`);
});

test("the help names every query and field", async () => {
  const { out } = await runCli(["inspect", "--help"]);
  for (const [name, fields] of Object.entries(QUERY_FIELDS)) {
    const [, said = ""] =
      new RegExp(`^  ${name} ([^]*?)(?=\\n\\n|\\n  [a-z])`, "m").exec(out) ?? [];
    for (const field of fields) expect(said, name).toContain(field);
  }
});
