import type { BodyOf } from "../../spec/operations.ts";
import { type Refused, refuse } from "../../spec/refusals.ts";
import { isZero } from "../../spec/words.ts";
import { changeEscrow } from "./escrow.ts";
import {
  BATCH_BEFORE_SESSION,
  BATCH_ELSEWHERE,
  checkNotJudged,
  checkParty,
  checkStatus,
  checkUnit,
} from "./escrow-checks.ts";
import type { EscrowDraft } from "./escrow-draft.ts";
import {
  closeEscrow,
  payUnits,
  refundAndClose,
  settleByCounts,
  settleUnit,
} from "./escrow-settle.ts";
import type { Handlers } from "./operation-context.ts";

export const ESCROW_ANSWER_HANDLERS = {
  accept_unit: changeEscrow(acceptUnit),
  reject_unit: changeEscrow(rejectUnit),
  arbitrate: changeEscrow(arbitrate),
} satisfies Partial<Handlers>;

/** §12.5, §12.7 The buyer takes the delivered pull, or lets the anchored counts judge. */
function acceptUnit(draft: EscrowDraft, body: BodyOf<"accept_unit">): Refused | undefined {
  const fault =
    checkParty(draft, "buyer") ?? checkStatus(draft, "delivered") ?? checkUnit(draft, body.unit);
  if (fault !== undefined) return fault;
  if (draft.mode === "pull") settleUnit(draft, true);
  else settleByCounts(draft, draft.row);
  return undefined;
}

/** §12.5 The buyer refuses the unit: proven fraud, the arbiter's case, or the end. */
function rejectUnit(draft: EscrowDraft, body: BodyOf<"reject_unit">): Refused | undefined {
  const isProven = body.batchId !== 0;
  const fault =
    checkParty(draft, "buyer") ??
    checkNotJudged(draft) ??
    (isProven ? checkStatus(draft, "delivered", "disputed") : checkStatus(draft, "delivered")) ??
    checkUnit(draft, body.unit);
  if (fault !== undefined) return fault;
  const unproven = isProven ? findUnproven(draft, body.batchId) : undefined;
  if (unproven !== undefined) return unproven;
  const { row, terms } = draft;
  if (isProven || isZero(terms.arbiter)) {
    refundAndClose(draft);
    return undefined;
  }
  draft.pay(row.buyer, row.held - draft.price);
  row.status = "disputed";
  row.deadlineSec = draft.nowSec + terms.arbitrationTimeSec;
  draft.tell("UnitDisputed", [draft.id, body.unit, terms.arbiter, row.deadlineSec]);
  return undefined;
}

/** §12.5 The arbiter splits the unit; the escrow is over. */
function arbitrate(draft: EscrowDraft, body: BodyOf<"arbitrate">): Refused | undefined {
  const { amount } = body;
  const fault =
    checkParty(draft, "arbiter") ?? checkStatus(draft, "disputed") ?? checkUnit(draft, body.unit);
  if (fault !== undefined) return fault;
  const { price } = draft;
  if (amount > price) {
    return refuse("arbitration_over_price", "gives {amount}, a unit costs {price}", {
      amount,
      price,
    });
  }
  if (amount === 0n) {
    refundAndClose(draft);
    return undefined;
  }
  payUnits(draft, 1, amount);
  closeEscrow(draft, "released");
  return undefined;
}

/**
 * Why a batch proves no fraud of the unit, if it does not. Pull: the delivered batch does. Pubsub:
 * any batch of the stream that was sent in the session.
 */
function findUnproven(draft: EscrowDraft, batchId: number): Refused | undefined {
  const { streamId: soldStreamId } = draft.service;
  const { lastBatchId, fromSequence } = draft.row;
  const refusal = "escrow_batch_not_disproved";
  const head = draft.context.store.getBatchHead(batchId);
  if (head === undefined) return refuse(refusal, "there is no batch {batchId}", { batchId });
  if (head.disprovedGroup === null)
    return refuse(refusal, "batch {batchId} is not disproved", head);
  if (head.streamId !== soldStreamId)
    return refuse(refusal, BATCH_ELSEWHERE, { ...head, soldStreamId });
  if (draft.mode === "pull") {
    if (batchId === lastBatchId) return undefined;
    const detail = "batch {lastBatchId} was delivered, not {batchId}";
    return refuse(refusal, detail, { batchId, lastBatchId });
  }
  if (head.firstSequence >= fromSequence) return undefined;
  return refuse(refusal, BATCH_BEFORE_SESSION, { ...head, fromSequence });
}
