const NEWLINE = 0x0a;

/** Cuts chunks of bytes into lines. Never holds more than a line, and nothing of one too long. */
export class LineSplitter {
  /** Of the line that was given last, from 1. */
  number = 0;
  readonly #lineBytesMax: number;
  #parts: Uint8Array[] = [];
  #byteCount = 0;

  constructor(lineBytesMax: number) {
    this.#lineBytesMax = lineBytesMax;
  }

  /** The whole lines that a chunk brings; `undefined` in place of one that is too long. */
  *take(chunk: Uint8Array): Generator<Uint8Array | undefined, void> {
    let from = 0;
    for (let to = chunk.indexOf(NEWLINE); to !== -1; to = chunk.indexOf(NEWLINE, from)) {
      this.#add(chunk.subarray(from, to));
      from = to + 1;
      yield this.#finish();
    }
    this.#add(chunk.slice(from));
  }

  /** The last line, where no line break follows it. */
  *end(): Generator<Uint8Array | undefined, void> {
    if (this.#byteCount > 0) yield this.#finish();
  }

  #add(part: Uint8Array): void {
    this.#byteCount += part.length;
    // What is too long already is only counted.
    if (this.#byteCount <= this.#lineBytesMax) this.#parts.push(part);
  }

  #finish(): Uint8Array | undefined {
    const line = this.#byteCount > this.#lineBytesMax ? undefined : Buffer.concat(this.#parts);
    [this.#parts, this.#byteCount] = [[], 0];
    this.number += 1;
    return line;
  }
}
