import type { Hear } from "./byte-source.ts";
import type { FileFormat } from "./read-options.ts";
import type { RowSink } from "./split-rows.ts";

/** Something that the reader did or left out, and whoever signs has to know. */
export interface Note {
  /** What kind of thing, for programs: `null_words`, `scale_rounded`, … */
  readonly kind: string;
  /** One sentence for people. */
  readonly text: string;
  /** Cells, rows or lines that it is about. */
  readonly count?: number | undefined;
  readonly column?: string | undefined;
  readonly example?: string | undefined;
  readonly line?: number | undefined;
}

/** How the cells of a file were found. */
export interface TableFacts {
  readonly format: FileFormat;
  readonly encoding: string;
  readonly encodingBy: "mark" | "option" | "default";
  readonly isGzip: boolean;
  readonly separator: string | undefined;
  /** The line of the header, counted from 1. */
  readonly headerLine: number | undefined;
}

/** An array inside of a JSON object. */
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
