/** One cell to a time, whatever form it has: the forms that need no option. */

import { clockToSec, dayToSec, findMonth, parseOffset } from "./calendar.ts";
import { clearFound, type DayOrder, found, parsedTime, type TimeProblem } from "./time-problems.ts";

/** 2000-01-01: a number below it is not the Unix time of a measurement, but days or milliseconds. */
const UNIX_SEC_MIN = 946_684_800;
const UNIX_SEC_DIGITS = 11;

const NUMBER = /^([+-]?)(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/;
const YEAR_FIRST = /^(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:[T ]+(.+))?$/i;
const DAY_MONTH = /^(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})(?:,?[T ]+(.+))?$/i;
/** A month by its name; in the second, as Java writes it: `Tue Jun 02 09:14:26 GMT+01:00 2026`. */
const NAMED_MONTH = [
  /^(?:[A-Za-z]{3,9},? +)?(?<day>\d{1,2})[- ](?<month>[A-Za-z]{3,9})[-, ]+(?<year>\d{4})(?:[T, ]+(?<clock>.+))?$/,
  /^[A-Za-z]{3} (?<month>[A-Za-z]{3}) (?<day>\d{1,2}) (?<clock>\d{1,2}:\d{2}:\d{2} \S+) (?<year>\d{4})$/,
  /^(?:[A-Za-z]{3,9},? +)?(?<month>[A-Za-z]{3,9})[- ](?<day>\d{1,2}),? +(?<year>\d{4})(?:[, ]+(?<clock>.+))?$/,
];
const CLOCK =
  /^(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)?(?: *([AaPp])\.?[Mm]\.?)?(?: *(\S.*))?$/;

let dateKey = -1;
let dateSec = 0;

/**
 * Reads a cell without white space around it into `parsedTime`.
 *
 * @param order What of a date such as 05/01/2024 comes first; without it, only a date that says it
 *   itself is a time.
 * @param takesDates Whether a date alone is its midnight.
 * @returns What is wrong with it, or `undefined`.
 */
export function parseTimeText(
  text: string,
  order: DayOrder,
  takesDates = false,
): TimeProblem | undefined {
  clearFound();
  if (text.charCodeAt(4) === 45 && text.charCodeAt(13) === 58 && readIso(text)) return undefined;
  const first = text.charCodeAt(0);
  if (first < 58 && first !== 32) {
    const number = NUMBER.exec(text);
    if (number !== null) return readNumber(number);
  }
  return readDate(text, order, takesDates);
}

/** `YYYY-MM-DD?HH:MM:SS` alone or with Z, by its character codes; anything else takes the long way. */
function readIso(text: string): boolean {
  const { length } = text;
  if (length !== 19 && length !== 20) return false;
  if (text.charCodeAt(7) !== 45 || text.charCodeAt(16) !== 58) return false;
  const between = text.charCodeAt(10);
  if (between !== 32 && between !== 84) return false;
  if (length === 20 && text.charCodeAt(19) !== 90) return false;
  const year = two(text, 0) * 100 + two(text, 2);
  const [month, day] = [two(text, 5), two(text, 8)];
  const [hour, minute, second] = [two(text, 11), two(text, 14), two(text, 17)];
  const key = (year * 100 + month) * 100 + day;
  // Not a digit makes a NaN of all; a day that does not exist, too.
  if (key !== dateKey) {
    dateSec = dayToSec(year, month, day);
    dateKey = key;
  }
  if (!(dateSec >= 0 && hour < 24 && minute < 60 && second < 60)) return false;
  found.sec = dateSec + hour * 3_600 + minute * 60 + second;
  found.isClock = length === 19;
  found.form = "iso";
  return true;
}

function two(text: string, at: number): number {
  const [high, low] = [text.charCodeAt(at) - 48, text.charCodeAt(at + 1) - 48];
  return high >= 0 && high <= 9 && low >= 0 && low <= 9 ? high * 10 + low : Number.NaN;
}

/** Unix seconds, milliseconds, microseconds or nanoseconds, by magnitude; exact on the digits. */
function readNumber(number: RegExpExecArray): TimeProblem | undefined {
  const [, sign, whole = "", fraction = "", exponent] = number;
  const point = whole.length + Number(exponent ?? "0");
  const digits = `${whole}${fraction}`.padEnd(point, "0");
  const integer = digits.slice(0, Math.max(0, point)).replace(/^0+(?=\d)/, "") || "0";
  const rest = digits.slice(Math.max(0, point));
  if (sign === "-") return "number_small";
  if (integer.length > 21) return "format_unknown";
  if (exponent === undefined && isDated(integer)) return "number_dated";
  const cut =
    integer.length <= UNIX_SEC_DIGITS ? 0 : integer.length <= 14 ? 3 : integer.length <= 17 ? 6 : 9;
  found.form = cut === 0 ? "unix_s" : cut === 3 ? "unix_ms" : cut === 6 ? "unix_us" : "unix_ns";
  const kept = integer.length - cut;
  found.sec = Number(integer.slice(0, kept));
  found.hasFraction = /[1-9]/.test(integer.slice(kept) + rest);
  found.isExponent = exponent !== undefined;
  found.isDateToo = exponent === undefined && isDateWithHour(integer);
  found.isClock = false;
  return found.sec < UNIX_SEC_MIN ? "number_small" : undefined;
}

