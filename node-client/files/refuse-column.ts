/** Columns that no metric can be made of as they are, and what to do about it. */
import { METRIC_VALUE_MAX } from "../../spec/limits.ts";
import type { CellPlace } from "./cell-counts.ts";
import type { ColumnStats } from "./column-stats.ts";
import { DataFileError, showWord } from "./data-file-error.ts";

/** A column with its name, and what options say of it. */
export interface NamedColumn {
  readonly file: string;
  /** As in the header. */
  readonly name: string;
  readonly stats: ColumnStats;
  readonly isText: boolean;
  readonly scale: number | undefined;
  readonly scaleDefault: number | undefined;
  readonly isPicked: boolean;
  /** Whether an option says the decimal mark of the file. */
  readonly isMarkSaid: boolean;
}

/** Numbers of the other mark than the file's are neither text nor numbers by themselves. */
export function refuseMark({ file, name, stats }: NamedColumn, marked: CellPlace): DataFileError {
  const mark = stats.decimal === "." ? "," : ".";
  const problem = `This has the decimal mark ${mark}, and the file's is ${stats.decimal}.`;
  return refuseColumn({ file, name }, marked, problem, {
    whatToDo:
      `Say --decimal ${mark} if all numbers have it, correct the cells, or take the column as ` +
      `text with --text ${showWord(name)}.`,
  });
}

/** Refuses words where a scale was given. */
export function requireNumbers({ stats, ...column }: NamedColumn, booleans: number): void {
  const word = stats.get("word") ?? stats.get("other_mark");
  if (word === undefined || stats.wordCount === booleans) return;
  const isBoolean = /^(true|false)$/i.test(word.cell.trim());
  const place = isBoolean ? { line: undefined, cell: undefined } : word;
  throw refuseColumn(column, place, "This is not a decimal number, but the column has a scale.", {
    whatToDo:
      "Correct or empty the cell, have it read as no value with --null, or give no --scale to " +
      "have the column read as text.",
  });
}

/** Refuses numbers that the protocol has no room for. */
export function requireRange(column: NamedColumn, scale: number): void {
  const { stats, name } = column;
  if (stats.largest === undefined || stats.magnitude * 10 ** scale <= METRIC_VALUE_MAX) return;
  const problem = `At ${scale} decimals the number is beyond ±${METRIC_VALUE_MAX}.`;
  const asText = `take the column as text with --text ${showWord(name)}`;
  throw refuseColumn(column, stats.largest, problem, {
    whatToDo:
      scale > 0
        ? `Lower the scale: --scale ${showWord(name)}=N with N below ${scale}; or ${asText}.`
        : `If it is an identifier, ${asText}; else give the metric in a larger unit.`,
  });
}

/** The error of a column, at one of its cells. */
export const refuseColumn = (
  { file, name: column }: Pick<NamedColumn, "file" | "name">,
  { line, cell }: { readonly line: number | undefined; readonly cell: string | undefined },
  problem: string,
  advice: { readonly whatToDo: string },
): DataFileError => new DataFileError({ file, line, column, cell }, problem, advice);
