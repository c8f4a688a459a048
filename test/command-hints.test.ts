import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { Command } from "commander";
import { describe, expect, test } from "vitest";
import { addAllCommands } from "../node-client/command/add-all-commands.ts";
import {
  findCommandName,
  theirs,
  toPastable,
} from "../node-client/command/options/command-hints.ts";
import { DocumentedCommand } from "../node-client/command/options/help-text.ts";
import type { Terminal } from "../node-client/command/terminal/terminal.ts";
import { REPOSITORY, runCli } from "./integration/fixtures/run-cli.ts";

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

describe("a hinted command that acts for an account", () => {
  const program = new Command("tallyroll");
  const withAccount = (command: Command): Command =>
    command.option("--keystore <file>").option("--dev-account <n>");
  withAccount(program.command("execute").argument("[outputs...]"));
  withAccount(program.command("balance").argument("[account]"));
  withAccount(program.command("start"));
  program.command("outputs");
  const say = (hint: string, given: object): string =>
    toPastable(`Look: ${hint}.`, "npx tallyroll", program, given);

  test.each([
    ["execute 187", { devAccount: "1" }, "execute 187 --dev-account 1"],
    ["execute 187", { keystore: "my key.json" }, "execute 187 --keystore 'my key.json'"],
    ["execute 187", {}, "execute 187"],
    ["execute 187 --dev-account 2", { devAccount: "1" }, "execute 187 --dev-account 2"],
    ["execute 187 --keystore FILE", { devAccount: "1" }, "execute 187 --keystore FILE"],
    ["balance", { devAccount: "1" }, "balance --dev-account 1"],
    // Whoever is looked at is named.
    ["balance 0x12", { devAccount: "1" }, "balance 0x12"],
    ["outputs", { devAccount: "1" }, "outputs"],
    ["start", { devAccount: "1" }, "start"],
  ])("%s under %j is %s", (words, given, pasted) => {
    expect(say(`\`tallyroll ${words}\``, given)).toBe(`Look: \`npx tallyroll ${pasted}\`.`);
  });

  test("stands behind a pipe, too", () => {
    const said = say("`tail -F a | tallyroll execute 1`", { devAccount: "1" });
    expect(said).toBe("Look: `tail -F a | npx tallyroll execute 1 --dev-account 1`.");
  });

  test("is not given the account where somebody else has to run it", () => {
    const said = say(theirs("execute 187"), { devAccount: "1" });
    expect(said).toBe("Look: `npx tallyroll execute 187`.");
  });
});

describe("every hint in the command's sources", () => {
  const program = new DocumentedCommand("tallyroll");
  addAllCommands(program, {} as Terminal);
  const folder = join(REPOSITORY, "node-client/command");
  /** They make hints of any command. */
  const makers = ["command-hints.ts", "help-text.ts"];
  const files = readdirSync(folder, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith(".ts") && !makers.includes(basename(name)));

  /** Of what is said when a command runs: helps describe commands by their names. */
  const listHints = (file: string): string[] => {
    const source = readFileSync(join(folder, file), "utf8")
      .replace(/^ *(\/?\*|\/\/).*$/gm, "")
      .replace(/^(export )?const [A-Z_]*HELP = `[\s\S]*?[^\\]`;$/gm, "")
      .replace(/\b(option|toOption|Option)\([\s\S]*?\)/g, "")
      // Texts that go on in the next line.
      .replace(/["`] \+\s+["`]/g, "");
    const hinted = source.matchAll(/\\?`(?:their |[^`]*\| )?tallyroll ([^`\\]+)\\?`/g);
    const others = source.matchAll(/\btheirs\(["`]([^"]+?)["`]\)/g);
    const found = [...hinted, ...others].map(([, words = ""]) => words);
    // What follows a word at once is an option, or nothing.
    return found.map((words) =>
      words.replace(/(?<=\S)\$\{[^}]*\}/g, "").replace(/\$\{[^}]*\}/g, "VALUE"),
    );
  };

  /** What a shell would make of it: the command, and what is missing. */
  const findFault = (hint: string): string | undefined => {
    const words = hint.split(" ");
    if (words.includes("--help")) return undefined;
    let command: Command = program;
    while (command.commands.length > 0) {
      const next = command.commands.find((one) => one.name() === words[0]);
      if (next === undefined) return `no command ${hint}`;
      command = next;
      words.shift();
    }
    const flags = words.filter((word) => word.startsWith("--"));
    const known = command.options.map(({ long }) => long);
    const firstFlag = words.findIndex((word) => word.startsWith("--"));
    const operands = firstFlag === -1 ? words : words.slice(0, firstFlag);
    const needed = command.registeredArguments.filter(({ required }) => required);
    if (flags.some((flag) => !known.includes(flag))) return `no such option: ${hint}`;
    if (operands.length < needed.length) return `an argument is missing: ${hint}`;
    const missing = command.options.filter(
      ({ mandatory, defaultValue, long }) =>
        mandatory && defaultValue === undefined && !flags.includes(long ?? ""),
    );
    return missing.length > 0 ? `${missing[0]?.long} is missing: ${hint}` : undefined;
  };

  test("names a command that there is, with the arguments that it needs", () => {
    const hints = files.flatMap((file) => listHints(file).map((hint) => ({ file, hint })));
    const faults = hints.flatMap(({ file, hint }) => {
      const fault = findFault(hint);
      return fault === undefined ? [] : [`${file}: ${fault}`];
    });
    expect(faults).toEqual([]);
    expect(hints.length).toBeGreaterThan(100);
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
