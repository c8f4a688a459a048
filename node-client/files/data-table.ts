import type { Hear } from "./byte-source.ts";
import { DataFileError, formatHeader, quote } from "./data-file-error.ts";
import type { TextSource } from "./decode-text.ts";
import type { Note } from "./notes.ts";
import type { FileFormat } from "./read-options.ts";
import type { RowSink } from "./split-rows.ts";
import { splitUnit } from "./units.ts";

/** How the cells of a file were found. */
interface TableFacts extends Pick<TextSource, "encoding" | "encodingBy" | "isGzip"> {
  readonly format: FileFormat;
  readonly separator: string | undefined;
  /** The line of the header, counted from 1. */
  readonly headerLine: number | undefined;
}

export interface JsonArray {
  readonly path: string;
  readonly isOfObjects: boolean;
}

/** A file as rows of cells under a header, whatever its format; every scan is one pass over it. */
export interface DataTable {
  readonly file: string;
  readonly facts: TableFacts;
  /** Grows during a scan where a format has no header; complete after one. */
  readonly header: readonly string[];
  /** Where the format itself says which column is what. */
  readonly known?: { readonly device: number; readonly time: number } | undefined;
  /** Long form: what a device measures is its own, not the same for all of the file. */
  readonly isLong: boolean;
  /** The unit that the format gives a column. */
  unitOf(index: number): string | undefined;
  /** The array that a column is in, where its objects may be readings themselves. */
  arrayOf?(index: number): JsonArray | undefined;
  /**
   * Gives all rows. Cells beyond the end of a row are empty.
   *
   * @param hear Is given every chunk of bytes.
   * @returns What was left out on the way.
   */
  scan(sink: RowSink, hear?: Hear): Note[];
}

export const describeTable = (
  { encoding, encodingBy, isGzip }: TextSource,
  format: FileFormat,
  separator?: string,
  headerLine?: number,
): TableFacts => ({ format, encoding, encodingBy, isGzip, separator, headerLine });

/** The error of a table's header, or of one of its columns. */
export const refuseHeader = (
  { file, facts }: DataTable,
  problem: string,
  whatToDo: string,
  column?: string,
): DataFileError =>
  new DataFileError({ file, line: facts.headerLine, column }, problem, { whatToDo });

/**
 * How a column may be called: as it stands in the header, without the unit that the header has in
 * brackets, or by the last part of a path. Letters' case counts.
 */
export const namesOf = (column: string): readonly string[] => [
  column,
  splitUnit(column).name,
  column.slice(column.lastIndexOf(".") + 1),
];

/**
 * The index of the column that an option names, by the surest of its names that only one has.
 *
 * @throws DataFileError, listing the header, when there is none or more than one.
 */
export function findColumn(table: DataTable, name: string, option: string, what: string): number {
  const { header } = table;
  const exact = header.indexOf(name);
  if (exact !== -1) return exact;
  for (const form of [1, 2]) {
    const found = [...header.keys()].filter((index) => namesOf(header[index]!)[form] === name);
    if (found.length === 1) return found[0]!;
  }
  const problem = what.replace("%", quote(name));
  throw refuseHeader(table, problem, adviseCorrecting(option, header), name);
}

export const adviseCorrecting = (option: string, header: readonly string[]): string =>
  `Correct ${option}; the header has: ${formatHeader(header)}.`;
