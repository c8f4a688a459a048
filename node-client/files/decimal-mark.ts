/** Which character stands before the decimals of a file's numbers. */

import { ColumnStats } from "./column-stats.ts";
import { DataFileError, quote, showWord } from "./data-file-error.ts";
import type { DataTable } from "./data-table.ts";
import type { CellPlace } from "./notes.ts";
import type { NullWords } from "./scan-number.ts";

/**
 * The decimal mark by the first rows: what every column of numbers can have. Where cells such as
 * `1,234` tell nothing, a semicolon between cells says that the comma was needed for the numbers.
 *
 * @param indices The columns that may hold numbers.
 * @throws DataFileError where it cannot be known.
 */
export function findDecimalMark(
  table: DataTable,
  sample: readonly (readonly string[])[],
  indices: readonly number[],
  nullWords: NullWords,
): "." | "," {
  const votes = indices
    .map((index) => vote(sample, index, nullWords))
    .filter((found) => found !== undefined);
  const points = votes.filter(({ isPoint, isComma }) => isPoint && !isComma);
  const commas = votes.filter(({ isPoint, isComma }) => isComma && !isPoint);
  const either = votes.filter(({ isPoint, isComma }) => isPoint && isComma);
  const [point, comma] = [points[0], commas[0]];
  if (point !== undefined && comma !== undefined) {
    const [one, other] = [quote(point.cell), quote(comma.cell)];
    const problem = `Some columns have a decimal point (${one}), others a comma (${other}).`;
    throw new DataFileError({ file: table.file }, problem, {
      whatToDo:
        "Say with --decimal . or --decimal , which it is, or take the columns of the other mark " +
        "as text with --text.",
    });
  }
  if (comma !== undefined) return ",";
  if (point !== undefined) return ".";
  const unclear = either[0]?.cell;
  return unclear === undefined ? "." : judgeUnclear(table, { cell: unclear });
}

/** A semicolon between cells is what files with decimal commas need. */
function judgeUnclear(
  table: DataTable,
  unclear: Pick<CellPlace, "cell"> & Partial<CellPlace>,
): "." | "," {
  const isSemicolon = table.facts.separator === ";";
  if (unclear.cell.includes(",") !== isSemicolon) throw refuseUnclear(table, unclear);
  return isSemicolon ? "," : ".";
}

/**
 * The decimal mark once the whole file was read with one: other rows may tell what the first did
 * not.
 *
 * @param columns What was found with the mark, with the column's place in the header.
 * @throws DataFileError where a column may be of the other mark than the rest of the file.
 */
export function reviseDecimalMark(
  table: DataTable,
  decimal: "." | ",",
  columns: readonly (readonly [index: number, stats: ColumnStats])[],
): "." | "," {
  const numbers = columns.filter(([, stats]) => stats.isMostlyNumbers);
  const isSure = numbers.some(([, { isMarkSure }]) => isMarkSure);
  if (!isSure && numbers.some(([, stats]) => stats.get("other_mark") !== undefined)) {
    return decimal === "." ? "," : ".";
  }
  if (isSure) {
    const odd = numbers.find(([, stats]) => stats.grouped !== undefined && !stats.isMarkSure);
    if (odd?.[1].grouped === undefined) return decimal;
    const column = table.header[odd[0]] ?? "";
    const mark = decimal === "." ? "point" : "comma";
    const problem = `This may have thousands or decimals: other columns have a ${mark} before their decimals.`;
    throw new DataFileError({ file: table.file, column, ...odd[1].grouped }, problem, {
      whatToDo:
        `If these are thousands, say --decimal ${decimal} for all of the file; if they are ` +
        `decimals, write all columns with one mark, or take this one as text with --text ${showWord(column)}.`,
    });
  }
  const plain = numbers.find(([, stats]) => stats.threePlaces !== undefined)?.[1].threePlaces;
  const grouped = numbers.find(([, stats]) => stats.grouped !== undefined)?.[1].grouped;
  // 1,250 in one row and 1.250 in another: one of them is not what the other's mark makes of it.
  if (plain !== undefined && grouped !== undefined) throw refuseUnclear(table, grouped);
  const unclear = plain ?? grouped;
  return unclear === undefined ? decimal : judgeUnclear(table, unclear);
}

/**
 * The marks that the cells of a column can have; `undefined` for one that is not of numbers, or
 * whose numbers have no mark at all.
 */
function vote(sample: readonly (readonly string[])[], index: number, nullWords: NullWords) {
  const [point, comma] = [new ColumnStats(".", nullWords), new ColumnStats(",", nullWords)];
  let marked: string | undefined;
  for (const row of sample) {
    const cell = row[index] ?? "";
    if (cell === "") continue;
    point.add(cell, 0);
    comma.add(cell, 0);
    if (marked === undefined && /\d[.,]\d/.test(cell)) marked = cell;
  }
  if (marked === undefined) return undefined;
  const cell = marked.trim();
  const isPoint = point.numberCount > 0 && point.wordCount === 0;
  const isComma = comma.numberCount > 0 && comma.wordCount === 0;
  if (isPoint || isComma) return { isPoint, isComma, cell };
  // One odd word does not unmake a column of numbers: the mark that more of its cells have.
  const lead = point.numberCount - comma.numberCount;
  if (lead > 0 && point.isMostlyNumbers) return { isPoint: true, isComma, cell };
  if (lead < 0 && comma.isMostlyNumbers) return { isPoint, isComma: true, cell };
  return undefined;
}

function refuseUnclear({ file }: DataTable, place: Partial<CellPlace>): DataFileError {
  const problem = "Nothing in the file tells whether this has decimals or thousands.";
  return new DataFileError({ file, ...place }, problem, {
    whatToDo: "Say with --decimal . or --decimal , what stands before the decimals.",
    isAmbiguous: true,
  });
}
