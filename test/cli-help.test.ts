import { expect, test } from "vitest";
import { runCli } from "./integration/fixtures/run-cli.ts";

/** The help of a command, asked for in every way that people try. */

test.each([
  ["help escrow", "escrow"],
  ["help escrow deliver", "escrow deliver"],
  ["help escrow receipt sign", "escrow receipt sign"],
  ["escrow help deliver", "escrow deliver"],
  ["escrow help receipt sign", "escrow receipt sign"],
  ["escrow receipt help sign", "escrow receipt sign"],
  ["help service publish", "service publish"],
  ["help channel open", "channel open"],
])("`tallyroll %s` shows that of %s", async (asked, command) => {
  const { code, out } = await runCli(asked.split(" "));
  expect(code).toBe(0);
  expect(out).toContain(`Usage: tallyroll ${command} `);
  expect(out).toBe((await runCli([...command.split(" "), "--help"])).out);
});

test("help of a command that there is not names those that there are", async () => {
  const { code, err } = await runCli(["help", "escrow", "deliverr"]);
  expect(code).toBe(2);
  expect(err).toContain('escrow has no command "deliverr": it has open, intent, take, deliver,');
});

test.each([
  ["stream stats 1", "statistics"],
  ["escrow uni x", "units"],
  ["stream roate 2", "rotate"],
])("`tallyroll %s` is asked whether it means %s", async (words, meant) => {
  const { code, err } = await runCli(words.split(" "));
  expect([code, err]).toEqual([2, expect.stringContaining(`(Did you mean ${meant}?)`)]);
});

test("a name that is `help` stays a name", async () => {
  const { err } = await runCli(["service", "publish", "help", "--tags", "a", "--price", "x"]);
  expect(err).not.toContain("Usage:");
});
