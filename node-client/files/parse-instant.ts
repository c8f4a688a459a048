import { parseTimeText } from "./parse-time.ts";
import { parsedTime } from "./time-text.ts";

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
