/**
 * Decimal text to scaled integers and back. The mathematics is done on the digits: a double holds
 * neither 0.1 nor 5.499999999999999, and a device's reading must not depend on how it is parsed.
 */
import { METRIC_VALUE_MAX, SCALE_MAX } from "../../spec/limits.ts";

/** Sign, whole part, fraction, exponent. No spaces, no separators of thousands, no hexadecimal. */
const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;
const MAGNITUDE_DIGITS_MAX = String(METRIC_VALUE_MAX).length;

/**
 * Whether `text` is a decimal number: optional sign, digits with an optional fraction, optional
 * exponent. `5.` and `.5` are numbers; `.`, `NaN`, `1,5` and ` 5` are not.
 */
export function isDecimal(text: string): boolean {
  const match = DECIMAL.exec(text);
  return match !== null && `${match[2]}${match[3] ?? ""}` !== "";
}

/**
 * The stored integer of decimal text: `text × 10^scale`, rounded half away from zero, exactly.
 * Never -0.
 *
 * @throws SyntaxError when `text` is not a decimal number (see {@link isDecimal}).
 * @throws RangeError when the result is beyond ±2^49, or `scale` beyond 0 to 12.
 *
 * @example
 * parseScaled("5.499999999999999", 2); // 550
 * parseScaled("-0.005", 2); // -1
 * parseScaled("1e3", 2); // 100000
 */
export function parseScaled(text: string, scale: number): number {
  assertScale(scale);
  const match = DECIMAL.exec(text);
  const [sign, whole, fraction = "", exponent = "0"] = match?.slice(1) ?? [];
  const digits = `${whole ?? ""}${fraction}`;
  if (digits === "") throw new SyntaxError(`not a decimal number: ${text}`);

  // The value is `significant × 10^shift`, in stored units. An exponent too long for a number
  // becomes ±Infinity, which the comparisons below take for what it is.
  const significant = digits.replace(/^0+/, "");
  if (significant === "") return 0;
  const shift = Number(exponent) - fraction.length + scale;
  const wholeDigitCount = significant.length + shift;
  if (wholeDigitCount > MAGNITUDE_DIGITS_MAX) throw tooLarge(text, scale);
  if (wholeDigitCount < 0) return 0;

  const kept = significant.slice(0, wholeDigitCount).padEnd(wholeDigitCount, "0");
  // The first digit that is cut off decides alone: from 5 on, the rest is at least a half.
  const isRoundedUp = (significant[wholeDigitCount] ?? "0") >= "5";
  // At most 15 digits, so the number and its successor are exact.
  const magnitude = Number(kept) + (isRoundedUp ? 1 : 0);
  if (magnitude > METRIC_VALUE_MAX) throw tooLarge(text, scale);
  return sign === "-" && magnitude !== 0 ? -magnitude : magnitude;
}

export const isScale = (scale: number): boolean =>
  Number.isInteger(scale) && scale >= 0 && scale <= SCALE_MAX;

function assertScale(scale: number): void {
  if (!isScale(scale)) throw new RangeError(`scale is not an integer of 0 to 12: ${scale}`);
}

const tooLarge = (text: string, scale: number) =>
  new RangeError(`beyond 2^49 at ${scale} decimals: ${text}`);

/** An exponent beyond it is not a measurement, and its digits would fill the memory. */
const EXPONENT_MAX = 64;

/**
 * The exact sum of two decimal texts, without an exponent. What is not a decimal number comes back as
 * it is, for whoever reads the cell.
 *
 * @example
 * addDecimals("0.1", "0.25"); // "0.35"
 */
export function addDecimals(one: string, other: string): string {
  if (/^[+-]?0*$/.test(other)) return one;
  const [a, b] = [split(one), split(other)];
  if (a === undefined || b === undefined) return one;
  const places = Math.max(a.places, b.places);
  const sum =
    a.digits * 10n ** BigInt(places - a.places) + b.digits * 10n ** BigInt(places - b.places);
  const digits = String(sum < 0n ? -sum : sum).padStart(places + 1, "0");
  const point = digits.length - places;
  const magnitude = places === 0 ? digits : `${digits.slice(0, point)}.${digits.slice(point)}`;
  return sum < 0n ? `-${magnitude}` : magnitude;
}

/**
 * Whether two decimal texts are one number.
 *
 * @example
 * isSameDecimal("-999", "-999.0"); // true
 */
export function isSameDecimal(one: string, other: string): boolean {
  const [a, b] = [split(one), split(other)];
  if (a === undefined || b === undefined) return false;
  return a.digits * 10n ** BigInt(b.places) === b.digits * 10n ** BigInt(a.places);
}

/** `digits / 10^places`. */
function split(text: string): { readonly digits: bigint; readonly places: number } | undefined {
  const match = isDecimal(text) ? DECIMAL.exec(text) : null;
  if (match === null) return undefined;
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = match;
  const shift = Number(exponent);
  if (Math.abs(shift) > EXPONENT_MAX) return undefined;
  const digits = BigInt(`${whole}${fraction}`) * (sign === "-" ? -1n : 1n);
  const places = fraction.length - shift;
  return places >= 0 ? { digits, places } : { digits: digits * 10n ** BigInt(-places), places: 0 };
}
