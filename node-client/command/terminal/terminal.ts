import { ClientError } from "../../errors.ts";
import { escapeLine, escapeLines } from "../../escape-text.ts";
import type { ExitCode, Io } from "./io.ts";
import { cutLine, wrapLine } from "./wrap-text.ts";

const PROGRESS_INTERVAL_MS = 100;
/** Carriage return, then "erase to the end of the line" (ECMA-48). */
const CLEAR_LINE = "\r\u001b[K";

/**
 * Where commands write, and the process that they run in: results go to standard output, everything
 * for people to standard error. Keeps
 * the progress line out of the way of both, and anything away that a terminal would obey: names,
 * values and answers come from others. Line breaks within such texts are the formatters' to escape.
 *
 * @example
 * await terminal.print(formatJson(result));
 * terminal.note("The keys were not kept.");
 */
export class Terminal {
  /** Of the process: what else a command may touch. */
  readonly io: Io;
  /** What the command ends with. */
  exitCode: ExitCode = 0;
  #isClosed = false;
  #hasPrintedObject = false;
  #hasProgress = false;
  #progressAtMs = 0;
  #toHint: (text: string) => string = (text) => text;

  constructor(io: Io) {
    this.io = io;
    // Failures come back through each write's callback; an unheard event would end the process.
    io.stdout.on("error", () => {});
    io.stderr.on("error", () => {});
  }

  /** True once nobody reads standard output any more, as in `| head`: stop quietly. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Whether what went to standard output last is a JSON object, so that a program has its answer. */
  get hasPrintedObject(): boolean {
    return this.#hasPrintedObject;
  }

  /** The columns that standard output has; `undefined` where no terminal shows it. */
  get columns(): number | undefined {
    return this.io.columns;
  }

  /** Sets how hints name commands: see `toPastable`. */
  useHints(toHint: (text: string) => string): void {
    this.#toHint = toHint;
  }

  /** A text whose commands in backticks can be pasted as they stand. */
  hint(text: string): string {
    return this.#toHint(text);
  }

  /** One line of an answer, in which other people's texts and hints may stand. */
  async printLine(line: string): Promise<void> {
    await this.print(`${escapeLine(this.hint(line))}\n`);
  }

  /** Data for a program, such as CSV: byte for byte, unless a person's terminal would obey it. */
  async printData(text: string): Promise<void> {
    const { isTTY } = this.io.stdout as { readonly isTTY?: boolean };
    await this.#write(isTTY === true ? escapeLines(text) : text);
  }

  /**
   * Writes to standard output, without what a terminal would obey but line breaks, and waits until it
   * is taken, so that a slow reader slows us down. Lines that are too long for a terminal are broken
   * between words; JSON is a program's and stays as it is. Does nothing once the reader has gone.
   */
  async print(text: string): Promise<void> {
    const escaped = escapeLines(text);
    await this.#write(/^[{[]/.test(text) ? escaped : wrapLines(escaped, this.columns));
  }

  async #write(text: string): Promise<void> {
    if (this.#isClosed) return;
    this.#clearProgress();
    this.#hasPrintedObject = text.startsWith("{");
    try {
      await new Promise<void>((resolve, reject) => {
        this.io.stdout.write(text, (error) => (error ? reject(error) : resolve()));
      });
    } catch (cause) {
      const code = codeOf(cause);
      this.#isClosed = code === "EPIPE" || code === "ERR_STREAM_DESTROYED";
      if (this.#isClosed) return;
      throw new ClientError(`Standard output cannot be written (${code ?? cause}).`, {
        whatToDo: "Send it to a place with room that you may write to.",
        cause,
      });
    }
  }

  /** Lines for people, on standard error. Hints in them can be pasted. */
  note(...lines: readonly string[]): void {
    this.#clearProgress();
    const escaped = lines.map((line) => `${escapeLine(this.hint(line))}\n`).join("");
    this.io.stderr.write(wrapLines(escaped, this.io.errorColumns));
  }

  /** Shows how far long work is, on a terminal only; calls in quick succession cost nothing. */
  progress(compose: () => string): void {
    if (!this.io.isTerminal) return;
    const nowMs = Date.now();
    if (nowMs - this.#progressAtMs < PROGRESS_INTERVAL_MS) return;
    this.#progressAtMs = nowMs;
    this.#hasProgress = true;
    // The last column stays free: a line that fills it is wrapped by some terminals.
    const room = this.io.errorColumns && this.io.errorColumns - 1;
    this.io.stderr.write(`${CLEAR_LINE}${cutLine(escapeLine(compose()), room)}`);
  }

  /** Takes the progress line away; the next output does it too. */
  endProgress(): void {
    this.#clearProgress();
  }

  #clearProgress(): void {
    if (this.#hasProgress) this.io.stderr.write(CLEAR_LINE);
    this.#hasProgress = false;
  }
}

function wrapLines(text: string, columns: number | undefined): string {
  if (columns === undefined) return text;
  return text
    .split("\n")
    .map((line) => wrapLine(line, columns))
    .join("\n");
}

/** The code of a system error, such as `ENOENT`; `undefined` for any other value. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}
