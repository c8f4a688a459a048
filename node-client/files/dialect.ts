/** How a CSV file separates its cells, and where its header is: found on the file's first rows. */
import { isDecimal } from "./decimal-text.ts";
import type { ReadOptions } from "./read-options.ts";
import { RowSplitter } from "./split-rows.ts";

interface SampleRow {
  readonly cells: readonly string[];
  readonly line: number;
}

/** What is known of a CSV file before its rows are read. */
export interface Dialect {
  readonly separator: string;
  /** Physical lines before the header. */
  readonly skippedLines: number;
  /** Whether rows that begin with `#` are comments. */
  readonly hasComments: boolean;
  readonly isHeaderCommented: boolean;
}

const SEPARATORS = [",", ";", "\t", "|"];
/** Rows that are looked at. */
const ROWS_MAX = 500;
/** A preamble that is longer needs `--skip-rows`. */
const PREAMBLE_ROWS_MAX = 60;
const SEPARATOR_LINE = /^"?sep=(.)"?\r?$/i;

/**
 * The dialect of a file by a piece of its beginning.
 *
 * @param isWhole Whether the piece is all of the file: else its last line may be cut.
 */
export function findDialect(
  sample: string,
  isWhole: boolean,
  given: Pick<ReadOptions, "separator" | "skipRows" | "header">,
): Dialect {
  const declared = SEPARATOR_LINE.exec(sample.slice(0, sample.search(/\n|$/)))?.[1];
  const separator = given.separator ?? declared ?? findSeparator(sample, isWhole);
  const rows = splitSample(sample, isWhole, separator) ?? [];
  if (given.skipRows !== undefined) {
    const hasComments = rows.some(
      ({ cells, line }) => line <= (given.skipRows ?? 0) && isComment(cells),
    );
    return { separator, skippedLines: given.skipRows, hasComments, isHeaderCommented: false };
  }
  const begun = declared === undefined ? rows : rows.filter(({ line }) => line > 1);
  const body = begun.filter(({ cells }) => !isComment(cells));
  const comments = begun.filter(({ cells }) => isComment(cells));
  const lead = comments.filter(({ line }) => line < (body[0]?.line ?? 0)).at(-1);
  const hasComments = comments.length > 0 && (comments[0]?.line ?? 0) < (body[0]?.line ?? 0);
  if (given.header !== undefined) {
    const skippedLines = declared === undefined ? 0 : 1;
    return { separator, skippedLines, hasComments, isHeaderCommented: false };
  }
  const isHeaderCommented =
    lead !== undefined &&
    body[0] !== undefined &&
    lead.cells.length > 1 &&
    lead.cells.length === body[0].cells.length &&
    !looksLikeHeader(body[0].cells);
  if (isHeaderCommented) {
    return { separator, skippedLines: lead.line - 1, hasComments, isHeaderCommented };
  }
  const header = hasComments ? findHeader(body) : findHeader(begun);
  return { separator, skippedLines: (header?.line ?? 1) - 1, hasComments, isHeaderCommented };
}

/** Whether a row is a comment of those that loggers write. */
export const isComment = (cells: readonly string[]): boolean => cells[0]?.startsWith("#") === true;

/** The separator with which most rows have the same number of cells. */
function findSeparator(sample: string, isWhole: boolean): string {
  let best = { separator: ",", count: 0, width: 1 };
  for (const separator of SEPARATORS) {
    const rows = splitSample(sample, isWhole, separator);
    const widths = new Map<number, number>();
    for (const { cells } of rows ?? []) {
      if (cells.length > 1 && !isComment(cells)) {
        widths.set(cells.length, (widths.get(cells.length) ?? 0) + 1);
      }
    }
    for (const [width, count] of widths) {
      const isBetter = count > best.count || (count === best.count && width > best.width);
      if (isBetter) best = { separator, count, width };
    }
  }
  return best.separator;
}

function splitSample(sample: string, isWhole: boolean, separator: string): SampleRow[] | undefined {
  const rows: SampleRow[] = [];
  const splitter = new RowSplitter("", separator, (cells, line) => {
    if (rows.length < ROWS_MAX) rows.push({ cells, line });
  });
  try {
    splitter.push(sample);
    if (isWhole) splitter.end();
  } catch {
    // A stray quote: this is not the separator, or the reading itself finds it again.
    return rows.length > 1 ? rows : undefined;
  }
  return rows;
}

/** The first row of names after which all rows are as wide as it; else the first row. */
function findHeader(rows: readonly SampleRow[]): SampleRow | undefined {
  const isAsWide = (row: SampleRow, width: number): boolean =>
    row.cells.length === width || row.cells.every((cell) => cell.trim() === "");
  // From the end: how many of the last rows are equally wide.
  for (const [index, row] of rows.slice(0, PREAMBLE_ROWS_MAX).entries()) {
    const after = rows.slice(index + 1);
    if (after.length === 0) break;
    const isNames = index === 0 || looksLikeHeader(row.cells);
    if (isNames && after.every((other) => isAsWide(other, row.cells.length))) return row;
  }
  return rows[0];
}

/** Names only: no number, no date, and at least one letter each. */
function looksLikeHeader(cells: readonly string[]): boolean {
  const names = cells.map((cell) => cell.trim()).filter((cell) => cell !== "");
  return (
    names.length > 1 &&
    names.every(
      (name) => /\p{L}/u.test(name) && !isDecimal(name.replace(",", ".")) && !isDated(name),
    )
  );
}

const isDated = (text: string): boolean => /^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}/.test(text);
