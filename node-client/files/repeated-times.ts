/** Times that a clock showed twice: which of the two each row is of, by the order of a device's rows. */
import type { CellPlace } from "./notes.ts";
import type { RepeatedHour } from "./time-zone.ts";

/** Rows in a row that are of the same hour. */
export interface HourRows {
  readonly count: number;
  readonly hour: RepeatedHour;
  /** Said by an option, since no other row tells it. */
  readonly isByOption: boolean;
}

/** One night's rows in the repeated hours, without any other between them. */
interface Run extends CellPlace {
  readonly firstSec: number;
  readonly side: Side;
  count: number;
  lastClockSec: number;
  falls: number;
  rises: number;
  equals: number;
  /** The row that the last fall, rise or repetition led to. */
  fallAt: number;
  riseAt: number;
}

/** Whether the row before came earlier or later; `undefined` where there is none, or between. */
type Side = "earlier" | "later" | undefined;

/** No clocks were ever put back so far that two nights of it were closer. */
const RUN_SEC_MAX = 43_200;
/** One row in so many. */
const TWIN_SHARE = 4;

/**
 * The repeated times of one device. A first pass collects them, since only what follows tells a
 * file that begins with its newest row from one that ends with it; the next one reads by that.
 */
export class RepeatedTimes {
  readonly #known: readonly HourRows[] | undefined;
  #at = 0;
  #left = 0;
  #run: Run | undefined;
  readonly #runs: { readonly run: Run; readonly after: Side }[] = [];
  /** Rows that were only once, and those of them at the time of the row before. */
  #passed = 0;
  #twins = 0;

  constructor(known: readonly HourRows[] | undefined) {
    this.#known = known;
    this.#left = known?.[0]?.count ?? 0;
  }

  /**
   * Takes the next repeated time.
   *
   * @returns Its hour, the first where this pass is still to settle it; `undefined` for a row that
   *   the pass before did not have.
   */
  take(
    clockSec: number,
    instants: readonly number[],
    lastSec: number,
    at: CellPlace,
  ): HourRows | undefined {
    if (this.#known !== undefined) return this.#next(this.#known);
    const firstSec = instants[0] ?? 0;
    const run = this.#run;
    if (run === undefined || Math.abs(run.firstSec - firstSec) > RUN_SEC_MAX) {
      this.#end(run === undefined ? undefined : sideOf(firstSec, run.firstSec, run.firstSec));
      this.#run = {
        ...{ ...at, firstSec, count: 1, lastClockSec: clockSec },
        ...{ falls: 0, rises: 0, equals: 0, fallAt: 0, riseAt: 0 },
        side: sideOf(lastSec, firstSec, instants.at(-1) ?? firstSec),
      };
      return UNSETTLED;
    }
    if (clockSec < run.lastClockSec) {
      run.falls += 1;
      run.fallAt = run.count;
    } else if (clockSec > run.lastClockSec) {
      run.rises += 1;
      run.riseAt = run.count;
    } else run.equals += 1;
    run.lastClockSec = clockSec;
    run.count += 1;
    return UNSETTLED;
  }

  #next(known: readonly HourRows[]): HourRows | undefined {
    while (this.#left === 0 && this.#at < known.length) this.#left = known[++this.#at]?.count ?? 0;
    this.#left -= 1;
    return known[this.#at];
  }

  /** Takes the next time that was only once. */
  pass(sec: number, lastSec: number): void {
    this.#passed += 1;
    if (sec === lastSec && this.#run === undefined) this.#twins += 1;
    if (this.#run === undefined) return;
    this.#end(sideOf(sec, this.#run.firstSec, this.#run.firstSec));
  }

  #end(after: Side): void {
    if (this.#run !== undefined) this.#runs.push({ run: this.#run, after });
    this.#run = undefined;
  }

  /** The hours of all rows after a pass, or the first row whose hour nothing tells. */
  settle(choice: RepeatedHour | undefined): readonly HourRows[] | CellPlace {
    this.#end(undefined);
    const all: HourRows[] = [];
    // Where many rows share their time with the one before, two that do are no hour and the next.
    const hasTwins = this.#twins * TWIN_SHARE > this.#passed;
    for (const { run, after } of this.#runs) {
      const hours = findHours(run, after, choice, hasTwins);
      if (hours === undefined) return { cell: run.cell, line: run.line };
      all.push(...hours);
    }
    return all;
  }
}

const UNSETTLED: HourRows = { count: 0, hour: "first", isByOption: false };

function sideOf(sec: number, firstSec: number, secondSec: number): Side {
  if (!Number.isFinite(sec)) return undefined;
  return sec < firstSec ? "earlier" : sec > secondSec ? "later" : undefined;
}

/**
 * The hours of a run: two, where its times jump against the file's direction once; one, where they
 * never do and the row before tells on which side it begins.
 */
function findHours(
  run: Run,
  after: Side,
  choice: RepeatedHour | undefined,
  hasTwins: boolean,
): readonly HourRows[] | undefined {
  const { count, falls, rises, equals, side } = run;
  const known = findDirection(run, after);
  // Whoever says that the first row is of the first hour says that times rise from there.
  const isUp =
    known ?? (choice === undefined || rises + falls === 0 ? undefined : choice === "first");
  const [jumps, jumpAt] = isUp ? [falls, run.fallAt] : [rises, run.riseAt];
  const [one, other] = isUp ? (["first", "second"] as const) : (["second", "first"] as const);
  const split = (at: number): readonly HourRows[] => [
    { count: at, hour: one, isByOption: known === undefined },
    { count: count - at, hour: other, isByOption: known === undefined },
  ];
  if (isUp !== undefined && jumps === 1) return split(jumpAt);
  // One row an hour, and the hour twice.
  if (known !== undefined && count === 2 && equals === 1 && !hasTwins) return split(1);
  if (choice !== undefined) return [{ count, hour: choice, isByOption: true }];
  if (isUp === undefined || jumps > 0 || equals > 0 || side === undefined) return undefined;
  return [{ count, hour: one, isByOption: false }];
}

/** Whether times rise: by the rows around, else by most of the run's own. */
function findDirection({ side, rises, falls }: Run, after: Side): boolean | undefined {
  const isUp = side === "earlier" || after === "later";
  const isDown = side === "later" || after === "earlier";
  if (isUp !== isDown) return isUp;
  return rises === falls ? undefined : rises > falls;
}
