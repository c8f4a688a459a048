import { type CsvError as ParserError, parse } from "csv-parse/sync";
import { CsvError, formatHeader, quote } from "./csv-error.ts";

export interface CsvRow {
  /** The line of the file, counted from 1, on which the row begins. */
  readonly line: number;
  readonly cells: readonly string[];
}

export interface CsvTable {
  /** The file's name, for messages. */
  readonly file: string;
  readonly headerLine: number;
  readonly header: readonly string[];
  readonly rows: readonly CsvRow[];
}

const CARRIAGE_RETURN = 13;
const LINE_FEED = 10;

/**
 * Splits CSV text (RFC 4180, comma-separated) into a header and rows of equal width. Takes a byte
 * order mark and any mix of LF, CRLF and CR; skips empty lines; keeps cells exactly as they are.
 *
 * @throws CsvError for a missing header, a name twice in it, a ragged row or a stray quote.
 */
export function readRows(text: string, file: string): CsvTable {
  const bytes = Buffer.from(text, "utf8");
  const [first, ...rows] = splitRows(bytes, file);
  if (first === undefined) {
    throw new CsvError({ file }, "There is no header.", {
      whatToDo: "Give a CSV file whose first line names the columns.",
    });
  }
  const header = first.cells;
  assertCommas(first, file);
  assertDistinct(first, file);
  for (const row of rows) {
    if (row.cells.length === header.length) continue;
    const counts = `${row.cells.length} cells where the header has ${header.length}`;
    throw new CsvError({ file, line: row.line }, `The row has ${counts}.`, {
      whatToDo: `Give it one cell a column (${formatHeader(header)}); quote cells with commas.`,
    });
  }
  return { file, headerLine: first.line, header, rows };
}

/** A header of one name that holds another program's separator: not a column is meant, but many. */
function assertCommas({ line, cells: [name = "", ...others] }: CsvRow, file: string): void {
  const separator = others.length === 0 ? /[;\t|]/.exec(name)?.[0] : undefined;
  if (separator === undefined) return;
  throw new CsvError(
    { file, line },
    `The cells are separated by ${quote(separator)}, not by commas.`,
    {
      whatToDo: "Save the file with commas between its cells, and a point in its decimal numbers.",
    },
  );
}

function assertDistinct({ line, cells }: CsvRow, file: string): void {
  const seen = new Set<string>();
  for (const column of cells) {
    if (seen.has(column)) {
      throw new CsvError({ file, line, column }, "The header has this name twice.", {
        whatToDo: `Rename one of the columns: ${formatHeader(cells)}.`,
      });
    }
    seen.add(column);
  }
}

function splitRows(bytes: Buffer, file: string): CsvRow[] {
  // The parser counts a quoted CRLF as two lines, so lines are counted here, from its byte offsets.
  const rows: CsvRow[] = [];
  const lines = new LineCounter(bytes);
  let end = 0;
  try {
    parse(bytes, {
      bom: true,
      skip_empty_lines: true,
      relax_column_count: true,
      record_delimiter: ["\r\n", "\n", "\r"],
      on_record: (cells: string[], context) => {
        rows.push({ cells, line: lines.atNextText(end) });
        end = context.bytes;
        return null;
      },
    });
  } catch (cause) {
    if (!isParserError(cause)) throw cause;
    throw new CsvError({ file, line: lines.atNextText(end) }, describe(cause), {
      whatToDo: 'Close every quoted cell, and write "" for a quote inside one.',
      cause,
    });
  }
  return rows;
}

/** The parser's own sentence names lines and fields by its own count: the code is enough. */
function describe(error: ParserError): string {
  if (error.code === "CSV_QUOTE_NOT_CLOSED") return "A quote that opens in this row never closes.";
  if (error.code === "CSV_INVALID_CLOSING_QUOTE") return "Text follows the quote that ends a cell.";
  if (error.code === "INVALID_OPENING_QUOTE") return "A quote stands inside an unquoted cell.";
  return `The row cannot be parsed (${error.code}).`;
}

const isParserError = (error: unknown): error is ParserError =>
  error instanceof Error && "code" in error && "bytes_records" in error;

/** Counts the lines before rising byte offsets, each byte once. */
class LineCounter {
  readonly #bytes: Uint8Array;
  #offset = 0;
  #line = 1;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** The line of the first byte at or after `offset` that is no line break. */
  atNextText(offset: number): number {
    const bytes = this.#bytes;
    for (; this.#offset < bytes.length; this.#offset++) {
      const byte = bytes[this.#offset];
      if (this.#offset >= offset && byte !== LINE_FEED && byte !== CARRIAGE_RETURN) break;
      const isCrlf = byte === CARRIAGE_RETURN && bytes[this.#offset + 1] === LINE_FEED;
      if (byte === LINE_FEED || (byte === CARRIAGE_RETURN && !isCrlf)) this.#line++;
    }
    return this.#line;
  }
}
