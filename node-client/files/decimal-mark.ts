/** Which character stands before the decimals of a file's numbers. */
import { ColumnStats } from "./column-stats.ts";
import { DataFileError, quote } from "./data-file-error.ts";
import type { Table } from "./table.ts";

/** The marks that the cells of a column can have, and whether they tell it. */
interface Vote {
  readonly isPoint: boolean;
  readonly isComma: boolean;
  readonly cell: string;
}

/**
 * The decimal mark by the first rows: what every column of numbers can have. Where cells such as
 * `1,234` tell nothing, a semicolon between cells says that the comma was needed for the numbers.
 *
 * @param indices The columns that may hold numbers.
 * @throws DataFileError where it cannot be known.
 */
export function findDecimalMark(
  table: Table,
  sample: readonly (readonly string[])[],
  indices: readonly number[],
  nullWords: ReadonlySet<string>,
): "." | "," {
  const votes = indices
    .map((index) => vote(sample, index, nullWords))
    .filter((found) => found !== undefined);
  const points = votes.filter(({ isPoint, isComma }) => isPoint && !isComma);
  const commas = votes.filter(({ isPoint, isComma }) => isComma && !isPoint);
  const either = votes.filter(({ isPoint, isComma }) => isPoint && isComma);
  const [point, comma] = [points[0], commas[0]];
  if (point !== undefined && comma !== undefined) throw refuse(table, point.cell, comma.cell);
  if (comma !== undefined) return ",";
  if (point !== undefined) return ".";
  const unclear = either[0]?.cell;
  if (unclear === undefined) return ".";
  const isSemicolon = table.facts.separator === ";";
  if (unclear.includes(",")) {
    if (isSemicolon) return ",";
    throw refuseUnclear(table, unclear);
  }
  if (isSemicolon) throw refuseUnclear(table, unclear);
  return ".";
}

/** `undefined` for a column that is not of numbers, or whose numbers have no mark at all. */
function vote(
  sample: readonly (readonly string[])[],
  index: number,
  nullWords: ReadonlySet<string>,
): Vote | undefined {
  const [point, comma] = [new ColumnStats(".", nullWords), new ColumnStats(",", nullWords)];
  let marked: string | undefined;
  for (const row of sample) {
    const cell = row[index] ?? "";
    if (cell === "") continue;
    point.add(cell, 0);
    comma.add(cell, 0);
    if (marked === undefined && /\d[.,]\d/.test(cell)) marked = cell;
  }
  const isPoint = point.numberCount > 0 && point.wordCount === 0;
  const isComma = comma.numberCount > 0 && comma.wordCount === 0;
  if (marked === undefined || (!isPoint && !isComma)) return undefined;
  return { isPoint, isComma, cell: marked.trim() };
}

const refuse = (table: Table, point: string, comma: string): DataFileError =>
  new DataFileError(
    { file: table.file },
    `Some columns have a decimal point (${quote(point)}), others a comma (${quote(comma)}).`,
    { whatToDo: "Say with --decimal . or --decimal , which it is.", options: ["--decimal"] },
  );

const refuseUnclear = (table: Table, cell: string): DataFileError =>
  new DataFileError(
    { file: table.file, cell },
    "Nothing in the file tells whether this has decimals or thousands.",
    {
      whatToDo: "Say with --decimal . or --decimal , what stands before the decimals.",
      options: ["--decimal"],
    },
  );
