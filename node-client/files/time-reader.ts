/** The times of a file's rows: their form, their zone, and all that has to be said of them. */
import { DataFileError, quote } from "./data-file-error.ts";
import { type DayOrder, parsedTime, parseTimeText, type TimeProblem } from "./parse-time.ts";
import type { Note } from "./table.ts";
import type { TimeFormat } from "./time-format.ts";
import type { TimeZone } from "./time-zone.ts";

/** What the times before say of the next one of the same device, where clocks were put back. */
export interface DeviceClock {
  /** Unix seconds; -Infinity before the first. */
  lastSec: number;
}

/** How the cells of the time columns are read. */
export interface TimeSettings {
  readonly format: TimeFormat | undefined;
  /** What of 05/01/2024 is first, as far as the file was looked through. */
  readonly order: DayOrder;
  /** `undefined` where no option says it: UTC, and that is reported. */
  readonly zone: TimeZone | undefined;
}

const PROBLEMS: Readonly<Record<TimeProblem, readonly [problem: string, whatToDo: string]>> = {
  empty: ["The row has no time.", "Give every row a time, or leave the row out."],
  format_unknown: [
    "This is no time that can be read without help.",
    "Say how it is written with --time-format.",
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
    "These digits may be a date, and may be a number of milliseconds.",
    "Say which with --time-format: YYYYMMDDHHmmss (or the part of it that is there), or unix-ms.",
  ],
  date_only: [
    "This is a date without a time of day.",
    "Name both columns with --time DATE,TIME, or take its midnight with --time-format date.",
  ],
  order_unknown: [
    "Nothing in the file tells whether the day or the month is first.",
    "Say it with --time-format day-first or --time-format month-first.",
  ],
  zone_unknown: [
    "The zone is no offset of UTC.",
    "Say how the time is written with --time-format, the zone in brackets, such as " +
      '"YYYY-MM-DD HH:mm:ss [CET]", and the zone with --time-zone.',
  ],
  not_existing: [
    "The clocks of the time zone were put forward over this time: it did not exist.",
    "Correct the cell, or give the zone that the clock really had with --time-zone, such as UTC or +01:00.",
  ],
  ambiguous: [
    "The clocks of the time zone were put back, so this time was twice, and no row before it tells which.",
    "Give the offset that the clock had as --time-zone, such as +02:00 for the first time, +01:00 for the second.",
  ],
};

/** Options by problem: what the sentences above name. */
const OPTIONS: Partial<Record<TimeProblem, readonly string[]>> = {
  date_only: ["--time", "--time-format"],
  not_existing: ["--time-zone"],
  ambiguous: ["--time-zone"],
  zone_unknown: ["--time-format", "--time-zone"],
};

interface Sighting {
  count: number;
  readonly example: string;
  readonly line: number;
}

/** Reads the times of one pass over a file. */
export class TimeReader {
  readonly #settings: TimeSettings;
  readonly #format: TimeFormat | undefined;
  readonly #order: DayOrder;
  readonly #sightings = new Map<string, Sighting>();
  /** Set after a time was refused. */
  problem: TimeProblem | undefined;

  constructor(settings: TimeSettings) {
    this.#settings = settings;
    this.#format = settings.format;
    this.#order = settings.order ?? settings.format?.order;
  }

  /** Unix seconds of a cell; NaN where it is none, and `problem` says why. */
  read(cell: string, clock: DeviceClock, line: number): number {
    const text = isPadded(cell) ? cell.trim() : cell;
    const problem =
      this.#format === undefined ? parseTimeText(text, this.#order) : this.#format.parse(text);
    const { form, order } = parsedTime;
    if (form === "day_month" && (problem === undefined || problem === "order_unknown")) {
      if (order !== undefined) this.#see(`order_${order}`, text, line);
      this.#see("order_needed", text, line);
    }
    if (problem !== undefined) {
      this.problem = problem;
      return Number.NaN;
    }
    if (form !== "iso") this.#see(form, text, line);
    if (parsedTime.hasFraction) this.#see("fraction", text, line);
    if (parsedTime.isMidnight24) this.#see("midnight_24", text, line);
    if (parsedTime.isShortYear) this.#see("short_year", text, line);
    if (parsedTime.isExponent) this.#see("exponent", text, line);
    if (!parsedTime.isClock) {
      clock.lastSec = parsedTime.sec;
      return parsedTime.sec;
    }
    const { zone } = this.#settings;
    if (zone === undefined) {
      this.#see("clock_utc", text, line);
      clock.lastSec = parsedTime.sec;
      return parsedTime.sec;
    }
    return this.#place(parsedTime.sec, zone, clock, text, line);
  }

