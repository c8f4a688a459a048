import { ESCROW_ENDINGS, type EscrowEnding } from "../../spec/escrow-operations.ts";
import { areThresholdsMet } from "../../spec/predicate.ts";
import { subtract } from "./amounts.ts";
import type { EscrowDraft } from "./escrow-draft.ts";
import { getHighestBatchId } from "./retention.ts";
import type { EscrowRow } from "./store.ts";

/** §12.4 How units are settled and escrows end. Everything here changes the draft only. */

/** Pays the next units, all of one price unless an arbiter says otherwise. */
export function payUnits(draft: EscrowDraft, count: number, amount: bigint): void {
  const payee = draft.service.paymentAddress;
  draft.tell("UnitsReleased", [draft.id, draft.unit, count, payee, amount]);
  draft.pay(payee, amount);
  draft.row.paidUnits += count;
  forgetUnit(draft);
}

/** Gives the price of the unit back to the buyer. */
export function refundUnit(draft: EscrowDraft): void {
  draft.tell("UnitRefunded", [draft.id, draft.unit, draft.price]);
  draft.pay(draft.row.buyer, draft.price);
  draft.row.refundedUnits += 1;
  forgetUnit(draft);
}

/** Pays the unit or refunds it, and goes on. */
export function settleUnit(draft: EscrowDraft, isPaid: boolean): void {
  if (isPaid) payUnits(draft, 1, draft.price);
  else refundUnit(draft);
  goOn(draft);
}

/** §12.7 The thresholds decide over the unit. */
export function settleByCounts(
  draft: EscrowDraft,
  counts: { readonly messageCount: number; readonly validCount: number },
): void {
  settleUnit(draft, areThresholdsMet(draft.terms, counts.messageCount, counts.validCount));
}

/** What comes after a settlement: the end, or the next unit with the money for it. */
export function goOn(draft: EscrowDraft): void {
  const { row, head } = draft;
  const isPubsub = draft.mode === "pubsub";
  const isLast = row.paidUnits + row.refundedUnits === head.unitCount;
  if (isLast || (isPubsub && !draft.terms.autoRenew)) {
    closeEscrow(draft);
    return;
  }
  if (fillUp(draft, draft.price)) {
    if (isPubsub) startSession(draft);
    else awaitUnit(draft);
    return;
  }
  draft.tell("EscrowLow", [draft.id, row.held, draft.price]);
  awaitUnit(draft);
}

/** The provider's time for the next unit begins. */
export function awaitUnit(draft: EscrowDraft): void {
  draft.row.status = "active";
  draft.row.deadlineSec = draft.nowSec + draft.head.deliveryTimeSec;
}

/** §12.7 The next session starts now. */
export function startSession(draft: EscrowDraft): void {
  const { row, terms, nowSec, service } = draft;
  const { store } = draft.context;
  row.status = "running";
  row.startedAtSec = nowSec;
  row.fromSequence =
    service.streamId === 0 ? 0 : (store.streams.get(service.streamId)?.nextSequence ?? 0);
  row.lastBatchId = getHighestBatchId(store);
  const endsAtSec = nowSec + terms.durationSec;
  row.deadlineSec = endsAtSec + draft.head.answerTimeSec;
  draft.tell("SessionStarted", [draft.id, draft.unit, nowSec, endsAtSec]);
}

/** What auto-fill can still draw; nothing more is filled once the escrow ends. */
export function computeFillable(draft: EscrowDraft): bigint {
  const { row } = draft;
  if (row.status === "ending") return 0n;
  const balance = draft.getBalance(row.buyer);
  return row.fillLeft < balance ? row.fillLeft : balance;
}

/**
 * Auto-fill: draws what is missing to `needed` from the buyer's balance, all or nothing.
 *
 * @returns Whether `needed` is held now.
 */
export function fillUp(draft: EscrowDraft, needed: bigint): boolean {
  const { row } = draft;
  const missing = needed - row.held;
  if (missing <= 0n) return true;
  if (row.fillLeft < missing || draft.getBalance(row.buyer) < missing) return false;
  draft.receive(row.buyer, missing);
  row.fillLeft = subtract(row.fillLeft, missing);
  draft.tell("EscrowFunded", [draft.id, row.buyer, missing, true]);
  return true;
}

/** Released if a unit was paid, else refunded, unless a rule says otherwise. */
export const computeEnding = ({ paidUnits }: Pick<EscrowRow, "paidUnits">): EscrowEnding =>
  paidUnits > 0 ? "released" : "refunded";

/** Returns what is held. */
export function closeEscrow(draft: EscrowDraft, ending = computeEnding(draft.row)): void {
  const { row } = draft;
  const returned = row.held;
  draft.pay(row.buyer, returned);
  row.status = ending;
  row.deadlineSec = null;
  draft.tell("EscrowClosed", [draft.id, ESCROW_ENDINGS[ending], returned]);
}

/** The unit goes back to the buyer and the escrow is over, whatever was paid before. */
export function refundAndClose(draft: EscrowDraft): void {
  refundUnit(draft);
  closeEscrow(draft, "refunded");
}

/** §12.12 What is known of a unit ends with it. */
function forgetUnit({ row }: EscrowDraft): void {
  row.proof = null;
  row.messageCount = 0;
  row.validCount = 0;
  row.startedAtSec = null;
  row.fromSequence = 0;
}
