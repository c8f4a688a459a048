/** `--time-format`: what a time is written like, where its cells do not tell. */

import { clockToSec, dayToSec, findMonth, parseOffset } from "./calendar.ts";
import { parseTimeText } from "./parse-time.ts";
import { type DayOrder, parsedTime, setParsedTime, type TimeProblem } from "./time-problems.ts";

/** Reads a cell into `parsedTime`. */
export interface TimeFormat {
  readonly name: string;
  /** Day or month first, where the format says it. */
  readonly order: DayOrder;
  /** @param order Day or month first as the file tells it, for formats that do not say it. */
  parse(text: string, order?: DayOrder): TimeProblem | undefined;
}

export const TIME_FORMATS_HELP =
  "day-first, month-first, date (midnight), unix, unix-ms, unix-us, unix-ns, spreadsheet (days " +
  "from 1899-12-30), elapsed-s=START, elapsed-ms=START, or a pattern such as " +
  '"DD.MM.YY HH:mm" of YYYY YY years, MM MMM months, DD days, HH hh hours, mm minutes, ' +
  "ss seconds, SSS their fraction, A for AM and PM, Z for the offset: each once, the smaller " +
  "after the greater in a time of day, [text] as it is";

const SPREADSHEET_EPOCH_SEC = -2_209_161_600;
const DAY_SEC = 86_400;

/** The format of an option's text; `undefined` where it is none. */
export function parseTimeFormat(text: string): TimeFormat | undefined {
  if (text === "day-first" || text === "month-first") {
    const order = text === "day-first" ? "day" : "month";
    return { name: text, order, parse: (cell) => parseTimeText(cell, order, true) };
  }
  if (text === "date" || text === "iso") {
    return { name: text, order: undefined, parse: (cell, o) => parseTimeText(cell, o, true) };
  }
  const unix = /^unix(?:-(s|ms|us|ns))?$/.exec(text);
  if (unix !== null) return numberFormat(text, 1, placesOf(unix[1]), 0, false);
  if (text === "spreadsheet" || text === "excel") {
    return numberFormat(text, DAY_SEC, 0, SPREADSHEET_EPOCH_SEC, true);
  }
  const elapsed = /^elapsed-(s|ms|us|ns)=(.+)$/.exec(text);
  if (elapsed !== null) {
    const [, unit, start = ""] = elapsed;
    if (parseTimeText(start.trim(), undefined, true) !== undefined) return undefined;
    const { sec, isClock } = parsedTime;
    return numberFormat(text, 1, placesOf(unit), sec, isClock);
  }
  return parsePattern(text);
}

const placesOf = (unit: string | undefined): number => ({ ms: 3, us: 6, ns: 9 })[unit ?? "s"] ?? 0;

/** Times that count something: exact on the digits, days rounded to their second. */
function numberFormat(
  name: string,
  seconds: number,
  places: number,
  startSec: number,
  isClock: boolean,
): TimeFormat {
  return {
    ...{ name, order: undefined },
    parse(text) {
      if (text === "") return "empty";
      const match = /^(-?)(\d+)(?:[.,](\d*))?(?:[eE]\+?(\d{1,2}))?$/.exec(text);
      if (match === null) return "format_unknown";
      const [, sign = "", whole = "", fraction = "", exponent = "0"] = match;
      if (whole.length + Number(exponent) > 20) return "format_unknown";
      const digits = BigInt(whole + fraction) * BigInt(seconds) * 10n ** BigInt(exponent);
      const unit = 10n ** BigInt(fraction.length + places);
      const signed = sign === "-" ? -digits : digits;
      // Days are written with too few digits for their second: 0.333333 is 08:00:00.
      const whole2 =
        seconds === 1 ? floorDivide(signed, unit) : floorDivide(2n * signed + unit, 2n * unit);
      if (whole2 > 2n ** 40n || whole2 < -(2n ** 40n)) return "format_unknown";
      const hasFraction = seconds === 1 && signed % unit !== 0n;
      return setParsedTime({ sec: startSec + Number(whole2), isClock, hasFraction });
    },
  };
}

function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value % by < 0n ? quotient - 1n : quotient;
}

/** What a piece of a pattern takes; the longest first. */
const PIECES: Readonly<Record<string, string>> = {
  YYYY: "(\\d{4})",
  YY: "(\\d{2})",
  MMMM: "([A-Za-z]+)",
  MMM: "([A-Za-z]{3,4})",
  MM: "(\\d{2})",
  M: "(\\d{1,2})",
  DD: "(\\d{2})",
  D: "(\\d{1,2})",
  HH: "(\\d{2})",
  H: "(\\d{1,2})",
  hh: "(\\d{2})",
  h: "(\\d{1,2})",
  mm: "(\\d{2})",
  ss: "(\\d{2})",
  S: "(\\d+)",
  A: "([AaPp][Mm])",
  Z: "((?:UTC|GMT|Z)?(?:[+-]\\d{1,2}(?::?\\d{2})?)?|[A-Za-z]{2,5})",
  ddd: "[A-Za-z]{3,9}",
};

