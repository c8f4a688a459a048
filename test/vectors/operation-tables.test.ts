import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { OPERATION_KINDS, OPERATIONS } from "../../spec/operations.ts";
import { writeOperationTables } from "./operation-tables.ts";

/** With TALLYROLL_WRITE_TABLES=1 this writes the tables, without it they are compared. */
const isWriting = process.env.TALLYROLL_WRITE_TABLES === "1";
const README = new URL("../../spec/README.md", import.meta.url);

test("the protocol's text has the operations as they are declared", () => {
  const text = readFileSync(README, "utf8");
  const written = writeOperationTables(text);
  if (isWriting) writeFileSync(README, written);
  else expect(text).toBe(written);
});

test("every number from 1 on is one kind's", () => {
  const codes = OPERATION_KINDS.map((kind) => OPERATIONS[kind].code);
  expect(codes.sort((a, b) => a - b)).toEqual(codes.map((_, i) => i + 1));
});
