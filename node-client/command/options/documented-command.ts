import { type AddHelpTextContext, type AddHelpTextPosition, Command } from "commander";

const EXAMPLE = /^ {2}\$ .*(?:\\\n.*)*$/gm;

/**
 * A command that knows the examples of its help, so that each stands in one place: what the help of a
 * group shows of a command is that command's example, too.
 */
export class DocumentedCommand extends Command {
  readonly #texts: string[] = [];

  override createCommand(name?: string): DocumentedCommand {
    return new DocumentedCommand(name);
  }

  override addHelpText(
    position: AddHelpTextPosition,
    text: string | ((context: AddHelpTextContext) => string),
  ): this {
    if (typeof text !== "string") return super.addHelpText(position, text);
    this.#texts.push(text);
    return super.addHelpText(position, text);
  }

  /** The lines of its help that begin with `  $ `, as they are written. */
  listExamples(): string[] {
    return this.#texts.flatMap((text) => text.match(EXAMPLE) ?? []);
  }
}

/** Gives each command without examples those that the groups above it have of it. */
export function shareExamples(
  command: Command,
  path: readonly string[] = [],
  above: readonly string[] = [],
): void {
  const own = command instanceof DocumentedCommand ? command.listExamples() : [];
  for (const sub of command.commands) shareExamples(sub, [...path, sub.name()], [...above, ...own]);
  if (command.commands.length > 0 || own.length > 0) return;
  const words = ` tallyroll ${path.join(" ")} `;
  const found = [...new Set(above.filter((example) => `${example} `.includes(words)))];
  if (found.length > 0) command.addHelpText("after", `\nExamples:\n${found.join("\n")}`);
}