/** Digits such as 20240501080000, which as milliseconds would be of the year 2611. */
function isDated(digits: string): boolean {
  const match = /^(?:19|20)\d\d(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?$/.exec(digits);
  if (match === null) return false;
  const [month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1)
    .map((n) => Number(n ?? 0));
  const isDate = month >= 1 && month <= 12 && day >= 1 && day <= 31;
  // Ten digits are Unix seconds of our days first of all; see `isDateWithHour`.
  return digits.length !== 10 && isDate && hour < 25 && minute < 60 && second < 61;
}

/** 2024050108 or 2405010800: as Unix seconds both are far after today, which a reader can tell. */
function isDateWithHour(digits: string): boolean {
  const match = /^(?:(?:19|20)\d\d(\d\d)(\d\d)(\d\d)|\d\d(\d\d)(\d\d)(\d\d)([0-5]\d))$/.exec(
    digits,
  );
  if (match === null) return false;
  const [month, day, hour] = match[1] === undefined ? match.slice(4, 7) : match.slice(1, 4);
  return !Number.isNaN(dayToSec(2_000, Number(month), Number(day))) && Number(hour) < 25;
}

function readDate(text: string, order: DayOrder, takesDates: boolean): TimeProblem | undefined {
  if (text === "") return "empty";
  let match = YEAR_FIRST.exec(text);
  if (match !== null) {
    const [, year, mark, month, day, clock] = match;
    found.form = mark === "-" ? "iso" : "year_first";
    return take(Number(year), Number(month), Number(day), clock, takesDates);
  }
  match = DAY_MONTH.exec(text);
  if (match !== null) return readDayMonth(match, order, takesDates);
  found.form = "named_month";
  for (const pattern of NAMED_MONTH) {
    const { groups } = pattern.exec(text) ?? {};
    if (groups === undefined) continue;
    const { year, month = "", day, clock } = groups;
    return take(Number(year), findMonth(month) ?? 0, Number(day), clock, takesDates);
  }
  return "format_unknown";
}

function readDayMonth(
  [, one, mark, other, year = "", clock]: RegExpExecArray,
  order: DayOrder,
  takesDates: boolean,
): TimeProblem | undefined {
  const [a, b] = [Number(one), Number(other)];
  found.form = "day_month";
  // With points the day is first wherever dates are written so.
  if (mark === "." || (a > 12 && b <= 12)) found.order = "day";
  else if (b > 12 && a <= 12) found.order = "month";
  const isShort = year.length === 2;
  const fullYear = isShort ? 2_000 + Number(year) : Number(year);
  const isYearFirstToo =
    isShort &&
    mark !== "." &&
    one?.length === 2 &&
    !Number.isNaN(dayToSec(2_000 + a, b, Number(year)));
  const chosen = order ?? found.order;
  const isDayFirst = chosen !== "month";
  const problem = take(fullYear, isDayFirst ? b : a, isDayFirst ? a : b, clock, takesDates);
  Object.assign(found, { isDayMonth: true, isShortYear: isShort, isYearFirstToo });
  // Zones can be looked up, but not before it is known which day it is.
  if (problem !== undefined && problem !== "zone_unknown") return problem;
  const isOpen = order === undefined && (isYearFirstToo || (chosen === undefined && a !== b));
  return isOpen ? "order_unknown" : problem;
}

function take(
  year: number,
  month: number,
  day: number,
  clockText: string | undefined,
  takesDates: boolean,
): TimeProblem | undefined {
  const midnight = dayToSec(year, month, day);
  if (Number.isNaN(midnight)) return "not_in_calendar";
  if (clockText === undefined) {
    if (!takesDates) return "date_only";
    found.form = "date";
    return finish(midnight, 0, undefined);
  }
  const match = CLOCK.exec(clockText);
  if (match === null) return "format_unknown";
  const [, hourText, minute, second = "0", fraction = "", half, zone] = match;
  let hour = Number(hourText);
  if (half !== undefined) {
    if (hour < 1 || hour > 12) return "not_in_calendar";
    hour = (hour % 12) + (half.toLowerCase() === "p" ? 12 : 0);
  }
  const clock = clockToSec(hour, Number(minute), Number(second));
  if (Number.isNaN(clock)) return "not_in_calendar";
  found.isMidnight24 = hour === 24;
  found.isLeapSecond = second === "60";
  found.hasFraction = /[1-9]/.test(fraction);
  return finish(midnight, clock, zone);
}

function finish(
  midnight: number,
  clock: number,
  zone: string | undefined,
): TimeProblem | undefined {
  const offset = zone === undefined ? 0 : parseOffset(zone);
  if (zone !== undefined && Number.isNaN(offset)) {
    found.sec = midnight + clock;
    found.zoneName = zone;
    return "zone_unknown";
  }
  found.isClock = zone === undefined;
  found.sec = midnight + clock - offset;
  return found.sec < 0 ? "before_1970" : undefined;
}

/**
 * The Unix seconds of a text that a person gives: seconds of any size, ISO 8601, a clock time as
 * UTC; `undefined` where it is none of these.
 *
 * @example
 * parseInstant("2024-05-01 08:00:00"); // 1714550400
 */
export function parseInstant(text: string): number | undefined {
  if (/^\d{1,11}$/.test(text)) return Number(text);
  if (parseTimeText(text, undefined) !== undefined || parsedTime.hasFraction) return undefined;
  if (parsedTime.isLeapSecond && parsedTime.sec % 86_400 !== 0) return undefined;
  return parsedTime.sec;
}
