/** Letters that clocks show for their offset: no name says it alone, a time zone beside it does. */
import type { TimeZone } from "./time-zone.ts";

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
