import { computeReceiptDigest } from "./escrow-receipt.ts";
import { demand, demandFound, type ModelAct, type ModelRules, ZERO_ADDRESS } from "./model-act.ts";
import type { EscrowCase } from "./model-escrow-case.ts";
import {
  acceptDelivered,
  bringUpToDate,
  findNamedBatch,
  judgeUnit,
  refundAndClose,
  settleByCounts,
} from "./model-escrow-lapse.ts";
import type { Row } from "./model-rows.ts";
import { hex } from "./model-state.ts";
import { findGrant } from "./model-submissions.ts";
import type { BodyOf } from "./operations.ts";
import { computeDomainSeparator } from "./typed-hash.ts";

/** Units: delivered, anchored, accepted, rejected, split, redeemed (spec §12.5 to §12.7). */

export const ESCROW_UNIT_RULES = {
  deliver_unit: deliverUnit,
  start_session: startSession,
  anchor_session: anchorSession,
  redeem_receipt: redeemReceipt,
  accept_unit: acceptUnit,
  reject_unit: rejectUnit,
  arbitrate,
} satisfies Partial<ModelRules>;

/** An escrow for an operation of its provider. */
function findForProvider(act: ModelAct, escrowId: Uint8Array): EscrowCase {
  const escrow = bringUpToDate(act, escrowId);
  demand(escrow.row.provider === act.actor, "escrow_sender_not_provider");
  return escrow;
}

function demandFunded(escrow: EscrowCase): void {
  escrow.fillTo(escrow.price);
  demand(escrow.row.held >= escrow.price, "escrow_held_too_low");
}

/** The batch that a provider names, where they sell a stream; otherwise they name none. */
function findSold(
  escrow: EscrowCase,
  batchId: number,
  isOfUnit: (batch: Row<"batches">) => boolean,
): Row<"batches"> | undefined {
  const { stream, act } = escrow;
  if (stream === undefined) {
    demand(batchId === 0, "delivery_batch_unneeded");
    return undefined;
  }
  const batch = demandFound(act.state.get("batches", batchId), "batch_not_found");
  const isKept = act.state.get("batch_bodies", batchId) !== undefined;
  const { retention } = act.state.get("streams", batch.stream_id)!;
  const isDue = retention > 0 && batch.accepted_at + retention <= act.now;
  demand(isKept && !isDue, "batch_archived");
  const isRight = batch.stream_id === stream.stream_id && isOfUnit(batch);
  demand(isRight, "delivery_batch_wrong");
  demand(batch.disproved_group === null, "batch_disproved_already");
  return batch;
}

/** Of a sealed stream the buyer must be able to read the batch while they answer. */
function demandGrant(escrow: EscrowCase, batch: Row<"batches"> | undefined): void {
  const { act, version, stream } = escrow;
  if (batch === undefined || stream?.visibility !== "sealed") return;
  const row = findGrant(act, stream.stream_id, batch.epoch, escrow.row.buyer);
  const isEnough =
    row !== undefined &&
    row.is_revoked === 0 &&
    (row.groups & version.groups) === version.groups &&
    row.expires_at > act.now + escrow.terms.answer_time;
  demand(isEnough, "delivery_grant_missing");
}

function deliverUnit(act: ModelAct, body: BodyOf<"deliver_unit">): void {
  const escrow = findForProvider(act, body.escrowId);
  escrow.demandStatus("active");
  demand(escrow.terms.mode === "pull", "escrow_mode_wrong");
  escrow.demandUnit(body.unit);
  demandFunded(escrow);
  const { last_batch_id } = escrow.row;
  const batch = findSold(escrow, body.batchId, (row) => row.batch_id > last_batch_id);
  const isRight = body.commitment.length === (batch === undefined ? 32 : 0);
  demand(isRight, "delivery_commitment_wrong");
  demandGrant(escrow, batch);

  const answerUntil = act.now + escrow.terms.answer_time;
  const proof = batch?.commitment ?? hex(body.commitment);
  act.notify("UnitDelivered", [escrow.id, body.unit, body.batchId, proof, answerUntil]);
  escrow.change({ last_batch_id: batch?.batch_id ?? last_batch_id });
  if (escrow.isJudged) judgeUnit(escrow, batch!);
  else escrow.change({ status: "delivered", deadline: answerUntil, proof });
}

function startSession(act: ModelAct, body: BodyOf<"start_session">): void {
  const escrow = findForProvider(act, body.escrowId);
  escrow.demandStatus("active");
  demand(escrow.terms.mode === "pubsub", "escrow_mode_wrong");
  escrow.demandUnit(body.unit);
  demandFunded(escrow);
  escrow.startSession();
}

function findSoldInSession(escrow: EscrowCase, batchId: number): Row<"batches"> | undefined {
  const { from_sequence } = escrow.row;
  const batch = findSold(escrow, batchId, (row) => row.first_sequence >= from_sequence);
  demandGrant(escrow, batch);
  return batch;
}

