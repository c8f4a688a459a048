/** Days and times of day to seconds: integers only. */

const MONTHS =
  "january february march april may june july august september october november december".split(
    " ",
  );

/** Seconds from 1970 to midnight of a day of the Gregorian calendar; NaN where there is no such day. */
export function dayToSec(year: number, month: number, day: number): number {
  // Not Date.UTC, which takes years below 100 for those of the 20th century.
  const midnight = new Date(0).setUTCFullYear(year, month - 1, day);
  const date = new Date(midnight);
  const isThere = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return isThere ? midnight / 1_000 : Number.NaN;
}

/** Seconds from midnight; 24:00:00 is the next midnight; NaN where there is no such time of day. */
export function clockToSec(hour: number, minute: number, second: number): number {
  // A leap second, 23:59:60 UTC, is the second after: Unix time has no other. Offsets are of whole
  // quarters of an hour, so that it ends one on every clock.
  if (minute > 59 || second > 60 || (second === 60 && minute % 15 !== 14)) return Number.NaN;
  if (hour > 23 && !(hour === 24 && minute === 0 && second === 0)) return Number.NaN;
  return hour * 3_600 + minute * 60 + second;
}

/** 1 to 12 by an English name or its first three letters; `undefined` where it is none. */
export function findMonth(name: string): number | undefined {
  const start = name.slice(0, 3).toLowerCase();
  const at = MONTHS.findIndex((month) => month.slice(0, 3) === start);
  const isName = name.length === 3 || MONTHS[at] === name.toLowerCase() || name === "Sept";
  return at === -1 || !isName ? undefined : at + 1;
}

/** The offset of UTC that a text says, in seconds: `Z`, `UTC`, `+02:00`, `GMT+1`; NaN for others. */
export function parseOffset(text: string): number {
  const match = /^(?:UTC|GMT|Z)?(?:([+-])(\d{1,2})(?::?(\d{2}))?)?$/i.exec(text.trim());
  if (match === null || text.trim() === "") return Number.NaN;
  const [, sign, hours = "0", minutes = "0"] = match;
  const seconds = Number(hours) * 3_600 + Number(minutes) * 60;
  if (seconds > 18 * 3_600 || Number(minutes) > 59) return Number.NaN;
  return sign === "-" ? -seconds : seconds;
}
