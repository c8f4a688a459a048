import { ClientError } from "../errors.ts";

/** Longer cells are cut in messages: a terminal line has to stay readable. */
const SHOWN_CHARACTERS_MAX = 60;

/** Where in a file the trouble is; what is unknown stays away. */
export interface CsvPlace {
  readonly file: string;
  /** The line of the file, counted from 1, on which the row begins. */
  readonly line?: number | undefined;
  /** The column's name in the header. */
  readonly column?: string | undefined;
  /** The cell's whole text. */
  readonly cell?: string | undefined;
}

/**
 * A CSV file that cannot be read as readings: names the file, line, column and cell.
 *
 * @example
 * throw new CsvError({ file: "a.csv", line: 7, column: "ph", cell: "x" }, "This is no number.", {
 *   whatToDo: "Correct the cell.",
 * });
 * // a.csv, line 7, column "ph", cell "x": This is no number.
 * // Correct the cell.
 */
export class CsvError extends ClientError {
  override readonly name = "CsvError";
  readonly file: string;
  readonly line: number | undefined;
  readonly column: string | undefined;
  readonly cell: string | undefined;

  constructor(place: CsvPlace, problem: string, options: { whatToDo: string; cause?: unknown }) {
    super(`${formatPlace(place)}: ${problem}`, options);
    this.file = place.file;
    this.line = place.line;
    this.column = place.column;
    this.cell = place.cell;
  }
}

function formatPlace(place: CsvPlace): string {
  const parts = [place.file];
  if (place.line !== undefined) parts.push(`line ${place.line}`);
  if (place.column !== undefined) parts.push(`column ${quote(place.column)}`);
  if (place.cell !== undefined) parts.push(`cell ${quote(place.cell)}`);
  return parts.join(", ");
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
