import { widthOf, wrapLine, wrapWords } from "../terminal/wrap-text.ts";

const EXAMPLE = /^ {2}\$ /;
/** Words of a shell: quotes hold theirs together. */
const SHELL_WORDS = /(?:[^\s"']|"[^"]*"|'[^']*')+/g;
const EXAMPLE_INDENT = 6;

/**
 * The examples of a command as the end of its help.
 *
 * @example
 * command.addHelpText("after", examplesText("channel add 0 0.5 --dev-account 1"));
 */
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
