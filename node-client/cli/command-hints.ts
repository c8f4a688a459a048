import type { Command } from "commander";
import { quoteWord } from "./quote-word.ts";

/** What says where a command goes: without them the next one would go elsewhere, or fail. */
const PLACES = [
  ["dataFolder", "--data-folder"],
  ["rpc", "--rpc"],
  ["app", "--app"],
  ["node", "--node"],
  ["inspectUrl", "--inspect-url"],
] as const;

type PlaceName = (typeof PLACES)[number][0];

/** The options of this command line that say where it goes. */
export type GivenPlaces = Readonly<Partial<Record<PlaceName, string>>>;

/** Those that the command line itself gave, not a default. */
export function findGivenPlaces(command: Command): GivenPlaces {
  const options = command.opts();
  const given = PLACES.filter(([name]) => command.getOptionValueSource(name) === "cli");
  return Object.fromEntries(given.map(([name]) => [name, String(options[name])]));
}

/**
 * Makes the commands of a hint such as "Look with \`tallyroll outputs\`." ones that can be pasted:
 * named as this one was called, with the options of this command line that say where it goes.
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
  return text.replace(/`tallyroll ([^`]+)`/g, (_, words: string) => {
    const hinted = words.split(" ");
    const places = PLACES.flatMap(([name, flag]) => {
      const value = given[name];
      const isMeant = value !== undefined && takes(program, hinted, flag);
      return isMeant ? ` ${flag} ${quoteWord(value)}` : "";
    });
    return `\`${commandName} ${words}${places.join("")}\``;
  });
}

/** Whether the command that these words call has an option in this sense, and not given there yet. */
function takes(program: Command, words: readonly string[], flag: string): boolean {
  if (words.includes("--help") || words.includes(flag)) return false;
  let command: Command | undefined = program;
  for (const word of words) {
    if (command === undefined || command.commands.length === 0) break;
    command = command.commands.find((one) => one.name() === word);
  }
  // `start --rpc` is meant for another chain than the one that was to be reached.
  if (command?.name() === "start" && flag !== "--data-folder") return false;
  return command?.options.some(({ long }) => long === flag) ?? false;
}
