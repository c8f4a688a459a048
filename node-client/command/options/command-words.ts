import { type Command, InvalidArgumentError } from "commander";

/** So many letters at the beginning tell what was meant. */
const PREFIX_MIN = 3;

/**
 * Refuses a command that a group does not have, where its help is asked for: commander shows the
 * group's help then, as if the command were there, and exits with 0. And where it begins as one of
 * the group's: commander counts letters to change, and takes "stats" for "rotate".
 */
export function requireKnownCommand(program: Command, args: readonly string[]): void {
  const isHelp = args.some((word) => word === "--help" || word === "-h");
  let group = program;
  for (const word of args) {
    if (word.startsWith("-") || group.commands.length === 0) return;
    const found = group.commands.find((one) => one.name() === word || one.aliases().includes(word));
    if (found === undefined) {
      if (word === "help") return;
      if (!isHelp) {
        const meant = findBegunSo(group, word);
        if (meant.length === 0) return;
        const said = `unknown command '${word}' (Did you mean ${meant.join(" or ")}?)`;
        throw new InvalidArgumentError(said);
      }
      const names = group.commands.map((one) => one.name()).join(", ");
      throw new InvalidArgumentError(
        `${group.name()} has no command ${JSON.stringify(word)}: it has ${names}.`,
      );
    }
    group = found;
  }
}

/** The commands that share the longest beginning with a word, if it is long enough to tell. */
function findBegunSo(group: Command, word: string): string[] {
  const names = group.commands.map((one) => one.name());
  const shared = names.map((name) => {
    const differs = [...word].findIndex((letter, at) => name[at] !== letter);
    return differs === -1 ? word.length : differs;
  });
  const longest = Math.max(...shared);
  return longest < PREFIX_MIN ? [] : names.filter((_, at) => shared[at] === longest);
}

/**
 * `help escrow deliver` as `escrow deliver --help`: commander's own shows the help of the first
 * command only, whatever stands after it.
 *
 * @param args The words after the program's name; others come back as they are.
 * @example
 * directHelp(program, ["help", "escrow", "receipt", "sign"]); // ["escrow", "receipt", "sign", "--help"]
 */
export function directHelp(program: Command, args: readonly string[]): readonly string[] {
  let group: Command | undefined = program;
  for (const [at, word] of args.entries()) {
    if (group === undefined || group.commands.length === 0) return args;
    if (word === "help") {
      const about = args.slice(at + 1).filter((one) => one !== "help");
      return about.length === 0 ? args : [...args.slice(0, at), ...about, "--help"];
    }
    group = group.commands.find((one) => one.name() === word || one.aliases().includes(word));
  }
  return args;
}
