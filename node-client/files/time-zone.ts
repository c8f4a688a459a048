/** Clock times of a zone to Unix seconds, by the platform's IANA database. */

import { parseOffset } from "./calendar.ts";

/** The offsets that a clock time may have; two where the clocks were put back, none where forward. */
export interface TimeZone {
  readonly name: string;
  /** Which of the two a time is that was twice, where no row tells it. */
  readonly repeatedHour?: RepeatedHour | undefined;
  /** @param clockSec Seconds from 1970 as if the clock showed UTC. @returns In rising order. */
  instantsOf(clockSec: number): readonly number[];
}

/** Of the two hours in which clocks show the same: before they are put back, and after. */
export type RepeatedHour = "first" | "second";

const DAY_SEC = 86_400;

/**
 * The zone of a name: `Europe/Amsterdam`, `UTC`, or a fixed offset such as `+02:00`; `undefined`
 * where there is none. `Europe/Amsterdam,first` says which of two hours a time is of that was twice.
 */
export function findTimeZone(text: string): TimeZone | undefined {
  const [, name = text, hour] = /^(.*?) *, *(first|second)$/.exec(text) ?? [];
  const zone = findNamedZone(name, hour as RepeatedHour | undefined);
  // A fixed offset repeats no hour, so it has none to choose.
  return hour !== undefined && zone?.repeatedHour === undefined ? undefined : zone;
}

function findNamedZone(name: string, hour: RepeatedHour | undefined): TimeZone | undefined {
  const offset = parseOffset(name);
  if (!Number.isNaN(offset)) return fixedZone(/\d/.test(name) ? name : "UTC", offset);
  // Some platforms take offsets as names, also those that no clock has.
  if (/^[+-]/.test(name)) return undefined;
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat("en-US", {
      ...{ timeZone: name, hourCycle: "h23", era: "short" },
      ...{ year: "numeric", month: "numeric", day: "numeric" },
      ...{ hour: "numeric", minute: "numeric", second: "numeric" },
    });
  } catch {
    return undefined;
  }
  return new NamedZone(format.resolvedOptions().timeZone, format, hour);
}

const fixedZone = (name: string, offset: number): TimeZone => ({
  name,
  instantsOf: (clockSec) => [clockSec - offset],
});

class NamedZone implements TimeZone {
  readonly name: string;
  readonly repeatedHour: RepeatedHour | undefined;
  readonly #format: Intl.DateTimeFormat;
  /** The offset of each day on which nothing changes, `NaN` for the others. */
  readonly #offsets = new Map<number, number>();

  constructor(name: string, format: Intl.DateTimeFormat, repeatedHour: RepeatedHour | undefined) {
    this.name = name;
    this.repeatedHour = repeatedHour;
    this.#format = format;
  }

  instantsOf(clockSec: number): readonly number[] {
    const day = Math.floor(clockSec / DAY_SEC);
    let offset = this.#offsets.get(day);
    if (offset === undefined) {
      // No zone is further than a day from UTC.
      const before = this.#offsetAt((day - 1) * DAY_SEC);
      offset = this.#offsetAt((day + 2) * DAY_SEC) === before ? before : Number.NaN;
      this.#offsets.set(day, offset);
    }
    if (!Number.isNaN(offset)) return [clockSec - offset];
    const around = [this.#offsetAt(clockSec - DAY_SEC), this.#offsetAt(clockSec + DAY_SEC)];
    const instants = around.map((each) => clockSec - each);
    const real = instants.filter((instant, i) => this.#offsetAt(instant) === around[i]);
    return [...new Set(real)].sort((a, b) => a - b);
  }

  /** Seconds to add to UTC at an instant. */
  #offsetAt(instantSec: number): number {
    const parts: Record<string, number> = {};
    let isBeforeChrist = false;
    for (const { type, value } of this.#format.formatToParts(instantSec * 1_000)) {
      if (type === "era") isBeforeChrist = value.startsWith("B");
      else parts[type] = Number(value);
    }
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
    const clock = Date.UTC(isBeforeChrist ? 1 - year : year, month - 1, day, hour, minute, second);
    return clock / 1_000 - instantSec;
  }
}

/** Hours to UTC; several where countries share the letters. */
const HOURS: Readonly<Record<string, readonly number[]>> = {
  ...{ WET: [0], WEST: [1], CET: [1], CEST: [2], MEZ: [1], MESZ: [2], EET: [2], EEST: [3] },
  ...{ BST: [1, 6], IST: [5.5, 1, 2], IDT: [3], MSK: [3], TRT: [3], GST: [4], PKT: [5], CAT: [2] },
  ...{ EAT: [3], WAT: [1], SAST: [2], ICT: [7], WIB: [7], SGT: [8], HKT: [8], PHT: [8], AWST: [8] },
  ...{ JST: [9], KST: [9], ACST: [9.5], ACDT: [10.5], AEST: [10], AEDT: [11], NZST: [12] },
  ...{ NZDT: [13], EST: [-5], EDT: [-4], CST: [-6, 8], CDT: [-5], MST: [-7], MDT: [-6] },
  ...{ PST: [-8, 8], PDT: [-7], AKST: [-9], AKDT: [-8], HST: [-10], BRT: [-3], ART: [-3] },
};

/**
 * The instant of a clock time with such letters after it, in a time zone.
 *
 * @returns NaN where the zone's clocks never showed this; `undefined` for unknown letters.
 * @example
 * placeByName(clockSec, "CEST", findTimeZone("Europe/Amsterdam")); // two hours before
 */
export function placeByName(clockSec: number, name: string, zone: TimeZone): number | undefined {
  const key = name.toUpperCase();
  const hours = Object.hasOwn(HOURS, key) ? HOURS[key] : undefined;
  if (hours === undefined) return undefined;
  const meant = hours.map((hour) => clockSec - hour * 3_600);
  return zone.instantsOf(clockSec).find((instant) => meant.includes(instant)) ?? Number.NaN;
}
