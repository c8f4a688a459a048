import type { BodyOf } from "../../spec/operations.ts";
import { isRefused, type Refused, refuse, TIMED_DETAILS } from "../../spec/refusals.ts";
import { changeEscrow } from "./escrow.ts";
import {
  BATCH_BEFORE_SESSION,
  checkGrant,
  checkMode,
  checkNotJudged,
  checkParty,
  checkStatus,
  checkUnit,
  findSoldBatch,
  refuseBatch,
} from "./escrow-checks.ts";
import { checkMoney } from "./escrow-deliver.ts";
import type { EscrowDraft } from "./escrow-draft.ts";
import { startSession } from "./escrow-settle.ts";
import type { Handlers } from "./operation-context.ts";

export const ESCROW_SESSION_HANDLERS = {
  start_session: changeEscrow(applyStartSession),
  anchor_session: changeEscrow(anchorSession),
} satisfies Partial<Handlers>;

/** §12.7 The provider starts a session; with auto-renew only the first, or one after a pause. */
function applyStartSession(draft: EscrowDraft, body: BodyOf<"start_session">): Refused | undefined {
  const fault =
    checkParty(draft, "provider") ??
    checkStatus(draft, "active") ??
    checkMode(draft, "pubsub") ??
    checkUnit(draft, body.unit) ??
    checkMoney(draft);
  if (fault !== undefined) return fault;
  startSession(draft);
  return undefined;
}

/** §12.7 The provider's word about a session that is over. */
function anchorSession(draft: EscrowDraft, body: BodyOf<"anchor_session">): Refused | undefined {
  const { row, terms, nowSec } = draft;
  const fault =
    checkParty(draft, "provider") ??
    checkNotJudged(draft) ??
    checkStatus(draft, "running") ??
    checkUnit(draft, body.unit);
  if (fault !== undefined) return fault;
  const endsAtSec = (row.startedAtSec ?? 0) + terms.durationSec;
  if (nowSec < endsAtSec)
    return refuse("session_not_over", TIMED_DETAILS.session_not_over, { endsAtSec, nowSec });
  const wrong = checkCounts(body) ?? checkSessionBatch(draft, body.batchId);
  if (wrong !== undefined) return wrong;

  const { messageCount, validCount, root } = body;
  row.status = "delivered";
  row.proof = root;
  row.messageCount = messageCount;
  row.validCount = validCount;
  row.deadlineSec = nowSec + draft.head.answerTimeSec;
  if (body.batchId !== 0) row.lastBatchId = body.batchId;
  draft.tell("SessionAnchored", [
    draft.id,
    body.unit,
    root,
    messageCount,
    validCount,
    row.deadlineSec,
  ]);
  return undefined;
}

/** No more valid messages than messages. */
export function checkCounts(counts: {
  readonly messageCount: number;
  readonly validCount: number;
}): Refused | undefined {
  if (counts.validCount <= counts.messageCount) return undefined;
  return refuse("session_counts_wrong", "{validCount} valid of {messageCount}", counts);
}

/** A batch that was sent since the session started, where the service sells a stream. */
export function checkSessionBatch(draft: EscrowDraft, batchId: number): Refused | undefined {
  if (draft.service.streamId === 0) {
    if (batchId === 0) return undefined;
    return refuseBatch(draft, batchId);
  }
  const { fromSequence } = draft.row;
  const head = findSoldBatch(draft, batchId, (found) =>
    found.firstSequence >= fromSequence
      ? undefined
      : refuse("delivery_batch_wrong", BATCH_BEFORE_SESSION, { ...found, fromSequence }),
  );
  return isRefused(head) ? head : checkGrant(draft, head);
}
