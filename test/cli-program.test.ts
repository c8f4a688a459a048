import type { Command } from "commander";
import { describe, expect, test } from "vitest";
import { addAllCommands } from "../node-client/command/add-all-commands.ts";
import { DocumentedCommand } from "../node-client/command/options/help-text.ts";
import type { Terminal } from "../node-client/command/terminal/terminal.ts";
import { runCli } from "./integration/fixtures/run-cli.ts";

/** What every command keeps to: an answer for programs, an example, its own options first. */

/** What sends something, beside all that can be signed for a relayer. */
const SENDING: readonly string[] = ["submit", "deposit", "buy", "relay", "mint", "execute"];

/** Prints a shell's script. */
const WITHOUT_JSON: readonly string[] = ["complete"];

/** Who does what in all examples: owner and provider are account 0, the buyer is 1. */
const OWNER = /^(device|submit|stream (declare|rotate)|grant (give|revoke)|service|execute)/;
const PROVIDER = /^escrow (take|deliver|session (start|anchor)|receipt redeem)/;
const RECIPIENT = /^channel (claim|multi-claim|list --(received|unclaimed|expiring))/;
const BUYER = /^(buy|escrow (open|intent|fund|auto-fill|accept|receipt sign|session answer))/;
const PAYER = /^(transfer|channel (open|pay|add|extend|timeout|recover|sign-opening) )/;

const HEADINGS = ["Options", "Signing for a relayer", "Account", "Connection"];

interface Leaf {
  readonly name: string;
  readonly command: Command;
}

function* listLeaves(command: Command, path: readonly string[] = []): Generator<Leaf> {
  if (command.commands.length === 0) yield { name: path.join(" "), command };
  for (const sub of command.commands) yield* listLeaves(sub, [...path, sub.name()]);
}

const program = new DocumentedCommand("tallyroll");
addAllCommands(program, {} as Terminal);
const LEAVES = [...listLeaves(program)];

const helpOf = async (name: string): Promise<string> =>
  (await runCli([...name.split(" "), "--help"])).out;

const examplesIn = (help: string): string[] =>
  [...help.matchAll(/^ {2}\$ (?:.*[|&] )?tallyroll (.*(?:\\\n.*)*)$/gm)].map(([, words]) =>
    (words ?? "").replace(/\\\n\s*/g, ""),
  );

describe.each(LEAVES)("tallyroll $name", ({ name, command }) => {
  test("answers programs, and has an example", async () => {
    const hasJson = command.options.some(({ long }) => long === "--json");
    expect(hasJson).toBe(!WITHOUT_JSON.includes(name));
    if (!hasJson) return;
    const help = await helpOf(name);
    const examples = examplesIn(help);
    expect(examples.filter((words) => `${words} `.startsWith(`${name} `))).not.toEqual([]);
  });

  test("shows its own options before those of many commands", async () => {
    const headings = [
      ...(await helpOf(name)).matchAll(/^(Options|Signing for a relayer|Account|Connection):$/gm),
    ];
    const shown = headings.map(([, heading]) => heading);
    expect(shown).toEqual(HEADINGS.filter((one) => shown.includes(one)));
    const own = command.options.filter(({ helpGroupHeading }) => helpGroupHeading === undefined);
    expect(shown.includes("Options")).toBe(own.length > 0 || name === "complete");
  });
});

test("every command and every group has examples", async () => {
  const groups = (command: Command, path: readonly string[] = []): string[] =>
    command.commands.flatMap((sub) => [
      [...path, sub.name()].join(" "),
      ...groups(sub, [...path, sub.name()]),
    ]);
  const bare: string[] = [];
  for (const name of groups(program)) {
    if (!/^Examples:$/m.test(await helpOf(name))) bare.push(name);
  }
  expect(bare).toEqual([]);
});

test("an example that sends something says for whom", async () => {
  const unnamed: string[] = [];
  for (const { name, command } of LEAVES) {
    const isSending =
      SENDING.includes(name) || command.options.some(({ long }) => long === "--relay-out");
    if (!isSending) continue;
    for (const example of examplesIn(await helpOf(name))) {
      const isMeant = `${example} `.startsWith(`${name} `) && !example.includes("--dry-run");
      if (isMeant && !/ --(dev-account|keystore) /.test(example)) unnamed.push(example);
    }
  }
  expect(unnamed).toEqual([]);
});

test("no default that is empty is shown", async () => {
  for (const { name } of LEAVES) expect(await helpOf(name), name).not.toMatch(/default: [[{][\]}]/);
});

test.each(["stream read", "stream readings", "stream watch", "buy"])(
  "%s says that it prints one object a line",
  async (name) => {
    const help = (await helpOf(name)).replace(/\s+/g, " ");
    expect(help).toContain("--json print one JSON object a line, one a reading");
  },
);

test("an example for jq passes over the last line, which sums up", async () => {
  for (const { name } of LEAVES) {
    for (const [piped] of (await helpOf(name)).matchAll(/jq .*/g)) {
      expect(piped).toBe("jq '.values // empty'");
    }
  }
});

test("--data-folder says all that is kept there", async () => {
  const help = (await helpOf("submit")).replace(/\s+/g, " ");
  expect(help).toContain("where keys, uploads, payments and the local rollup are kept");
});

test("examples give each account one part", async () => {
  const parts: readonly (readonly [RegExp, string])[] = [
    ...([OWNER, PROVIDER, RECIPIENT].map((part) => [part, "0"]) as [RegExp, string][]),
    ...([BUYER, PAYER].map((part) => [part, "1"]) as [RegExp, string][]),
  ];
  const wrong: string[] = [];
  let count = 0;
  for (const { name } of LEAVES) {
    for (const example of examplesIn(await helpOf(name))) {
      const account = / --dev-account (\d)/.exec(example)?.[1];
      const part = parts.find(([pattern]) => pattern.test(example));
      if (account === undefined || part === undefined) continue;
      count += 1;
      if (account !== part[1]) wrong.push(example);
    }
  }
  expect(wrong).toEqual([]);
  expect(count).toBeGreaterThan(40);
});
