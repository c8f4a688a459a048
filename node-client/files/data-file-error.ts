import { ClientError } from "../errors.ts";

/** Longer cells are cut in messages: a terminal line has to stay readable. */
const SHOWN_CHARACTERS_MAX = 60;

/** Where in a file the trouble is; what is unknown stays away. */
interface DataFilePlace {
  readonly file: string;
  /** The line of the file, counted from 1, on which the row begins. */
  readonly line?: number | undefined;
  /** The column's name in the header. */
  readonly column?: string | undefined;
  readonly cell?: string | undefined;
}

interface DataFileAdvice {
  readonly whatToDo: string;
  /** What the file holds can be read in more ways than one: nothing in it says which. */
  readonly isAmbiguous?: boolean | undefined;
  readonly cause?: unknown;
}

/**
 * A file that cannot be read as readings: names the file, line, column and cell, and in its advice
 * the options that get further, the likeliest first.
 *
 * @example
 * throw new DataFileError({ file: "a.csv", line: 7, column: "ph", cell: "x" }, "This is no number.", {
 *   whatToDo: "Correct the cell, or take the column as text with --text ph.",
 * });
 * // a.csv, line 7, column "ph", cell "x": This is no number.
 * // Correct the cell, or take the column as text with --text ph.
 */
export class DataFileError extends ClientError {
  override readonly name = "DataFileError";
  readonly file: string;
  readonly line: number | undefined;
  readonly column: string | undefined;
  readonly cell: string | undefined;
  /** What is wrong, for whoever knows the file and its line. */
  readonly problemInRow: string;
  readonly isAmbiguous: boolean;

  constructor(place: DataFilePlace, problem: string, advice: DataFileAdvice) {
    const inRow = formatInRow(place);
    const line = place.line === undefined ? [] : [`line ${place.line}`];
    super(`${[place.file, ...line, ...inRow].join(", ")}: ${problem}`, advice);
    this.problemInRow = inRow.length === 0 ? problem : `${inRow.join(", ")}: ${problem}`;
    this.file = place.file;
    this.line = place.line;
    this.column = place.column;
    this.cell = place.cell;
    this.isAmbiguous = advice.isAmbiguous ?? false;
  }
}

function formatInRow({ column, cell }: DataFilePlace): readonly string[] {
  return [
    ...(column === undefined ? [] : [`column ${quote(column)}`]),
    ...(cell === undefined ? [] : [`cell ${quote(cell)}`]),
  ];
}

/** Quotes a cell or name for a message, escaped as JSON and cut to a readable length. */
export function quote(text: string): string {
  const points = [...text.slice(0, 2 * SHOWN_CHARACTERS_MAX + 2)];
  if (points.length <= SHOWN_CHARACTERS_MAX) return JSON.stringify(text);
  return `${JSON.stringify(points.slice(0, SHOWN_CHARACTERS_MAX).join(""))}…`;
}

/** The header as a message shows it: every name, quoted where it would be unclear. */
export function formatHeader(names: readonly string[]): string {
  return names.map((name) => (/^[\w.-]+$/.test(name) ? name : quote(name))).join(", ");
}

/** Of a header with empty cells: a title above the real one has them, and a name for one at most. */
const UNNAMED = /^column \d+$/;

/** What else to do where a header may be none: the end of an advice. */
export const adviseSkipping = (names: readonly string[]): string =>
  names.some((name) => UNNAMED.test(name))
    ? " Where the header is further down, say so with --skip-rows N."
    : "";

/** A name as a shell takes it for one word of a list, `,` and `\` escaped. */
export function showWord(name: string): string {
  const escaped = name.replace(/[\\,]/g, "\\$&");
  return /^[\w.-]+$/.test(escaped) ? escaped : `'${escaped.replaceAll("'", "'\\''")}'`;
}
