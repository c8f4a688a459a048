import { isSameDecimal } from "./decimal-text.ts";
import { scanNumber, scanned } from "./scan-number.ts";

/** Words that stand where a value is missing, as loggers, databases and home automations write them. */
const NULL_WORDS = [
  ...["unavailable", "unknown", "NaN", "nan", "NAN", "None", "none", "null", "NULL", "Null", "nil"],
  ...["-", "--", "---", "N/A", "n/a", "NA", "#N/A", "#NA", "undefined", "<null>", "(null)", "\\N"],
  ...["Infinity", "-Infinity", "+Infinity", "inf", "-inf", "+inf", "Inf", "-Inf", "+Inf"],
  ...["∞", "-∞", "+∞", "−∞"],
];

const COMMA = 44;
const POINT = 46;

/** A number that means no value: its text with a point, and its size as `scanNumber` has it. */
interface NullNumber {
  readonly plain: string;
  readonly magnitude: number;
}

/** The words of a file that mean no value, as they stand; numbers among them however written. */
export class NullWords {
  readonly #words: ReadonlySet<string>;
  /** Of files with a decimal point, and with a comma. */
  readonly #points: readonly NullNumber[];
  readonly #commas: readonly NullNumber[];

  constructor(words: readonly string[]) {
    this.#words = new Set(words);
    this.#points = words.flatMap((word) => toNumber(word, POINT));
    this.#commas = words.flatMap((word) => toNumber(word, COMMA));
  }

  /**
   * Whether a cell means no value. It is asked for every cell: numbers are compared digit by digit
   * only where their sizes are the same.
   *
   * @param mark The character code of the decimal mark.
   */
  has(cell: string, mark: number): boolean {
    if (this.#words.has(cell)) return true;
    const numbers = mark === COMMA ? this.#commas : this.#points;
    if (numbers.length === 0 || !scanNumber(cell, mark)) return false;
    const { magnitude } = scanned;
    for (const number of numbers) {
      if (number.magnitude !== magnitude) continue;
      if (isSameDecimal(number.plain, mark === COMMA ? cell.replace(",", ".") : cell)) return true;
    }
    return false;
  }

  /** As `has`, also for what stands between spaces. */
  hasTrimmed(cell: string, mark: number): boolean {
    if (this.has(cell, mark)) return true;
    const trimmed = cell.trim();
    return trimmed !== cell && this.has(trimmed, mark);
  }
}

function toNumber(word: string, mark: number): NullNumber[] {
  if (!scanNumber(word, mark)) return [];
  return [{ plain: word.replace(",", "."), magnitude: scanned.magnitude }];
}

export const listNullWords = (more: readonly string[] = []): NullWords =>
  new NullWords([...NULL_WORDS, ...more.map((word) => word.trim())]);
