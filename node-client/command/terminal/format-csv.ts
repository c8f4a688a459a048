/** Cells that a spreadsheet would take for a separator, a quote or a line break. */
const NEEDS_QUOTES = /[",\r\n]|^\s|\s$/;

/**
 * One line of CSV (RFC 4180), for programs: texts stand in it as devices wrote them, so that reading
 * it back gives the same readings. A spreadsheet takes a text that begins with `=`, `+`, `-` or `@`
 * for a formula, unless such columns are imported as text: a sign put before it here would be another
 * reading, and numbers below zero begin with one of these.
 *
 * @example
 * formatCsvLine(["a", "b,c"]); // a,"b,c"\n
 */
export const formatCsvLine = (cells: readonly string[]): string =>
  `${cells
    .map((cell) => (NEEDS_QUOTES.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell))
    .join(",")}\n`;

/** A reading with its values in words; `null` and what was not granted are empty cells. */
export interface ReadingInWords {
  readonly sequence: number;
  readonly timeSec: number;
  readonly values: readonly (string | null | undefined)[];
}

/** Unix seconds for people: 2026-11-21 05:20:24 UTC. */
export const formatTime = (timeSec: number): string =>
  `${new Date(timeSec * 1000).toISOString().slice(0, 19).replace("T", " ")} UTC`;
