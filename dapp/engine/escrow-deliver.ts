import type { BodyOf } from "../../spec/operations.ts";
import { isRefused, type Refused, refuse } from "../../spec/refusals.ts";
import { changeEscrow } from "./escrow.ts";
import {
  checkGrant,
  checkMode,
  checkParty,
  checkStatus,
  checkUnit,
  findSoldBatch,
  refuseBatch,
  refuseMoney,
} from "./escrow-checks.ts";
import type { EscrowDraft } from "./escrow-draft.ts";
import { judgeBatch } from "./escrow-judge.ts";
import { fillUp, settleByCounts } from "./escrow-settle.ts";
import type { Handlers } from "./operation-context.ts";
import type { BatchHead } from "./store.ts";

export const ESCROW_DELIVERY_HANDLERS = {
  deliver_unit: changeEscrow(deliverUnit),
} satisfies Partial<Handlers>;

/** §12.5 The provider delivers the next pull. */
function deliverUnit(draft: EscrowDraft, body: BodyOf<"deliver_unit">): Refused | undefined {
  const fault =
    checkParty(draft, "provider") ??
    checkStatus(draft, "active") ??
    checkMode(draft, "pull") ??
    checkUnit(draft, body.unit) ??
    checkMoney(draft);
  if (fault !== undefined) return fault;
  const head = draft.service.streamId === 0 ? undefined : findDelivered(draft, body);
  if (head !== undefined && isRefused(head)) return head;
  if (head === undefined) {
    if (body.batchId !== 0) return refuseBatch(draft, body.batchId);
    if (body.commitment.length === 0) {
      const detail = "it has 0 bytes, 32 stand for what was delivered";
      return refuse("delivery_commitment_wrong", detail);
    }
  }

  const { row, nowSec } = draft;
  const commitment = head?.commitment ?? body.commitment;
  const answerUntilSec = nowSec + draft.head.answerTimeSec;
  draft.tell("UnitDelivered", [draft.id, body.unit, body.batchId, commitment, answerUntilSec]);
  if (head !== undefined) row.lastBatchId = head.batchId;
  if (head !== undefined && draft.terms.predicate.length > 0) {
    const counts = judgeBatch(draft, head);
    if (isRefused(counts)) return counts;
    settleByCounts(draft, counts);
    return undefined;
  }
  row.status = "delivered";
  row.proof = commitment;
  row.deadlineSec = answerUntilSec;
  return undefined;
}

/** Money for a unit, auto-filled if need be, so that money which came late serves. */
export function checkMoney(draft: EscrowDraft): Refused | undefined {
  return fillUp(draft, draft.price) ? undefined : refuseMoney(draft);
}

/** A batch that was not there at the unit before: nothing old is sold, nothing twice. */
function findDelivered(draft: EscrowDraft, body: BodyOf<"deliver_unit">): BatchHead | Refused {
  const { lastBatchId } = draft.row;
  const head = findSoldBatch(draft, body.batchId, ({ batchId }) => {
    if (batchId > lastBatchId) return undefined;
    const detail = "batch {batchId} is not younger than {lastBatchId}";
    return refuse("delivery_batch_wrong", detail, { batchId, lastBatchId });
  });
  if (isRefused(head)) return head;
  if (body.commitment.length > 0) {
    const detail = "{commitment} is given, batch {batchId} has its own";
    return refuse("delivery_commitment_wrong", detail, body);
  }
  return checkGrant(draft, head) ?? head;
}
