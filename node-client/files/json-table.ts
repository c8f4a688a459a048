/**
 * Objects of JSON text, one after the other or in one array, as they come in: NDJSON and SenML.
 * Numbers stay the texts that they are, since a double holds neither 0.1 nor a long identifier.
 */
import { parse } from "lossless-json";
import type { Hear } from "./byte-source.ts";
import { DataFileError, quote, showWord } from "./data-file-error.ts";
import { type DataTable, describeTable, type JsonArray } from "./data-table.ts";
import { decodeText, type TextSource } from "./decode-text.ts";
import type { Note } from "./notes.ts";
import type { RowSink } from "./split-rows.ts";

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

export function scanRecords(
  source: TextSource,
  hear: Hear | undefined,
  sink: (record: JsonRecord, line: number) => void,
): void {
  const splitter = new JsonSplitter(source.file, sink);
  for (const text of decodeText(source, hear)) splitter.push(text);
  splitter.end();
}

/** A file with more names writes its data into names. */
const COLUMNS_MAX = 4_096;

/**
 * A table of JSON objects; a field that an object does not have is an empty cell.
 *
 * @param records The path of the array whose objects are the records, one row each.
 *
 * @example
 * // {"id":"a","at":{"temp":21.5}} has the columns "id" and "at.temp"
 */
export function openJsonTable(source: TextSource, records?: string): DataTable {
  const header: string[] = [];
  const indexOf = new Map<string, number>();
  /** By column: the array that it is in, and the row that had it last. */
  const arrays: (JsonArray | undefined)[] = [];
  const lastRow: number[] = [];
  let row = 0;
  let array: JsonArray | undefined;
  /** What stands in place of the array that `records` names. */
  let element: unknown;
  const takeCell = (cells: string[], path: string, text: string, line: number): void => {
    let index = indexOf.get(path);
    if (index === undefined) {
      index = header.push(path) - 1;
      indexOf.set(path, index);
      arrays.push(array);
      lastRow.push(0);
      if (index >= COLUMNS_MAX) throw tooManyColumns(source.file, line, array);
    }
    if (lastRow[index] === row) throw refuseTwice(source.file, line, path);
    lastRow[index] = row;
    while (cells.length <= index) cells.push("");
    cells[index] = text;
  };
  const flatten = (cells: string[], prefix: string, found: unknown, line: number): void => {
    const value = prefix === records && Array.isArray(found) ? element : found;
    if (typeof value !== "object" || value === null) {
      takeCell(cells, prefix, value === null || value === undefined ? "" : String(value), line);
      return;
    }
    const around = array;
    if (Array.isArray(value)) array ??= { path: prefix, isOfObjects: value.some(isObject) };
    for (const [name, inner] of Object.entries(value)) {
      flatten(cells, prefix === "" ? name : `${prefix}.${name}`, inner, line);
    }
    array = around;
  };
  const takeRow = (record: JsonRecord, line: number, sink: RowSink): void => {
    row += 1;
    const cells = Array.from(header, () => "");
    flatten(cells, "", record, line);
    sink(cells, line);
  };
  return {
    ...{ file: source.file, header, isLong: false, unitOf: () => undefined },
    facts: describeTable(source, "ndjson"),
    arrayOf: (index) => arrays[index],
    scan(sink: RowSink, hear?: Hear): Note[] {
      scanRecords(source, hear, (record, line) => {
        if (records === undefined) {
          takeRow(record, line, sink);
          return;
        }
        const inner = findPath(record, records);
        if (!Array.isArray(inner)) throw refuseNoArray(source.file, line, records);
        for (element of inner) takeRow(record, line, sink);
      });
      return [];
    },
  };
}

const isObject = (value: unknown): boolean => typeof value === "object" && value !== null;

/** What stands at a path such as `flatten` makes it; names may have points themselves. */
function findPath(value: unknown, path: string): unknown {
  if (!isObject(value)) return undefined;
  const fields = value as Readonly<Record<string, unknown>>;
  if (Object.hasOwn(fields, path)) return fields[path];
  for (const name of Object.keys(fields)) {
    const found = path.startsWith(`${name}.`)
      ? findPath(fields[name], path.slice(name.length + 1))
      : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

function tooManyColumns(file: string, line: number, array: JsonArray | undefined): DataFileError {
  if (array !== undefined) return refuseArray(file, line, array);
  const problem = `The objects have more than ${COLUMNS_MAX} names.`;
  return new DataFileError({ file, line }, problem, {
    whatToDo: "Write what changes into values, not into names; or give another --format.",
  });
}

const refuseTwice = (file: string, line: number, path: string): DataFileError =>
  new DataFileError({ file, line, column: path }, "The object has two fields of this path.", {
    whatToDo: "Rename one of them: only one could be kept.",
  });

const refuseNoArray = (file: string, line: number, path: string): DataFileError =>
  new DataFileError({ file, line }, `The object has no array ${quote(path)}.`, {
    whatToDo: "Correct --records: it takes the path of an array that every object has.",
  });

/** The error of readings that stand in an array: they are not one reading with many columns. */
export function refuseArray(
  file: string,
  line: number | undefined,
  { path, isOfObjects }: JsonArray,
): DataFileError {
  const place = { file, line, column: path };
  if (!isOfObjects) {
    return new DataFileError(place, "The array holds the times of many readings.", {
      whatToDo: "Write an object a reading, with one time and one value of each metric.",
    });
  }
  return new DataFileError(place, "The array holds readings, many in one object.", {
    whatToDo: `Say with --records ${showWord(path)} that each of its objects is a reading.`,
  });
}
