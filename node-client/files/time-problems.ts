/** What is wrong with times that cannot be read, and what to do about it. */
import { DataFileError, quote } from "./data-file-error.ts";

const PROBLEMS = {
  empty: [
    "The row has no time.",
    "Give every row a time, or leave out and count such rows with --skip-untimed-rows.",
  ],
  format_unknown: [
    "This is not a time that can be read without help.",
    "Say how it is written with --time-format; where the row is not a reading (units, a sum), leave " +
      "out and count such rows with --skip-untimed-rows.",
  ],
  not_in_calendar: [
    "There is no such day or time of day.",
    "Correct the cell, or say with --time-format whether the day or the month is first.",
  ],
  before_1970: ["The time is before 1970.", "Leave the row out: times count from 1970 on."],
  number_small: [
    "As Unix seconds this would be before the year 2000, so it counts something else.",
    "Say what with --time-format: elapsed-ms=START (or elapsed-s) for the time since a start, " +
      "spreadsheet for days of a spreadsheet, unix if these are Unix seconds all the same.",
  ],
  number_dated: [
    "These digits may be a date, and may be Unix time.",
    "Say which with --time-format: YYYYMMDDHHmmss (or the part of it that is there, or YYMMDDHHmm), " +
      "or unix, unix-ms for milliseconds.",
  ],
  date_only: [
    "This is a date without a time of day.",
    "Name both columns with --time DATE,TIME, or take its midnight with --time-format date.",
  ],
  order_unknown: [
    "Nothing in the file tells whether the day or the month is first.",
    "Say it with --time-format day-first or --time-format month-first.",
  ],
  year_unknown: [
    "Nothing in the file tells whether the day, the month or the year is first.",
    "Say it with --time-format day-first, --time-format month-first, or a pattern with the year " +
      'first, such as --time-format "YY-MM-DD HH:mm".',
  ],
  zone_unknown: [
    "The zone is not an offset from UTC.",
    "Give the zone of the clock with --time-zone, such as Europe/Amsterdam for CET and CEST. Other " +
      "letters: say how the time is written with --time-format, the zone in brackets, such as " +
      '"YYYY-MM-DD HH:mm:ss [XYZ]", and the zone with --time-zone.',
  ],
  zone_differs: [
    "The clocks of the time zone never showed this time with these letters.",
    "Correct the cell, or give the zone that the clock really had with --time-zone, such as +01:00 " +
      "for CET all year.",
  ],
  not_existing: [
    "The clocks of the time zone were put forward over this time: it did not exist.",
    "Correct the cell, or give the zone that the clock really had with --time-zone, such as UTC or +01:00.",
  ],
  ambiguous: [
    "The clocks of the time zone were put back, so this time was twice, and no row before it tells which.",
    "Say which with the zone's name: --time-zone Europe/Amsterdam,first, or second. A fixed offset " +
      "such as --time-zone +01:00 holds for all rows, in summer too.",
  ],
} as const satisfies Readonly<Record<string, readonly [problem: string, whatToDo: string]>>;

/** Why a text is not a time. */
export type TimeProblem = keyof typeof PROBLEMS;

/** What can be read in more ways than one. */
const UNTOLD: readonly string[] = ["number_dated", "order_unknown", "year_unknown", "ambiguous"];

export function refuseTime(
  place: { readonly file: string; readonly line: number; readonly column: string },
  cell: string,
  problem: TimeProblem,
): DataFileError {
  const [sentence, whatToDo] = PROBLEMS[problem];
  return new DataFileError({ ...place, cell }, sentence, {
    whatToDo,
    isAmbiguous: UNTOLD.includes(problem),
  });
}

export const refuseBothOrders = (file: string, column: string): DataFileError =>
  new DataFileError({ file, column }, "Some dates have the day first, others the month.", {
    whatToDo: `Correct the column ${quote(column)}, or say with --time-format which is first.`,
  });

/** How times are written, but as ISO 8601 has them. */
export const TIME_FORMS = [
  ["unix_s", "Unix seconds"],
  ["unix_ms", "Unix milliseconds"],
  ["unix_us", "Unix microseconds"],
  ["unix_ns", "Unix nanoseconds"],
  ["year_first", "year first"],
  ["day_month", "day and month"],
  ["named_month", "month by name"],
  ["date", "date"],
  ["option", "by --time-format"],
] as const;
type TimeForm = "iso" | (typeof TIME_FORMS)[number][0];

/** Which of two numbers is the day: of a date such as 05/01/2024. */
export type DayOrder = "day" | "month" | undefined;

/** What the parser found last; one object, since it is asked for every row. */
interface TimeText {
  /** Unix seconds, or those of a clock that would show UTC, cut to whole ones. */
  sec: number;
  /** Whether a zone is needed to know the instant. */
  isClock: boolean;
  form: TimeForm;
  hasFraction: boolean;
  /** 24:00:00. */
  isMidnight24: boolean;
  /** A second 60. */
  isLeapSecond: boolean;
  isShortYear: boolean;
  /** A number that a spreadsheet or program shortened to `1.7E+09`. */
  isExponent: boolean;
  /** Unix seconds whose digits are those of a date and its hour, too. */
  isDateToo: boolean;
  /** A date of which day and month are numbers, and the year comes last. */
  isDayMonth: boolean;
  /** Such a date, but its first number may be the year as well: 24-05-01. */
  isYearFirstToo: boolean;
  /** A date that says itself whether its day or its month is first. */
  order: "day" | "month" | undefined;
  /** With `zone_unknown`: the letters after the time, such as CEST; `sec` is that of the clock. */
  zoneName: string;
}

const CLEARED = {
  ...{ hasFraction: false, isMidnight24: false, isLeapSecond: false, isShortYear: false },
  ...{ isExponent: false, isDateToo: false, isDayMonth: false, isYearFirstToo: false },
  ...{ order: undefined, zoneName: "" },
} as const;

/** Only parsers write to it; all others read `parsedTime`. */
export const found: TimeText = { ...CLEARED, sec: 0, isClock: false, form: "iso" };

export const parsedTime: Readonly<TimeText> = found;

export function clearFound(): void {
  found.hasFraction = found.isMidnight24 = found.isLeapSecond = found.isShortYear = false;
  found.isExponent = found.isDateToo = found.isDayMonth = found.isYearFirstToo = false;
  found.order = undefined;
  found.zoneName = "";
}

/** Sets what a format of an option has read; see `time-format.ts`. */
export function setParsedTime(
  time: Partial<TimeText> & Pick<TimeText, "sec" | "isClock">,
): TimeProblem | undefined {
  Object.assign(found, CLEARED, { form: "option" }, time);
  return found.sec < 0 ? "before_1970" : undefined;
}
