/** What a cell's digits look like, without a regular expression: it is asked for every cell. */
import { isSameDecimal } from "./decimal-text.ts";

/** What `scanNumber` found last; one object, since it is asked for every cell. */
const found = {
  /** Digits after the decimal mark as they are written. */
  written: 0,
  /** Of these, without zeros at the end, and moved by the exponent. */
  needed: 0,
  /** Roughly, to see whether it fits: never on the way of a value. */
  magnitude: 0,
  hasExponent: false,
  /** A zero in front of another digit, as identifiers have them. */
  hasLeadingZero: false,
};

export const scanned: Readonly<typeof found> = found;

const ZERO = 48;
const NINE = 57;

/**
 * Whether a cell is a plain decimal number: optional sign, digits, optional mark and digits,
 * optional exponent; what `isDecimal` takes, with this mark.
 *
 * @param mark The character code of the decimal mark.
 */
export function scanNumber(cell: string, mark: number): boolean {
  const { length } = cell;
  let at = 0;
  let code = cell.charCodeAt(0);
  if (code === 45 || code === 43) code = cell.charCodeAt(++at);
  let magnitude = 0;
  const start = at;
  while (code >= ZERO && code <= NINE) {
    magnitude = magnitude * 10 + (code - ZERO);
    code = cell.charCodeAt(++at);
  }
  const whole = at - start;
  let written = 0;
  let zeros = 0;
  if (code === mark) {
    const point = at + 1;
    code = cell.charCodeAt(++at);
    while (code >= ZERO && code <= NINE) {
      zeros = code === ZERO ? zeros + 1 : 0;
      code = cell.charCodeAt(++at);
    }
    written = at - point;
  }
  if (whole + written === 0) return false;
  let exponent = 0;
  const hasExponent = code === 101 || code === 69;
  if (hasExponent) {
    code = cell.charCodeAt(++at);
    const isNegative = code === 45;
    if (isNegative || code === 43) code = cell.charCodeAt(++at);
    const first = at;
    while (code >= ZERO && code <= NINE) {
      exponent = Math.min(exponent * 10 + (code - ZERO), 1_000);
      code = cell.charCodeAt(++at);
    }
    if (at === first) return false;
    if (isNegative) exponent = -exponent;
    magnitude *= 10 ** exponent;
  }
  if (at !== length) return false;
  found.written = written;
  found.needed = Math.max(0, written - zeros - exponent);
  found.magnitude = magnitude;
  found.hasExponent = hasExponent;
  found.hasLeadingZero = whole > 1 && cell.charCodeAt(start) === ZERO;
  return true;
}

const MINUS = /^[\u2212\u2013\uff0d]/;
const GROUPED: Readonly<Record<"." | ",", RegExp>> = {
  ".": /^[+-]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d*)?$|^[+-]?[1-9]\d{0,2}(?:[\u00a0\u2009\u202f ']\d{3})+(?:\.\d*)?$/,
  ",": /^[+-]?[1-9]\d{0,2}(?:\.\d{3})+(?:,\d*)?$|^[+-]?[1-9]\d{0,2}(?:[\u00a0\u2009\u202f ']\d{3})+(?:,\d*)?$/,
};

/**
 * Reads a cell that is a number with more around it: spaces, separators of thousands, a minus sign
 * of typesetters, a unit; `undefined` for what is none.
 *
 * @param findUnit The unit of a text such as `°C`; `undefined` where it is none.
 * @returns The number as `parseScaled` takes it, with a point, and what was around it.
 */
export function readNumberForm(
  cell: string,
  decimal: "." | ",",
  findUnit: (text: string) => string | undefined,
) {
  let text = cell.trim();
  const hasSpace = text.length !== cell.length;
  const hasOtherMinus = MINUS.test(text);
  if (hasOtherMinus) text = `-${text.slice(1)}`;
  let found = takeThousands(text, decimal);
  let unit: string | undefined;
  if (found === undefined) {
    // A unit begins with what cannot go on a number.
    const end = /^(.*\d)\s*([^\d\s.,'+-].*)$/.exec(text);
    unit = end === null ? undefined : findUnit(end[2] ?? "");
    found = unit === undefined ? undefined : takeThousands(end?.[1] ?? "", decimal);
  }
  if (found === undefined) return undefined;
  const { digits, hasThousands } = found;
  const plain = decimal === "," ? digits.replace(",", ".") : digits;
  return { plain, hasThousands, hasSpace, hasOtherMinus, unit };
}

function takeThousands(text: string, decimal: "." | ",") {
  const hasThousands = GROUPED[decimal].test(text);
  const others = decimal === "." ? /[^\d.+-]/g : /[^\d,+-]/g;
  const digits = hasThousands ? text.replace(others, "") : text;
  return scanNumber(digits, decimal.charCodeAt(0)) ? { digits, hasThousands } : undefined;
}

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
