/** Columns of blocks, cell by cell: as their metrics were declared, else as the first pass found them. */
import { METRIC_VALUE_MAX, TEXT_BYTES_MAX } from "../../spec/limits.ts";
import type { Column } from "../../spec/readings.ts";
import { refuseLongText } from "./choose-metric.ts";
import { DataFileError, showWord } from "./data-file-error.ts";
import { parseScaled } from "./decimal-text.ts";
import type { MetricColumn } from "./declare-metrics.ts";
import type { RowRules } from "./file-scan.ts";
import { readNumberForm } from "./scan-number.ts";
import { findUnitSign } from "./units.ts";

/** Readings of a block: a compromise of calls and of memory, since every device has one. */
export const BLOCK_READINGS = 512;

class ColumnBlock {
  readonly #values = new Float64Array(BLOCK_READINGS);
  readonly #present = new Uint8Array(BLOCK_READINGS);
  #nulls = 0;

  put(row: number, value: number): void {
    this.#values[row] = value;
    this.#present[row] = 1;
  }

  putNull(row: number): void {
    this.#values[row] = 0;
    this.#present[row] = 0;
    this.#nulls += 1;
  }

  take(count: number, dictionary: string[] | undefined): Column {
    const present = this.#nulls === 0 ? undefined : this.#present.slice(0, count);
    this.#nulls = 0;
    return { values: this.#values.slice(0, count), present, dictionary };
  }
}

/** Reads the cells of one column into a block. */
export abstract class CellReader {
  protected readonly rules: RowRules;
  protected readonly column: MetricColumn;
  protected readonly mark: number;
  protected readonly block = new ColumnBlock();

  constructor(rules: RowRules, column: MetricColumn) {
    this.rules = rules;
    this.column = column;
    this.mark = rules.decimal.charCodeAt(0);
  }

  abstract add(cell: string, line: number, row: number): void;

  /** The block's column; begins the next one. */
  abstract take(count: number): Column;

  protected isNull(cell: string): boolean {
    return this.rules.nullWords.hasTrimmed(cell, this.mark);
  }

  protected placeOf(cell: string, line: number) {
    return { file: this.rules.table.file, line, column: this.column.metric.name, cell };
  }
}

export class NumberReader extends CellReader {
  readonly #scale = this.column.plan.scale;
  readonly #hasNullWords = (this.column.stats?.nullWords.size ?? 0) > 0;

  override add(cell: string, line: number, row: number): void {
    const isNull = cell === "" || (this.#hasNullWords && this.isNull(cell));
    const value = isNull ? Number.NaN : this.#read(cell, line);
    if (Number.isNaN(value)) this.block.putNull(row);
    else this.block.put(row, value);
  }

  /** NaN for a cell of white space only. */
  #read(cell: string, line: number): number {
    let value: number;
    try {
      value = readScaled(cell, this.mark, this.#scale);
    } catch (cause) {
      if (!(cause instanceof RangeError)) throw cause;
      throw this.#refuse(cell, line, `At ${this.#scale} decimals the number is beyond ±2^49.`);
    }
    if (Number.isNaN(value)) {
      const word = cell.trim();
      if (word === "" || this.isNull(word)) return Number.NaN;
      if (/^true$/i.test(word)) value = 10 ** this.#scale;
      else if (/^false$/i.test(word)) value = 0;
      else throw this.#refuseWord(cell, line);
    }
    const { minimum, maximum } = this.column.metric;
    if (value >= minimum && value <= maximum) return value;
    throw this.#refuse(cell, line, "The number is beyond the bounds that the stream declares.");
  }

  /** Numbers of the other mark are no words that could be null. */
  #refuseWord(cell: string, line: number): DataFileError {
    const mark = this.mark === 46 ? "," : ".";
    if (readNumberForm(cell, mark, findUnitSign) === undefined) {
      const problem = "This is not a decimal number, and the column is one of numbers.";
      return this.#refuse(cell, line, problem);
    }
    const problem = `This number has the decimal mark ${mark}, and the file's is another.`;
    const whatToDo = `Say --decimal ${mark} if all numbers have it, or correct the cell.`;
    return new DataFileError(this.placeOf(cell, line), problem, { whatToDo });
  }

  #refuse(cell: string, line: number, problem: string): DataFileError {
    return new DataFileError(this.placeOf(cell, line), problem, {
      whatToDo:
        `Correct or empty the cell, have it read as no value with --null ${showWord(cell.trim())}, ` +
        "or send the file to another stream with --stream-name.",
    });
  }

  override take(count: number): Column {
    return this.block.take(count, undefined);
  }
}

export class TextReader extends CellReader {
  readonly #isExact = this.column.plan.isExact;
  #entries = new Map<string, number>();

  override add(cell: string, line: number, row: number): void {
    let entry = this.#entries.get(cell);
    if (entry === undefined) {
      if (cell === "" || (!this.#isExact && (cell.trim() === "" || this.isNull(cell)))) {
        this.block.putNull(row);
        return;
      }
      if (Buffer.byteLength(cell, "utf8") > TEXT_BYTES_MAX) {
        throw refuseLongText(this.placeOf(cell, line));
      }
      entry = this.#entries.size;
      this.#entries.set(cell, entry);
    }
    this.block.put(row, entry);
  }

  override take(count: number): Column {
    const column = this.block.take(count, [...this.#entries.keys()]);
    this.#entries = new Map();
    return column;
  }
}

const POWERS = Array.from({ length: 13 }, (_, exponent) => 10 ** exponent);
/** So many digits are exact in a double, and so is their successor. */
const EXACT_DIGITS = 15;

/**
 * The stored integer of a plain or written-out number; NaN for anything else.
 *
 * @param mark The character code of the decimal mark.
 * @throws RangeError when the result is beyond ±2^49.
 */
export function readScaled(cell: string, mark: number, scale: number): number {
  let at = 0;
  let code = cell.charCodeAt(0);
  const isNegative = code === 45;
  if (isNegative || code === 43) code = cell.charCodeAt(++at);
  let value = 0;
  let digits = 0;
  while (code >= 48 && code <= 57) {
    value = value * 10 + (code - 48);
    digits += 1;
    code = cell.charCodeAt(++at);
  }
  let places = 0;
  let isUp = false;
  if (code === mark) {
    code = cell.charCodeAt(++at);
    for (; code >= 48 && code <= 57; places++) {
      if (places < scale) {
        value = value * 10 + (code - 48);
        digits += 1;
      } else if (places === scale) isUp = code >= 53;
      code = cell.charCodeAt(++at);
    }
  }
  const missing = places < scale ? scale - places : 0;
  const isPlain = at === cell.length && digits + places > 0 && digits + missing <= EXACT_DIGITS;
  if (!isPlain) return readSlowly(cell, mark, scale);
  // At most 15 digits all the way: every step was one of exact integers.
  value = value * (POWERS[missing] ?? 1) + (isUp ? 1 : 0);
  if (value > METRIC_VALUE_MAX) return readSlowly(cell, mark, scale);
  return isNegative && value !== 0 ? -value : value;
}

function readSlowly(cell: string, mark: number, scale: number): number {
  const form = readNumberForm(cell, mark === 46 ? "." : ",", findUnitSign);
  return form === undefined ? Number.NaN : parseScaled(form.plain, scale);
}
