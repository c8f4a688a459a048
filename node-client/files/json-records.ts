/**
 * Objects of JSON text, one after the other or in one array, as they come in: NDJSON and SenML.
 * Numbers stay the texts that they are, since a double holds neither 0.1 nor a long identifier.
 */
import { parse } from "lossless-json";
import { DataFileError } from "./data-file-error.ts";

/** One object, with its numbers as texts. */
export type JsonRecord = Readonly<Record<string, unknown>>;

const DEPTH_MAX = 32;
const RECORD_CHARACTERS_MAX = 4 << 20;

/** Gives the outermost objects of JSON text, each as soon as it is whole. */
export class JsonSplitter {
  readonly #file: string;
  readonly #sink: (record: JsonRecord, line: number) => void;
  #rest = "";
  /** Where in `#rest` the scan goes on. */
  #at = 0;
  #start = -1;
  #depth = 0;
  #isInText = false;
  #isInArray = false;
  #line = 1;
  #startLine = 1;

  constructor(file: string, sink: (record: JsonRecord, line: number) => void) {
    this.#file = file;
    this.#sink = sink;
  }

  /** @throws DataFileError for what is not JSON, with its line. */
  push(text: string): void {
    this.#rest += text;
    const all = this.#rest;
    let at = this.#at;
    for (; at < all.length; at++) {
      const character = all[at];
      if (character === "\n") this.#line += 1;
      if (this.#isInText) {
        if (character === "\\") {
          if (at + 1 === all.length) break;
          at += 1;
        } else if (character === '"') this.#isInText = false;
      } else if (this.#depth === 0) this.#takeOutside(character ?? "", at);
      else if (character === '"') this.#isInText = true;
      else if (character === "{" || character === "[") this.#open();
      else if ((character === "}" || character === "]") && --this.#depth === 0) {
        this.#sink(this.#parse(all.slice(this.#start, at + 1)), this.#startLine);
        this.#start = -1;
      }
    }
    const keptFrom = this.#start === -1 ? at : this.#start;
    this.#rest = all.slice(keptFrom);
    this.#at = at - keptFrom;
    if (this.#start !== -1) this.#start = 0;
    if (this.#rest.length > RECORD_CHARACTERS_MAX) throw this.#fail(this.#startLine);
  }

  /** @throws DataFileError for an object that does not end. */
  end(): void {
    if (this.#start !== -1) throw this.#fail(this.#startLine);
  }

  #takeOutside(character: string, at: number): void {
    if (character === "{") {
      this.#start = at;
      this.#startLine = this.#line;
      this.#depth = 1;
    } else if (character === "[" && !this.#isInArray) this.#isInArray = true;
    else if (!/[\s,\]]/.test(character)) throw this.#fail(this.#line);
  }

  #open(): void {
    this.#depth += 1;
    if (this.#depth > DEPTH_MAX) throw this.#fail(this.#startLine);
  }

  #parse(text: string): JsonRecord {
    try {
      return parse(text, undefined, (digits) => digits) as JsonRecord;
    } catch (cause) {
      throw this.#fail(this.#startLine, cause);
    }
  }

  #fail(line: number, cause?: unknown): DataFileError {
    return new DataFileError({ file: this.#file, line }, "This is not a JSON object.", {
      whatToDo:
        "Give one object a line, or an array of objects; if the file is neither, say what " +
        "it is with --format.",
      cause,
    });
  }
}