function parsePattern(pattern: string): TimeFormat | undefined {
  const names: string[] = [];
  const source = pattern.replace(
    /\[([^\]]*)\]|YYYY|YY|MMMM|MMM|MM|M|DD|D|HH|H|hh|h|mm|ss|S+|A|Z+|ddd+|[^A-Za-z]|./g,
    (piece, literal?: string) => {
      if (literal !== undefined) return escapeText(literal);
      const known = piece
        .replace(/^S+$/, "S")
        .replace(/^Z+$/, "Z")
        .replace(/^ddd+$/, "ddd");
      const expression = PIECES[known];
      if (expression === undefined)
        return /[A-Za-z]/.test(piece) && piece !== "T" ? "(?!)" : escapeText(piece);
      if (known !== "ddd")
        names.push(known[0] === "Y" || known[0] === "M" ? known : (known[0] ?? ""));
      return expression;
    },
  );
  if (source.includes("(?!)") || !isWhole(names)) return undefined;
  const expression = new RegExp(`^${source}$`);
  return {
    ...{ name: pattern, order: undefined },
    parse(text) {
      if (text === "") return "empty";
      const match = expression.exec(text);
      return match === null ? "format_unknown" : readPieces(names, match);
    },
  };
}

/** What the pieces of a pattern say; a second piece for one of them would be dropped in silence. */
const KINDS: Readonly<Record<string, string>> = {
  ...{ YYYY: "year", YY: "year", MMMM: "month", MMM: "month", MM: "month", M: "month", D: "day" },
  ...{ H: "hour", h: "hour", m: "minute", s: "second", S: "fraction", A: "half", Z: "zone" },
};
const CLOCK_KINDS = ["hour", "minute", "second", "fraction"];

/**
 * Whether a pattern has a date, nothing twice, and of a time of day nothing without the greater
 * before it: `HH:MM:SS` is not a time of day, and `YYYY-mm-DD` not a date.
 */
function isWhole(names: readonly string[]): boolean {
  const kinds = names.map((name) => KINDS[name] ?? name);
  if (new Set(kinds).size < kinds.length) return false;
  if (!["year", "month", "day"].every((kind) => kinds.includes(kind))) return false;
  const clock = kinds.filter((kind) => CLOCK_KINDS.includes(kind));
  const isInOrder = clock.every((kind, i) => kind === CLOCK_KINDS[i]);
  return isInOrder && (!kinds.includes("half") || clock.length > 0);
}

const escapeText = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");

function readPieces(names: readonly string[], match: RegExpExecArray): TimeProblem | undefined {
  const get = (...wanted: string[]): string | undefined => {
    const at = names.findIndex((name) => wanted.includes(name));
    return at === -1 ? undefined : match[at + 1];
  };
  const year = Number(get("YYYY") ?? `20${get("YY")}`);
  const named = get("MMM", "MMMM");
  const month = named === undefined ? Number(get("MM", "M")) : (findMonth(named) ?? 0);
  const midnight = dayToSec(year, month, Number(get("D")));
  let hour = Number(get("H", "h") ?? "0");
  const half = get("A")?.toLowerCase();
  if (half !== undefined) {
    // 13:00 AM and 00:00 PM are no times of day.
    if (half === "am" ? hour > 12 : hour === 0) return "not_in_calendar";
    hour = (hour % 12) + (half === "pm" ? 12 : 0);
  }
  const second = get("s") ?? "0";
  const clock = clockToSec(hour, Number(get("m") ?? "0"), Number(second));
  if (Number.isNaN(midnight + clock)) return "not_in_calendar";
  const zone = get("Z");
  const offset = zone === undefined ? 0 : parseOffset(zone);
  const isKnown = !Number.isNaN(offset);
  const problem = setParsedTime({
    sec: midnight + clock - (isKnown ? offset : 0),
    isClock: zone === undefined,
    hasFraction: /[1-9]/.test(get("S") ?? ""),
    isMidnight24: hour === 24,
    isLeapSecond: second === "60",
    isShortYear: get("YY") !== undefined,
    zoneName: isKnown ? "" : (zone ?? ""),
  });
  return isKnown ? problem : "zone_unknown";
}
