/** One cell of a column to its stored integer, exactly: on its digits, never through a fraction. */
import { METRIC_VALUE_MAX } from "../../spec/limits.ts";
import { parseScaled } from "./decimal-text.ts";
import { readNumberForm } from "./scan-number.ts";
import { findUnitSign } from "./units.ts";

const POWERS = Array.from({ length: 13 }, (_, exponent) => 10 ** exponent);
/** So many digits are exact in a double, and so is their successor. */
const EXACT_DIGITS = 15;

/** The cell is no number. */
const NO_NUMBER = Number.NaN;

/**
 * The stored integer of a plain or written-out number; `NO_NUMBER` for anything else.
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
  return form === undefined ? NO_NUMBER : parseScaled(form.plain, scale);
}
