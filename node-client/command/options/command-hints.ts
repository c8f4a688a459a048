import { basename, delimiter, dirname, relative } from "node:path";
import type { Command } from "commander";

/** What says where a command goes, and for whom: without them the next one would go elsewhere, or fail. */
const PLACES = [
  ["dataFolder", "--data-folder"],
  ["rpc", "--rpc"],
  ["app", "--app"],
  ["node", "--node"],
  ["inspectUrl", "--inspect-url"],
  ["keystore", "--keystore"],
  ["devAccount", "--dev-account"],
] as const;

/** Who acts: a hint that names one itself, or is for somebody else, gets none of this command line. */
const ACCOUNT_FLAGS: readonly string[] = ["--keystore", "--dev-account"];
/** Arguments that stand for the account, where a command only looks. */
const ACCOUNT_ARGUMENTS: readonly string[] = ["account", "buyer", "sender", "provider"];

type PlaceName = (typeof PLACES)[number][0];

/** The options of this command line that say where it goes, and for whom. */
export type GivenPlaces = Readonly<Partial<Record<PlaceName, string>>>;

/** Those that the command line itself gave, not a default. */
export function findGivenPlaces(command: Command): GivenPlaces {
  const options = command.opts();
  const given = PLACES.filter(([name]) => command.getOptionValueSource(name) === "cli");
  return Object.fromEntries(given.map(([name]) => [name, String(options[name])]));
}

/**
 * A command of a hint that somebody else has to run: the account of this command line is not theirs.
 *
 * @example
 * theirs("grant key"); // in a hint: `npx tallyroll grant key`
 */
export const theirs = (words: string): string => `\`their tallyroll ${words}\``;

/**
 * Makes the commands of a hint such as "Look with \`tallyroll outputs\`." ones that can be pasted:
 * named as this one was called, with the options of this command line that say where it goes and for
 * whom.
 *
 * @param commandName As a shell takes it, such as `npx tallyroll`.
 * @param given As `findGivenPlaces`; a hinted command gets those that it has.
 */
export function toPastable(
  text: string,
  commandName: string,
  program: Command,
  given: GivenPlaces,
): string {
  const hints = /`(their )?([^`]*\| )?tallyroll ([^`]+)`/g;
  return text.replace(hints, (_, their: string, pipe: string | undefined, words: string) => {
    const hinted = words.split(" ");
    const places = PLACES.flatMap(([name, flag]) => {
      const value = given[name];
      const isOthers = their !== undefined && ACCOUNT_FLAGS.includes(flag);
      const isMeant = value !== undefined && !isOthers && takes(program, hinted, flag);
      return isMeant ? ` ${flag} ${quoteWord(value)}` : "";
    });
    return `\`${pipe ?? ""}${commandName} ${words}${places.join("")}\``;
  });
}

/** Whether the command that these words call has an option in this sense, and not given there yet. */
function takes(program: Command, words: readonly string[], flag: string): boolean {
  if (words.includes("--help") || words.includes(flag)) return false;
  let command: Command | undefined = program;
  let depth = 0;
  for (const word of words) {
    if (command === undefined || command.commands.length === 0) break;
    command = command.commands.find((one) => one.name() === word);
    depth += 1;
  }
  // `start --rpc` is meant for another chain than the one that was to be reached.
  if (command?.name() === "start" && flag !== "--data-folder") return false;
  if (ACCOUNT_FLAGS.includes(flag) && namesAccount(command, words.slice(depth))) return false;
  return command?.options.some(({ long }) => long === flag) ?? false;
}

/** Whether words after a command's name say already whose things are meant. */
function namesAccount(command: Command | undefined, words: readonly string[]): boolean {
  if (words.some((word) => ACCOUNT_FLAGS.includes(word))) return true;
  const firstOption = words.findIndex((word) => word.startsWith("-"));
  const operands = firstOption === -1 ? words : words.slice(0, firstOption);
  return (command?.registeredArguments ?? []).some(
    (argument, at) =>
      !argument.required && ACCOUNT_ARGUMENTS.includes(argument.name()) && at < operands.length,
  );
}

/**
 * How this command was called, as a shell takes it again.
 *
 * @param script The script that Node runs: an absolute path, of a symbolic link where that was
 * called.
 * @example
 * findCommandName("/home/me/dist/tallyroll.js", {}, "/home/me"); // "node dist/tallyroll.js"
 */
export function findCommandName(
  script: string,
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
): string {
  // npx calls a link of the bare name; whatever npm runs else inherits the variable, too.
  const isLink = basename(script) === "tallyroll";
  if (isLink && env.npm_command === "exec") return "npx tallyroll";
  const isOnPath = (env.PATH ?? "").split(delimiter).includes(dirname(script));
  if (isLink && isOnPath) return "tallyroll";
  const path = relative(cwd, script);
  return `node ${quoteWord(path.startsWith("..") ? script : path)}`;
}

/** A word as a POSIX shell takes it: in quotes only where it needs them. */
export const quoteWord = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
