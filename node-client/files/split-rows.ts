/**
 * Separated text into rows of cells (RFC 4180 with any separator), as it comes in. Own code, since
 * libraries need several times as long as all the rest of the reader, count a quoted CRLF as two
 * lines, or take stray quotes silently; a test compares it with one of them, cell by cell.
 */
import { DataFileError } from "./data-file-error.ts";

/** Takes one row: its cells, exactly as they are, and the line on which it begins. */
export type RowSink = (cells: string[], line: number) => void;

const QUOTE = '"';
/** A row that is longer has a quote that never closes; memory has to stay bounded. */
const ROW_CHARACTERS_MAX = 4 << 20;

/** Gives rows as soon as they are whole. Takes any mix of LF, CRLF and CR; skips empty lines. */
export class RowSplitter {
  readonly #file: string;
  readonly #separator: string;
  readonly #sink: RowSink;
  #rest = "";
  #line: number;
  #emptyLines = 0;

  /** @param line The number of the first line that comes. */
  constructor(file: string, separator: string, sink: RowSink, line = 1) {
    this.#file = file;
    this.#separator = separator;
    this.#sink = sink;
    this.#line = line;
  }

  /** Lines without any character so far. */
  get emptyLines(): number {
    return this.#emptyLines;
  }

  /** @throws DataFileError for a stray quote, with its line. */
  push(text: string): void {
    this.#take(this.#rest === "" ? text : this.#rest + text, false);
  }

  /** @throws DataFileError also for a quote that never closes. */
  end(): void {
    if (this.#rest !== "") this.#take(this.#rest, true);
  }

  #take(text: string, isLast: boolean): void {
    const separator = this.#separator;
    const sink = this.#sink;
    let at = 0;
    // Each of these is looked for again only when it was passed: most files have no CR, no quotes.
    let feed = text.indexOf("\n");
    let carriage = text.indexOf("\r");
    let quote = text.indexOf(QUOTE);
    while (at < text.length) {
      if (feed !== -1 && feed < at) feed = text.indexOf("\n", at);
      if (carriage !== -1 && carriage < at) carriage = text.indexOf("\r", at);
      if (quote !== -1 && quote < at) quote = text.indexOf(QUOTE, at);
      let end = feed;
      if (carriage !== -1 && (feed === -1 || carriage < feed)) end = carriage;
      // A CR at the very end may be the first half of a CRLF.
      const isWhole = end !== -1 && (isLast || end !== carriage || carriage + 1 < text.length);
      if (quote !== -1 && (!isWhole || quote < end)) {
        const next = this.#takeQuoted(text, at, isLast);
        if (next === -1) break;
        at = next;
        continue;
      }
      if (!isWhole) {
        if (!isLast) break;
        end = end === -1 ? text.length : end;
      }
      if (end === at) this.#emptyLines += 1;
      else sink(text.slice(at, end).split(separator), this.#line);
      this.#line += 1;
      at = end === carriage && text[end + 1] === "\n" ? end + 2 : end + 1;
    }
    this.#rest = text.slice(at);
    if (this.#rest.length > ROW_CHARACTERS_MAX) throw this.#fail("never closes");
  }

  /** A row with quotes, which may go over several lines; -1 while its end is not there. */
  #takeQuoted(text: string, start: number, isLast: boolean): number {
    const separator = this.#separator;
    const cells: string[] = [];
    let breaks = 0;
    for (let at = start; ; ) {
      let end: number;
      if (text[at] === QUOTE) {
        let close = text.indexOf(QUOTE, at + 1);
        while (close !== -1 && text[close + 1] === QUOTE) close = text.indexOf(QUOTE, close + 2);
        if (close === -1) {
          if (isLast) throw this.#fail("never closes");
          return -1;
        }
        if (close + 1 === text.length && !isLast) return -1;
        const cell = text.slice(at + 1, close);
        breaks += countBreaks(cell);
        cells.push(cell.replaceAll('""', QUOTE));
        end = close + 1;
        const next = text[end];
        if (end < text.length && next !== separator && next !== "\n" && next !== "\r") {
          throw this.#fail("text follows");
        }
      } else {
        end = findEnd(text, at, separator);
        if (end === text.length && !isLast) return -1;
        const cell = text.slice(at, end);
        if (cell.includes(QUOTE)) throw this.#fail("stray");
        cells.push(cell);
      }
      const next = text[end];
      if (next === separator) {
        at = end + 1;
        continue;
      }
      if (next === "\r" && end + 1 === text.length && !isLast) return -1;
      this.#sink(cells, this.#line);
      this.#line += 1 + breaks;
      return next === "\r" && text[end + 1] === "\n" ? end + 2 : end + 1;
    }
  }

  #fail(kind: "never closes" | "text follows" | "stray"): DataFileError {
    const problem = {
      "never closes": "A quote that opens in this row never closes.",
      "text follows": "Text follows the quote that ends a cell.",
      stray: "A quote stands inside an unquoted cell.",
    }[kind];
    return new DataFileError({ file: this.#file, line: this.#line }, problem, {
      whatToDo:
        'Close every quoted cell, and write "" for a quote inside one; if the cells are not ' +
        "separated as they seem to be, say how with --separator.",
    });
  }
}

function findEnd(text: string, from: number, separator: string): number {
  for (let at = from; at < text.length; at++) {
    const character = text[at];
    if (character === separator || character === "\n" || character === "\r") return at;
  }
  return text.length;
}

const countBreaks = (cell: string): number =>
  cell.includes("\n") || cell.includes("\r") ? (cell.match(/\r\n|\n|\r/g)?.length ?? 0) : 0;