  #place(clockSec: number, zone: TimeZone, clock: DeviceClock, text: string, line: number): number {
    const instants = zone.instantsOf(clockSec);
    let sec = instants[0];
    if (sec === undefined) {
      this.problem = "not_existing";
      return Number.NaN;
    }
    if (instants.length > 1) {
      if (clock.lastSec === Number.NEGATIVE_INFINITY) {
        this.problem = "ambiguous";
        return Number.NaN;
      }
      this.#see("clock_twice", text, line);
      // In the file's order: what is not after the time before is of the second hour.
      if (sec <= clock.lastSec) sec = instants.at(-1) ?? sec;
    }
    this.#see("clock_zone", text, line);
    if (sec < 0) {
      this.problem = "before_1970";
      return Number.NaN;
    }
    clock.lastSec = sec;
    return sec;
  }

  #see(kind: string, example: string, line: number): void {
    const sighting = this.#sightings.get(kind);
    if (sighting === undefined) this.#sightings.set(kind, { count: 1, example, line });
    else sighting.count += 1;
  }

  /** How many cells were of a kind. */
  count(kind: string): number {
    return this.#sightings.get(kind)?.count ?? 0;
  }

  /** Day or month first, as far as the cells tell it; both where they contradict each other. */
  get orders(): readonly ("day" | "month")[] {
    return (["day", "month"] as const).filter((order) => this.count(`order_${order}`) > 0);
  }

  /** What has to be reported of the times. */
  notes(): Note[] {
    const notes: Note[] = [];
    for (const [kind, { count, example, line }] of this.#sightings) {
      const text = this.#describe(kind);
      if (text !== undefined) notes.push({ kind: `time_${kind}`, text, count, example, line });
    }
    return notes;
  }

  #describe(kind: string): string | undefined {
    const order = this.#order === "month" ? "The month" : "The day";
    return {
      unix_ms: "Times are Unix milliseconds, by their magnitude.",
      unix_us: "Times are Unix microseconds, by their magnitude.",
      unix_ns: "Times are Unix nanoseconds, by their magnitude.",
      order_needed: `${order} is first in dates.`,
      fraction: "Fractions of a second were cut off: a reading has whole seconds.",
      midnight_24: "24:00:00 is 00:00:00 of the next day.",
      short_year: "Years of two digits are of this century.",
      exponent: "Times with an exponent may have lost digits before they came here.",
      clock_utc: "Clock times without a zone were read as UTC; --time-zone says otherwise.",
      clock_twice: "Hours that the clocks repeat were taken in the order of the file.",
    }[kind];
  }
}

const isPadded = (text: string): boolean =>
  text.charCodeAt(0) <= 32 || text.charCodeAt(text.length - 1) <= 32;

/** The error of a cell that is no time. */
export function refuseTime(
  place: { readonly file: string; readonly line: number; readonly column: string },
  cell: string,
  problem: TimeProblem,
): DataFileError {
  const [sentence, whatToDo] = PROBLEMS[problem];
  return new DataFileError({ ...place, cell }, sentence, {
    whatToDo,
    options:
      problem === "empty" || problem === "before_1970"
        ? []
        : (OPTIONS[problem] ?? ["--time-format"]),
  });
}

/** The error of dates that contradict each other. */
export const refuseBothOrders = (file: string, column: string): DataFileError =>
  new DataFileError({ file, column }, "Some dates have the day first, others the month.", {
    whatToDo: `Correct the column ${quote(column)}, or say with --time-format which is first.`,
    options: ["--time-format"],
  });
