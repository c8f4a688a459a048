import { CsvError, quote } from "../csv/csv-error.ts";
import { isDecimal } from "../csv/decimal.ts";
import { type DeviceReadings, type ReadOptions, readReadings } from "../csv/read-readings.ts";

/**
 * Refuses a column that would be declared as text although most of its cells are numbers: more
 * likely a typing error or a word such as "n/a" is in it, and a declaration is for good.
 *
 * @param texts The columns that are meant to be text, whatever is in them.
 * @throws CsvError that names the first cell that is no number.
 * @example
 * refuseMistypedColumns("id,time,v\na,1,2.5\na,2,warm\na,3,2.7\n", readings, { file }, []);
 */
export function refuseMistypedColumns(
  text: string,
  readings: readonly DeviceReadings[],
  options: ReadOptions,
  texts: readonly string[],
): void {
  const metrics = readings[0]?.metrics ?? [];
  metrics.forEach(({ name, kind }, index) => {
    if (kind !== "text" || texts.includes(name)) return;
    const { numberCount, wordCount } = countCells(readings, index);
    if (numberCount <= wordCount) return;
    const cell = findFirstWord(text, name, options);
    throw new CsvError(cell, `This is no decimal number, as ${numberCount} others are.`, {
      whatToDo: `Correct or empty the cell, or take the column as text with --text ${showWord(name)}.`,
    });
  });
}

function countCells(readings: readonly DeviceReadings[], index: number) {
  let [numberCount, wordCount] = [0, 0];
  for (const { columns } of readings) {
    const { values, present, dictionary = [] } = columns[index] ?? { values: new Float64Array() };
    const isNumber = dictionary.map(isDecimal);
    values.forEach((entry, row) => {
      if (present !== undefined && present[row] === 0) return;
      if (isNumber[entry]) numberCount += 1;
      else wordCount += 1;
    });
  }
  return { numberCount, wordCount };
}

/** Reading the column as numbers finds the cell, and its line, by itself. */
function findFirstWord(text: string, column: string, options: ReadOptions): CsvError {
  try {
    readReadings(text, { ...options, scales: { ...options.scales, [column]: 0 } });
  } catch (error) {
    if (error instanceof CsvError) return error;
    throw error;
  }
  throw new TypeError(`Column ${quote(column)} holds numbers only.`);
}

/** A name as a shell takes it for one word. */
const showWord = (name: string): string => (/^[\w.-]+$/.test(name) ? name : `'${name}'`);
