import { Command } from "commander";
import { describe, expect, test } from "vitest";
import { toPastable } from "../node-client/cli/command-hints.ts";
import { findCommandName } from "../node-client/cli/command-name.ts";
import { runCli } from "./integration/fixtures/run-cli.ts";

/** Hints name the command as it was called, with the options without which it would go elsewhere. */

test.each([
  ["/home/me/dist/tallyroll.js", {}, "node dist/tallyroll.js"],
  ["/my work/dist/tallyroll.js", {}, "node '/my work/dist/tallyroll.js'"],
  ["/home/me/dist/tallyroll.js", { npm_command: "exec" }, "node dist/tallyroll.js"],
  ["/home/me/node_modules/.bin/tallyroll", { npm_command: "exec" }, "npx tallyroll"],
  ["/usr/local/bin/tallyroll", { PATH: "/usr/bin:/usr/local/bin" }, "tallyroll"],
  ["/opt/x/tallyroll", { PATH: "/usr/bin" }, "node /opt/x/tallyroll"],
])("%s under %j was called as `%s`", (script, env, name) => {
  expect(findCommandName(script, env, "/home/me")).toBe(name);
});

describe("a hinted command", () => {
  const program = new Command("tallyroll");
  const withFolder = (command: Command): Command => command.option("--data-folder <folder>");
  withFolder(program.command("start")).option("--rpc <url>");
  withFolder(program.command("outputs")).option("--rpc <url>").option("--kind <kind>");
  const key = program.command("key");
  key.command("encryption");
  const given = { dataFolder: "/my data", rpc: "http://127.0.0.1:9545" };
  const say = (text: string): string => toPastable(text, "npx tallyroll", program, given);

  test.each([
    ["outputs --kind voucher", " --data-folder '/my data' --rpc http://127.0.0.1:9545"],
    ["outputs --rpc URL", " --data-folder '/my data'"],
    // Another chain than the one that did not answer.
    ["start", " --data-folder '/my data'"],
    ["key encryption", ""],
    ["outputs --help", ""],
    ["COMMAND --help", ""],
  ])("%s gets those options that it has", (words, options) => {
    expect(say(`Look: \`tallyroll ${words}\`.`)).toBe(
      `Look: \`npx tallyroll ${words}${options}\`.`,
    );
  });

  test("what is in no backticks stays", () => {
    expect(say("tallyroll outputs")).toBe("tallyroll outputs");
  });
});

test("an error's hint can be pasted, in words and as JSON", async () => {
  const folder = "/nowhere/at all";
  const { code, out, err } = await runCli(["balance", "--data-folder", folder, "--json"], {
    commandName: "node dist/tallyroll.js",
    env: { TALLYROLL_PRIVATE_KEY: "11".repeat(32) },
  });
  expect(code).toBe(2);
  const hint = `\`node dist/tallyroll.js start --data-folder '${folder}'\``;
  expect(err).toContain(hint);
  expect(JSON.parse(out).error.whatToDo).toContain(hint);
});

test("examples of a help are called as it was", async () => {
  const { out } = await runCli(["sample", "--help"], { commandName: "npx tallyroll" });
  expect(out).toContain("  $ npx tallyroll sample --of environment | npx tallyroll submit --csv");
});
