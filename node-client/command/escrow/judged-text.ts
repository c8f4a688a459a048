import type { JudgedReadings, SessionTime } from "../../client/escrow/judged-readings.ts";
import { countOf } from "../../count-of.ts";
import { formatTime } from "../terminal/format-csv.ts";

/**
 * Which readings a judgement counts, and which not and why.
 *
 * @param session Absent for a unit: all readings of its batch count.
 * @example
 * formatJudged(counts); // "12 readings count, 9 of them valid"
 */
export function formatJudged(counts: JudgedReadings, session?: SessionTime): string {
  const { messageCount, validCount, earlyCount, lateCount, beyondCount } = counts;
  const counted =
    messageCount === 0
      ? "no reading counts"
      : `${countOf(messageCount, "reading")} ${messageCount === 1 ? "counts" : "count"}, ${validCount} of them valid`;
  if (session === undefined) return counted;
  const left = [
    earlyCount > 0 && `${earlyCount} with a device time before ${formatTime(session.startedAtSec)}`,
    lateCount > 0 && `${lateCount} with a device time of ${formatTime(session.endsAtSec)} or later`,
    beyondCount > 0 && `${beyondCount} beyond the batches and readings of one judgement`,
  ].filter((part) => part !== false);
  return left.length === 0 ? counted : `${counted}; left out: ${left.join(", ")}`;
}
