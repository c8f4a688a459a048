/** NDJSON, and arrays of JSON objects, as a table: nested fields by their paths, with points. */
import type { ByteSource, Hear } from "./byte-source.ts";
import { DataFileError } from "./data-file-error.ts";
import { decodeText, type Encoding } from "./decode-text.ts";
import { type JsonRecord, JsonSplitter } from "./json-records.ts";
import type { RowSink } from "./split-rows.ts";
import type { Note, Table } from "./table.ts";

/** A file with more names writes its data into names. */
const COLUMNS_MAX = 4_096;

/**
 * A table of JSON objects; a field that an object does not have is an empty cell.
 *
 * @example
 * // {"id":"a","at":{"temp":21.5}} has the columns "id" and "at.temp"
 */
export function openJsonTable(source: ByteSource, encoding: Encoding): Table {
  const header: string[] = [];
  const indexOf = new Map<string, number>();
  const takeCell = (cells: string[], path: string, text: string, line: number): void => {
    let index = indexOf.get(path);
    if (index === undefined) {
      index = header.push(path) - 1;
      indexOf.set(path, index);
      if (index >= COLUMNS_MAX) throw tooManyColumns(source.file, line);
    }
    while (cells.length <= index) cells.push("");
    cells[index] = text;
  };
  const flatten = (cells: string[], prefix: string, value: unknown, line: number): void => {
    if (typeof value !== "object" || value === null) {
      takeCell(cells, prefix, value === null || value === undefined ? "" : String(value), line);
      return;
    }
    for (const [name, inner] of Object.entries(value)) {
      flatten(cells, prefix === "" ? name : `${prefix}.${name}`, inner, line);
    }
  };
  return {
    ...{ file: source.file, header, isLong: false, unitOf: () => undefined },
    facts: {
      ...{ format: "ndjson", encoding: encoding.name, encodingBy: encoding.by },
      ...{ isGzip: source.isGzip, separator: undefined, headerLine: undefined },
    },
    scan(sink: RowSink, hear?: Hear): Note[] {
      scanRecords(source, encoding, hear, (record, line) => {
        const cells = Array.from(header, () => "");
        flatten(cells, "", record, line);
        sink(cells, line);
      });
      return [];
    },
  };
}

/** Gives every outermost object of a file. */
export function scanRecords(
  source: ByteSource,
  encoding: Encoding,
  hear: Hear | undefined,
  sink: (record: JsonRecord, line: number) => void,
): void {
  const splitter = new JsonSplitter(source.file, sink);
  for (const text of decodeText(source, encoding, hear)) splitter.push(text);
  splitter.end();
}

const tooManyColumns = (file: string, line: number): DataFileError =>
  new DataFileError({ file, line }, `The objects have more than ${COLUMNS_MAX} names.`, {
    whatToDo: "Write what changes into values, not into names; or give another --format.",
    options: ["--format"],
  });
