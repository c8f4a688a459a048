import { JUDGED_BATCHES_MAX, JUDGED_READINGS_MAX } from "../../spec/limits.ts";
import { decodePredicate, judgeReadings } from "../../spec/predicate.ts";
import type { Refused } from "../../spec/refusals.ts";
import { spendReadings } from "./budget.ts";
import type { EscrowDraft } from "./escrow-draft.ts";
import { invariant } from "./invariant.ts";
import { getBody, readBody } from "./open-body.ts";
import type { BatchHead } from "./store.ts";

/** §12.8 The machine judges by the buyer's predicate: nobody has to be believed. */

interface JudgedCounts {
  readonly messageCount: number;
  readonly validCount: number;
}

/** A delivered batch: all its readings. */
export function judgeBatch(draft: EscrowDraft, head: BatchHead): JudgedCounts | Refused {
  return judge(draft, [head], () => true);
}

/** A session that is over: the readings of its time in its stream's first batches that are kept. */
export function judgeSession(draft: EscrowDraft): JudgedCounts | Refused {
  const { row, service, terms, context } = draft;
  const { startedAtSec } = row;
  invariant(startedAtSec !== null, "a running session has started");
  const endsAtSec = startedAtSec + terms.durationSec;
  const { store } = context;
  const keptFrom = store.streams.get(service.streamId)?.keptFrom;
  invariant(keptFrom !== undefined, "a predicate judges a stream");
  const from = Math.max(row.fromSequence, keptFrom);
  const heads = store.listBatchHeads(service.streamId, from, JUDGED_BATCHES_MAX);
  return judge(draft, takeWithinBounds(heads), (timeSec) => {
    return timeSec >= startedAtSec && timeSec < endsAtSec;
  });
}

/** As many as stay within the readings of one judgement. */
function takeWithinBounds(heads: readonly BatchHead[]): readonly BatchHead[] {
  let readingCount = 0;
  const beyond = heads.findIndex((head) => {
    readingCount += head.readingCount;
    return readingCount > JUDGED_READINGS_MAX;
  });
  return beyond === -1 ? heads : heads.slice(0, beyond);
}

/** Spends the batches' readings, then counts those in time and those that hold. */
function judge(
  draft: EscrowDraft,
  heads: readonly BatchHead[],
  isInTime: (timeSec: number) => boolean,
): JudgedCounts | Refused {
  const { store, budget } = draft.context;
  const readingCount = heads.reduce((sum, head) => sum + head.readingCount, 0);
  const spent = spendReadings(budget, readingCount);
  if (spent !== undefined) return spent;
  const metrics = store.getMetrics(draft.service.streamId);
  const predicate = decodePredicate(draft.terms.predicate);
  invariant(predicate !== undefined, "an accepted predicate decodes");
  let messageCount = 0;
  let validCount = 0;
  for (const head of heads) {
    const body = readBody(getBody(store, head.batchId), head, metrics);
    const verdicts = judgeReadings(predicate, metrics, body.columns, head.readingCount);
    for (let i = 0; i < head.readingCount; i++) {
      if (!isInTime(body.times[i]!)) continue;
      messageCount += 1;
      validCount += verdicts[i]!;
    }
  }
  return { messageCount, validCount };
}