function anchorSession(act: ModelAct, body: BodyOf<"anchor_session">): void {
  const { messageCount, validCount } = body;
  const escrow = findForProvider(act, body.escrowId);
  demand(!escrow.isJudged, "escrow_judged_by_machine");
  escrow.demandStatus("running");
  escrow.demandUnit(body.unit);
  const { started_at, last_batch_id } = escrow.row;
  demand(act.now >= started_at! + escrow.terms.duration, "session_not_over");
  demand(validCount <= messageCount, "session_counts_wrong");
  const batch = findSoldInSession(escrow, body.batchId);
  const [proof, deadline] = [hex(body.root), act.now + escrow.terms.answer_time];
  escrow.change({
    ...{ status: "delivered", deadline, proof },
    ...{ message_count: messageCount, valid_count: validCount },
    last_batch_id: batch?.batch_id ?? last_batch_id,
  });
  const counts = [messageCount, validCount] as const;
  act.notify("SessionAnchored", [escrow.id, body.unit, proof, ...counts, deadline]);
}

function redeemReceipt(act: ModelAct, body: BodyOf<"redeem_receipt">): void {
  const escrow = findForProvider(act, body.escrowId);
  demand(!escrow.isJudged, "escrow_judged_by_machine");
  if (escrow.terms.mode === "pubsub") redeemSession(escrow, body);
  else redeemPulls(escrow, body);
}

function demandSigned(escrow: EscrowCase, body: BodyOf<"redeem_receipt">): void {
  const { act } = escrow;
  const domain = computeDomainSeparator(act.crypto, act.at);
  const digest = computeReceiptDigest(act.crypto, domain, body);
  const isSigned = act.isSignedBy(digest, body.signature, escrow.row.buyer);
  demand(isSigned, "receipt_signature_wrong");
}

function redeemSession(escrow: EscrowCase, body: BodyOf<"redeem_receipt">): void {
  escrow.demandStatus("running", "delivered");
  escrow.demandUnit(body.unit);
  demand(body.validCount <= body.messageCount, "session_counts_wrong");
  findSoldInSession(escrow, body.batchId);
  demandSigned(escrow, body);
  settleByCounts(escrow, body.messageCount, body.validCount);
}

function redeemPulls(escrow: EscrowCase, body: BodyOf<"redeem_receipt">): void {
  escrow.demandStatus("active", "delivered", "ending");
  const { status, held } = escrow.row;
  const { price, stream } = escrow;
  const isBare = body.messageCount === 0 && body.validCount === 0 && body.batchId === 0;
  demand(isBare, "session_counts_wrong");
  const due = body.unit - escrow.unit + 1;
  demand(due >= 1, "receipt_not_needed");
  demand(body.unit <= escrow.terms.unit_count, "escrow_unit_wrong");
  const isSealed = stream?.visibility === "sealed";
  demand(!isSealed || (status === "delivered" && due === 1), "receipt_unit_not_delivered");
  const payable = (held + (status === "ending" ? 0n : escrow.fillable)) / price;
  const count = payable < BigInt(due) ? Number(payable) : due;
  demand(count >= 1, "escrow_held_too_low");
  demandSigned(escrow, body);
  escrow.fillTo(price * BigInt(count));
  escrow.payUnits(count);
  if (status === "ending") escrow.closeIfDone();
  else escrow.goOn();
}

function acceptUnit(act: ModelAct, body: BodyOf<"accept_unit">): void {
  const escrow = bringUpToDate(act, body.escrowId);
  demand(escrow.row.buyer === act.actor, "escrow_sender_not_buyer");
  escrow.demandStatus("delivered");
  escrow.demandUnit(body.unit);
  acceptDelivered(escrow);
}

function rejectUnit(act: ModelAct, body: BodyOf<"reject_unit">): void {
  const escrow = bringUpToDate(act, body.escrowId);
  const { arbiter, arbitration_time, mode } = escrow.terms;
  demand(escrow.row.buyer === act.actor, "escrow_sender_not_buyer");
  demand(!escrow.isJudged, "escrow_judged_by_machine");
  if (body.batchId !== 0) {
    escrow.demandStatus("delivered", "disputed");
    escrow.demandUnit(body.unit);
    const batch = act.state.get("batches", body.batchId);
    const isOfUnit =
      mode === "pull"
        ? batch === findNamedBatch(escrow)
        : batch?.stream_id === escrow.stream?.stream_id &&
          (batch?.first_sequence ?? -1) >= escrow.row.from_sequence;
    const isDisproved = batch !== undefined && batch.disproved_group !== null;
    demand(isDisproved && isOfUnit, "escrow_batch_not_disproved");
    refundAndClose(escrow);
    return;
  }
  escrow.demandStatus("delivered");
  escrow.demandUnit(body.unit);
  if (arbiter === ZERO_ADDRESS) {
    refundAndClose(escrow);
    return;
  }
  const { held, buyer } = escrow.row;
  escrow.pay(buyer, held - escrow.price);
  const deadline = act.now + arbitration_time;
  escrow.change({ status: "disputed", deadline });
  act.notify("UnitDisputed", [escrow.id, body.unit, arbiter, deadline]);
}

function arbitrate(act: ModelAct, body: BodyOf<"arbitrate">): void {
  const escrow = bringUpToDate(act, body.escrowId);
  demand(escrow.terms.arbiter === act.actor, "escrow_sender_not_arbiter");
  escrow.demandStatus("disputed");
  escrow.demandUnit(body.unit);
  demand(body.amount <= escrow.price, "arbitration_over_price");
  if (body.amount === 0n) refundAndClose(escrow);
  else {
    escrow.payUnits(1, body.amount);
    escrow.close("released");
  }
}
