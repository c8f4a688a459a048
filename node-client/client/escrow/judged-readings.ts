import { decodeOpenBody } from "../../../spec/batch-body.ts";
import { JUDGED_BATCHES_MAX, JUDGED_READINGS_MAX } from "../../../spec/limits.ts";
import { judgeReadings, type Predicate } from "../../../spec/predicate.ts";
import type { Metric } from "../../../spec/readings.ts";
import type { StoredBatch } from "../buyer/read-sealed.ts";

/** A session's time: from its start on, before its end. Unix seconds. */
export interface SessionTime {
  readonly startedAtSec: number;
  readonly endsAtSec: number;
}

/** How a predicate finds readings, and which of them do not count (spec §12.8). */
export interface JudgedReadings {
  /** Readings that count. */
  readonly messageCount: number;
  /** Those of them that the predicate holds for. */
  readonly validCount: number;
  /** Left out: the device's time is before the session's start. */
  readonly earlyCount: number;
  /** Left out: the device's time is at the session's end or after it. */
  readonly lateCount: number;
  /** Left out: their batches are more than one judgement looks at. */
  readonly beyondCount: number;
}

type JudgedBatch = Pick<StoredBatch, "batchId" | "body" | "readingCount">;

/**
 * Counts readings of an open stream as the machine judges them: batches that are archived are none.
 *
 * @param batches Of a unit: the delivered one. Of a session: those from its first sequence on.
 * @param session Absent for a unit: all readings of its batch count.
 * @throws RangeError where a batch is not one of the metrics.
 */
export function countJudged(
  predicate: Predicate,
  metrics: readonly Metric[],
  batches: readonly JudgedBatch[],
  session?: SessionTime,
): JudgedReadings {
  const counts = { messageCount: 0, validCount: 0, earlyCount: 0, lateCount: 0, beyondCount: 0 };
  let seenCount = 0;
  let isBeyond = false;
  const kept = batches.flatMap(({ body, ...batch }) => (body === null ? [] : { ...batch, body }));
  kept.forEach(({ batchId, body, readingCount }, position) => {
    seenCount += readingCount;
    isBeyond ||=
      session !== undefined && (position >= JUDGED_BATCHES_MAX || seenCount > JUDGED_READINGS_MAX);
    if (isBeyond) {
      counts.beyondCount += readingCount;
      return;
    }
    const decoded = decodeOpenBody(body, metrics, readingCount);
    if (decoded === undefined) throw new RangeError(`batch ${batchId} is not of these metrics`);
    const verdicts = judgeReadings(predicate, metrics, decoded.columns, readingCount);
    for (let i = 0; i < readingCount; i++) {
      const timeSec = decoded.times[i]!;
      if (session !== undefined && timeSec < session.startedAtSec) counts.earlyCount += 1;
      else if (session !== undefined && timeSec >= session.endsAtSec) counts.lateCount += 1;
      else {
        counts.messageCount += 1;
        counts.validCount += verdicts[i]!;
      }
    }
  });
  return counts;
}
