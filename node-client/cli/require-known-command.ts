import { type Command, InvalidArgumentError } from "commander";

/**
 * Refuses a command that a group does not have, where its help is asked for: commander shows the
 * group's help then, as if the command were there, and exits with 0.
 *
 * @throws InvalidArgumentError that names the commands of the group.
 */
export function requireKnownCommand(program: Command, args: readonly string[]): void {
  if (!args.some((word) => word === "--help" || word === "-h")) return;
  let group = program;
  for (const word of args) {
    if (word.startsWith("-") || group.commands.length === 0) return;
    const found = group.commands.find((one) => one.name() === word || one.aliases().includes(word));
    if (found === undefined) {
      if (word === "help") return;
      const names = group.commands.map((one) => one.name()).join(", ");
      throw new InvalidArgumentError(
        `${group.name()} has no command ${JSON.stringify(word)}: it has ${names}.`,
      );
    }
    group = found;
  }
}
