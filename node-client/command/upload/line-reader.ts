import { errorKind } from "../terminal/io.ts";
import { LineSplitter } from "../terminal/line-splitter.ts";
import type { FollowedLine, LineForm, LineRun } from "./followed-lines.ts";

const LINE_BYTES_MAX = 1 << 20;
const CARRIAGE_RETURN = 0x0d;
const SEPARATORS = /[,;\t|]/;

/** What is followed is not given as it has to be. */
export const FollowError = errorKind("FollowError");

interface OpenRun extends LineRun {
  readonly lines: FollowedLine[];
}

interface LineReaderOptions {
  /** Where an option says it; else the first line does. */
  readonly format: "csv" | "ndjson" | undefined;
  /** The header of a CSV and what stands above it; 0 where an option names the columns. */
  readonly headerLines: number;
  /** Takes what is said of a line that is not a reading. */
  readonly note: (words: string) => void;
}

/**
 * Makes lines of the pieces of standard input: one line is one reading. The header of a CSV is the
 * first line, and each later one that has mostly its cells again: a logger that begins a new file
 * writes one, perhaps with its columns in another order.
 */
export class LineReader {
  readonly #options: LineReaderOptions;
  readonly #splitter = new LineSplitter(LINE_BYTES_MAX);
  #format: LineForm["format"] | undefined;
  #header: string[] = [];

  constructor(options: LineReaderOptions) {
    this.#options = options;
    this.#format = options.format;
  }

  /**
   * The whole lines that a piece brings, in runs of one form.
   *
   * @throws FollowError for a header that cannot be read.
   */
  take(chunk: Uint8Array): LineRun[] {
    return this.#toRuns(this.#splitter.take(chunk));
  }

  /** The last line, where no line break follows it. */
  end(): LineRun[] {
    return this.#toRuns(this.#splitter.end());
  }

  #toRuns(lines: Iterable<Uint8Array | undefined>): LineRun[] {
    const runs: OpenRun[] = [];
    for (const bytes of lines) this.#takeLine(bytes, runs);
    return runs;
  }

  #takeLine(bytes: Uint8Array | undefined, runs: OpenRun[]): void {
    const { number } = this.#splitter;
    const text = bytes && decodeLine(bytes, number === 1);
    if (text === "") return;
    const isHeader = this.#takeHeader(text);
    if (isHeader) return;
    const fault = this.#findFault(text, bytes === undefined);
    if (text === undefined || fault !== undefined) {
      this.#options.note(`Line ${number} is left out: ${fault}`);
      return;
    }
    const line = { number, text };
    const form = { format: this.#format ?? "csv", header: this.#header };
    const run = runs.at(-1);
    if (run !== undefined && run.form.header === form.header) run.lines.push(line);
    else runs.push({ form, lines: [line] });
  }

  /** Whether the line is a header, or stands above one. */
  #takeHeader(text: string | undefined): boolean {
    const { headerLines } = this.#options;
    this.#format ??= text?.startsWith("{") ? "ndjson" : "csv";
    if (this.#format === "ndjson") return false;
    if (this.#header.length < headerLines) {
      if (text === undefined) {
        throw new FollowError(`Line ${this.#splitter.number}, of the header, is not UTF-8.`, {
          whatToDo: "Give the lines as UTF-8, as `iconv -t utf-8` does.",
        });
      }
      this.#header = [...this.#header, text];
      return true;
    }
    const header = this.#header.at(-1);
    if (header === undefined) return false;
    if (text === header) return true;
    if (text === undefined || !isLikeHeader(text, header)) return false;
    this.#header = [...this.#header.slice(0, -1), text];
    this.#options.note(`Line ${this.#splitter.number} is a new header: ${text}`);
    return true;
  }

  #findFault(text: string | undefined, isLong: boolean): string | undefined {
    if (isLong) return `it is longer than ${LINE_BYTES_MAX} bytes.`;
    if (text === undefined) return "it is not UTF-8.";
    const shown = JSON.stringify(text.slice(0, 200));
    if (this.#format === "ndjson") {
      return text.startsWith("{") ? undefined : `${shown} is not a JSON object.`;
    }
    const quotes = text.split('"').length - 1;
    if (quotes % 2 === 0) return undefined;
    return `${shown} ends within quotes, and one line is one reading.`;
  }
}

/** Without what ends the line, and the mark that a text may begin with; `undefined`: not UTF-8. */
function decodeLine(bytes: Uint8Array, isFirst: boolean): string | undefined {
  const end = bytes.at(-1) === CARRIAGE_RETURN ? bytes.length - 1 : bytes.length;
  try {
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: !isFirst });
    return decoder.decode(bytes.subarray(0, end));
  } catch {
    return undefined;
  }
}

/** More than half of the cells are the header's names: no row of values has them by chance. */
function isLikeHeader(text: string, header: string): boolean {
  const names = new Set(header.split(SEPARATORS).map((name) => name.trim()));
  const cells = text.split(SEPARATORS).map((cell) => cell.trim());
  const known = cells.filter((cell) => cell !== "" && names.has(cell)).length;
  return known >= 2 && 2 * known > cells.length;
}
