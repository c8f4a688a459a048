import type { Command } from "commander";

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
