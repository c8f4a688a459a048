/** What a cell says as a time: one object that is filled anew for every cell. */
import type { TimeProblem } from "./time-problems.ts";

type TimeForm =
  | "unix_s"
  | "unix_ms"
  | "unix_us"
  | "unix_ns"
  | "iso"
  | "year_first"
  | "day_month"
  | "named_month"
  | "date"
  | "option";

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
