/** The times of a file's rows: their form, their zone, and all that has to be said of them. */

import { CellCounts, type Note, noteCells } from "./notes.ts";
import { parseTimeText } from "./parse-time.ts";
import type { HourRows, RepeatedTimes } from "./repeated-times.ts";
import type { TimeFormat } from "./time-format.ts";
import { type DayOrder, parsedTime, type TimeProblem } from "./time-problems.ts";
import { placeByName, type TimeZone } from "./time-zone.ts";

/** What the times before say of the next one of the same device, where clocks were put back. */
export interface DeviceClock {
  /** Unix seconds; -Infinity before the first. */
  lastSec: number;
  /** Where a zone may repeat hours; without it the zone alone says which of two a time is of. */
  readonly repeats?: RepeatedTimes | undefined;
}

export interface TimeSettings {
  readonly format: TimeFormat | undefined;
  /** What of 05/01/2024 is first, as far as the file was looked through. */
  readonly order: DayOrder;
  /** `undefined` where no option says it: UTC, and that is reported. */
  readonly zone: TimeZone | undefined;
  /** By device: which of two hours its repeated times are of, after a pass that has found it. */
  readonly repeats?: ReadonlyMap<string, readonly HourRows[]> | undefined;
  /** Unix seconds, for digits that are a time far ahead or a date; the machine's clock when absent. */
  readonly nowSec?: number | undefined;
}

/** Reads the times of one pass over a file. */
export class TimeReader {
  readonly #settings: TimeSettings;
  readonly #format: TimeFormat | undefined;
  readonly #order: DayOrder;
  readonly #sightings = new CellCounts<string>();
  readonly #nowSec: number;
  /** Whether the cell's clock time was twice. */
  #isRepeated = false;
  /** Set after a time was refused. */
  problem: TimeProblem | undefined;

  constructor(settings: TimeSettings) {
    this.#settings = settings;
    this.#format = settings.format;
    this.#order = settings.order ?? settings.format?.order;
    this.#nowSec = settings.nowSec ?? Math.floor(Date.now() / 1_000);
  }

  /** Unix seconds of a cell; NaN where it is none, and `problem` says why. */
  read(cell: string, clock: DeviceClock, line: number): number {
    const text = isPadded(cell) ? cell.trim() : cell;
    const problem = this.#parse(text);
    this.#isRepeated = false;
    if (parsedTime.isDayMonth) this.#seeOrder(problem, text, line);
    const isPlaced = problem === "zone_unknown" && parsedTime.zoneName !== "";
    if (problem !== undefined && !(isPlaced && this.#settings.zone !== undefined)) {
      return this.#refuse(problem);
    }
    const { form, isClock } = parsedTime;
    if (parsedTime.isDateToo && form === "unix_s" && parsedTime.sec > this.#nowSec) {
      return this.#refuse("number_dated");
    }
    this.#seeForm(text, line);
    const sec = isPlaced
      ? this.#placeByName()
      : isClock
        ? this.#placeClock(parsedTime.sec, clock, text, line)
        : parsedTime.sec;
    if (Number.isNaN(sec)) return sec;
    // Leap seconds are the last of a day of UTC; any other second 60 is a mistake.
    if (parsedTime.isLeapSecond && sec % 86_400 !== 0) return this.#refuse("not_in_calendar");
    if (sec < 0) return this.#refuse("before_1970");
    if (!this.#isRepeated) clock.repeats?.pass(sec, clock.lastSec);
    clock.lastSec = sec;
    return sec;
  }

  /** Whether a cell could be a time at all: units and sums are none, a wrong date is a mistake. */
  isUntimed(cell: string): boolean {
    const problem = this.#parse(cell.trim());
    return problem === "empty" || problem === "format_unknown";
  }

  /** Whether a cell may say an instant: one of the two where clocks repeat it. */
  canBe(cell: string, sec: number): boolean {
    const problem = this.#parse(cell.trim());
    const { zone } = this.#settings;
    const { isClock, zoneName } = parsedTime;
    if (problem === "zone_unknown" && zone !== undefined) {
      return placeByName(parsedTime.sec, zoneName, zone) === sec;
    }
    if (problem !== undefined) return false;
    if (!isClock || zone === undefined) return parsedTime.sec === sec;
    return zone.instantsOf(parsedTime.sec).includes(sec);
  }

  #parse(text: string): TimeProblem | undefined {
    return this.#format === undefined
      ? parseTimeText(text, this.#order)
      : this.#format.parse(text, this.#order);
  }

  #refuse(problem: TimeProblem): number {
    this.problem = problem;
    return Number.NaN;
  }

  /** What a date tells of all others: what is first in them, and what cannot be. */
  #seeOrder(problem: TimeProblem | undefined, text: string, line: number): void {
    const isDate = problem === undefined || problem === "order_unknown";
    if (!isDate && problem !== "zone_unknown") return;
    const { order, isShortYear, isYearFirstToo } = parsedTime;
    if (order !== undefined) this.#sightings.add(`order_${order}`, text, line);
    if (isShortYear) this.#sightings.add(isYearFirstToo ? "year_open" : "year_last", text, line);
    this.#sightings.add("order_needed", text, line);
  }

