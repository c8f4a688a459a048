import stringWidth from "string-width";

/** Nothing but what takes one column each: by far the most, and quick to see. */
const PLAIN = /^[\x20-\x7e]*$/;
/** A name, then at least two spaces, as in lists of options and of facts. */
const SECOND_COLUMN = /^ *\S+(?: \S+)* {2,}(?=\S)/;
const INDENTATION = /^ */;
const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** How many columns a terminal takes for it: two for wide characters, none for combining marks. */
export const widthOf = (text: string): number =>
  PLAIN.test(text) ? text.length : stringWidth(text);

/** As `padEnd`, in columns of a terminal. */
export const padRight = (text: string, width: number): string =>
  text + " ".repeat(Math.max(0, width - widthOf(text)));

/** As `padStart`, in columns of a terminal. */
export const padLeft = (text: string, width: number): string =>
  " ".repeat(Math.max(0, width - widthOf(text))) + text;

/**
 * A line as lines that fit, broken between words only. A word that is wider than a whole line, such
 * as calldata, stays whole on a line of its own. Those after the first begin under the second column
 * of a list, or are indented as the first.
 *
 * @param columns The width that there is; without one the line stays as it is.
 * @example
 * wrapLine("two words", 5); // "two\nwords"
 */
export function wrapLine(line: string, columns: number | undefined): string {
  if (columns === undefined || widthOf(line) <= columns) return line;
  const beginning = SECOND_COLUMN.exec(line) ?? INDENTATION.exec(line);
  const prefix = beginning?.[0] ?? "";
  const words = line.slice(prefix.length).split(" ");
  return wrapWords(prefix, words, columns, widthOf(prefix)).join("\n");
}

/**
 * Words after a prefix, such as a field's name.
 *
 * @param hanging The columns that lines after the first are indented by: all by fewer where one of
 * the words would not fit, so that they stand below each other.
 * @param mark Ends every line but the last, as a shell's backslash does.
 */
export function wrapWords(
  prefix: string,
  words: readonly string[],
  columns: number,
  hanging: number,
  mark = "",
): string[] {
  const room = columns - mark.length;
  const widths = words.map(widthOf).filter((width) => width <= room);
  const indent = Math.max(0, Math.min(hanging, room - Math.max(0, ...widths)));
  const lines: string[] = [];
  let line = prefix;
  let width = widthOf(prefix);
  let isBegun = false;
  for (const word of words) {
    const wordWidth = widthOf(word);
    const gap = isBegun ? " " : "";
    if (width + gap.length + wordWidth <= room) {
      line += gap + word;
      width += gap.length + wordWidth;
    } else {
      if (isBegun || line.trim() !== "") lines.push(line.trimEnd() + mark);
      const isWhole = indent + wordWidth <= room;
      line = isWhole ? " ".repeat(indent) + word : word;
      width = widthOf(line);
    }
    isBegun = true;
  }
  return [...lines, line.trimEnd()];
}

/** The beginning of a line, as far as it fits; what is cut off shows as an ellipsis. */
export function cutLine(line: string, columns: number | undefined): string {
  if (columns === undefined || widthOf(line) <= columns) return line;
  let [cut, width] = ["", 0];
  for (const { segment } of graphemes.segment(line)) {
    width += widthOf(segment);
    if (width > columns - 1) break;
    cut += segment;
  }
  return `${cut}…`;
}
