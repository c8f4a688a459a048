import {
  type AddHelpTextContext,
  type AddHelpTextPosition,
  Command,
  Help,
  type HelpConfiguration,
  type Option,
} from "commander";
import { groupBy } from "../../group-by.ts";
import { widthOf, wrapLine, wrapWords } from "../terminal/wrap-text.ts";

const EXAMPLE = /^ {2}\$ /;
/** Words of a shell: quotes hold theirs together. */
const SHELL_WORDS = /(?:[^\s"']|"[^"]*"|'[^']*')+/g;
const EXAMPLE_INDENT = 6;

/** The examples of a command as the end of its help. */
export const examplesText = (...commandLines: readonly string[]): string =>
  `\nExamples:\n${commandLines.map((line) => `  $ tallyroll ${line}`).join("\n")}`;

/**
 * A help text as it is shown: commands are named as this one was called, and on a terminal lines are
 * broken between words, those of an example so that a shell takes them for one.
 *
 * @param columns The terminal's width; `undefined` leaves all lines as they are.
 */
export function formatHelp(text: string, commandName: string, columns: number | undefined): string {
  const named = text
    .replace(/`tallyroll (?=[^`]+`)/g, `\`${commandName} `)
    .replace(/^ {2}\$ .*$/gm, (line) =>
      line.replace(/(?<![\w./-])tallyroll(?= )/g, () => commandName),
    );
  return columns === undefined ? named : reflow(named.split("\n"), columns).join("\n");
}

function reflow(lines: readonly string[], columns: number): string[] {
  const shown: string[] = [];
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] ?? "";
    if (EXAMPLE.test(line)) shown.push(...wrapExample(line, columns));
    else if (line.startsWith(" ")) shown.push(wrapLine(line, columns));
    else {
      const paragraph = [line];
      while (line !== "" && /^[^ ]/.test(lines[i + 1] ?? "")) paragraph.push(lines[++i] ?? "");
      const isTooWide = paragraph.some((one) => widthOf(one) > columns);
      shown.push(...(isTooWide ? [wrapLine(paragraph.join(" "), columns)] : paragraph));
    }
  }
  return shown;
}

function wrapExample(line: string, columns: number): string[] {
  if (widthOf(line) <= columns) return [line];
  const words = line.slice(4).match(SHELL_WORDS) ?? [];
  const [first = "", ...others] = words;
  return wrapWords(`  $ ${first} `, others, columns, EXAMPLE_INDENT, " \\");
}

/** Headings of the options that many commands share: each stands after a command's own. */
export const ACCOUNT_OPTIONS = "Account:";
export const CONNECTION_OPTIONS = "Connection:";
export const RELAY_OPTIONS = "Signing for a relayer:";

const SHARED_HEADINGS: readonly (string | undefined)[] = [
  ...[RELAY_OPTIONS, ACCOUNT_OPTIONS, CONNECTION_OPTIONS],
];
/** Own options that every command has: after those that say what it does. */
const COMMON = ["--json", "--help"];

const rankOf = ({ helpGroupHeading, long }: Option): number =>
  2 * (SHARED_HEADINGS.indexOf(helpGroupHeading) + 1) + Number(COMMON.includes(long ?? ""));

/** A command's own options come first in its help, in whatever order they were added. */
export const HELP_ORDER: HelpConfiguration = {
  visibleOptions(command) {
    const options = Help.prototype.visibleOptions.call(this, command);
    return [...options].sort((a, b) => rankOf(a) - rankOf(b));
  },
  // Whatever is a switch is off by default, and what can be repeated is not there.
  optionDescription(option) {
    const text = Help.prototype.optionDescription.call(this, option);
    return text.replace(/ \(default: (false|\{\}|\[\])\)$/, "");
  },
  // The groups come in the order of their first visible items, not of their being added.
  groupItems: (_added, visible, getGroup) => groupBy(visible, getGroup),
};

const EXAMPLES = /^ {2}\$ .*(?:\\\n.*)*$/gm;

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
    return this.#texts.flatMap((text) => text.match(EXAMPLES) ?? []);
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