  #seeForm(text: string, line: number): void {
    const { form } = parsedTime;
    if (form !== "iso") this.#sightings.add(form, text, line);
    if (parsedTime.hasFraction) this.#sightings.add("fraction", text, line);
    if (parsedTime.isMidnight24) this.#sightings.add("midnight_24", text, line);
    if (parsedTime.isLeapSecond) this.#sightings.add("leap_second", text, line);
    if (parsedTime.isShortYear) this.#sightings.add("short_year", text, line);
    if (parsedTime.isExponent) this.#sightings.add("exponent", text, line);
  }

  /** By letters such as CEST, where the zone's clocks showed them. */
  #placeByName(): number {
    const { zone } = this.#settings;
    const sec = zone && placeByName(parsedTime.sec, parsedTime.zoneName, zone);
    if (sec === undefined) return this.#refuse("zone_unknown");
    return Number.isNaN(sec) ? this.#refuse("zone_differs") : sec;
  }

  #placeClock(clockSec: number, clock: DeviceClock, text: string, line: number): number {
    const { zone } = this.#settings;
    if (zone === undefined) {
      this.#sightings.add("clock_utc", text, line);
      return clockSec;
    }
    const instants = zone.instantsOf(clockSec);
    const [sec] = instants;
    if (sec === undefined) return this.#refuse("not_existing");
    this.#sightings.add("clock_zone", text, line);
    if (instants.length === 1) return sec;
    const at = { cell: text, line };
    const found = clock.repeats?.take(clockSec, instants, clock.lastSec, at);
    const hour = found?.hour ?? zone.repeatedHour;
    if (hour === undefined) return this.#refuse("ambiguous");
    this.#sightings.add(found?.isByOption === false ? "clock_twice" : `clock_${hour}`, text, line);
    this.#isRepeated = true;
    return hour === "first" ? sec : (instants.at(-1) ?? sec);
  }

  count(kind: string): number {
    return this.#sightings.get(kind)?.count ?? 0;
  }

  /** Day or month first, as far as the cells tell it; both where they contradict each other. */
  get orders(): readonly ("day" | "month")[] {
    return (["day", "month"] as const).filter((order) => this.count(`order_${order}`) > 0);
  }

  /** Whether every date's first number may be the year as well. */
  get isYearOpen(): boolean {
    return this.count("year_open") > 0 && this.count("year_last") === 0;
  }

  notes(): Note[] {
    return [...this.#sightings].flatMap(([kind, cells]) => {
      const text = this.#describe(kind);
      return text === undefined ? [] : [noteCells(`time_${kind}`, text, cells)];
    });
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
      leap_second: "A leap second is 00:00:00 UTC of the next day: Unix time has no other.",
      short_year: "Years of two digits are of this century.",
      exponent: "Times with an exponent may have lost digits before they came here.",
      clock_utc: "Clock times without a zone were read as UTC; --time-zone says otherwise.",
      clock_twice: "Hours that the clocks repeat were taken in the order of the file.",
      clock_first: "Times that were twice, and no row tells which, are the first by --time-zone.",
      clock_second: "Times that were twice, and no row tells which, are the second by --time-zone.",
    }[kind];
  }
}

const isPadded = (text: string): boolean =>
  text.charCodeAt(0) <= 32 || text.charCodeAt(text.length - 1) <= 32;
