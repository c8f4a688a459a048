import type { RedeemReceipt } from "../../spec/escrow-operations.ts";
import { computeReceiptDigest } from "../../spec/escrow-receipt.ts";
import { type Refused, refuse } from "../../spec/refusals.ts";
import { computeDomainSeparator } from "../../spec/typed-hash.ts";
import { equalBytes } from "../../spec/words.ts";
import { checkNotJudged, checkParty, checkStatus, checkUnit } from "./escrow-checks.ts";
import type { EscrowDraft } from "./escrow-draft.ts";
import { checkCounts, checkSessionBatch } from "./escrow-session.ts";
import { closeEscrow, fillUp, goOn, payUnits, settleByCounts } from "./escrow-settle.ts";
import { hex } from "./operation-context.ts";

/** §12.6 The provider redeems what the buyer signed off chain. */
export function redeemReceipt(draft: EscrowDraft, body: RedeemReceipt): Refused | undefined {
  const fault = checkParty(draft, "provider") ?? checkNotJudged(draft);
  if (fault !== undefined) return fault;
  return draft.terms.mode === "pull" ? redeemPulls(draft, body) : redeemSession(draft, body);
}

/** The buyer accepts so many units in all; what was not yet settled of them is paid. */
function redeemPulls(draft: EscrowDraft, body: RedeemReceipt): Refused | undefined {
  const { row, terms, price } = draft;
  const fault = checkStatus(draft, "active", "delivered", "ending");
  if (fault !== undefined) return fault;
  if (body.messageCount !== 0 || body.validCount !== 0 || body.batchId !== 0) {
    return refuse("session_counts_wrong", "a pull has no counts and no batch");
  }
  const due = body.unit - row.paidUnits - row.refundedUnits;
  if (due < 1) return refuse("receipt_not_needed", `unit ${draft.unit} is the next`);
  if (body.unit > terms.unitCount) {
    return refuse("escrow_unit_wrong", `there are ${terms.unitCount}`);
  }
  if (draft.service.groups !== 0 && (row.status !== "delivered" || due !== 1)) {
    return refuse("receipt_unit_not_delivered", "batch and grant come first");
  }
  const count = computePayable(draft, due);
  if (count < 1) return refuse("escrow_held_too_low", `holds ${row.held}, a unit costs ${price}`);
  const unsigned = checkSignature(draft, body);
  if (unsigned !== undefined) return unsigned;

  const isEnding = row.status === "ending";
  fillUp(draft, BigInt(count) * price);
  payUnits(draft, count, BigInt(count) * price);
  if (!isEnding) goOn(draft);
  else if (draft.unit > terms.unitCount) closeEscrow(draft);
  return undefined;
}

/** How many of the units due there is money for; nothing is filled any more once it ends. */
function computePayable(draft: EscrowDraft, due: number): number {
  const { row, price } = draft;
  const balance = draft.getBalance(row.buyer);
  const fillable = row.fillLeft < balance ? row.fillLeft : balance;
  const available = row.status === "ending" ? row.held : row.held + fillable;
  const count = available / price;
  return count < BigInt(due) ? Number(count) : due;
}

/** The buyer's counts of the session, over or not, anchored or not. */
function redeemSession(draft: EscrowDraft, body: RedeemReceipt): Refused | undefined {
  const fault =
    checkStatus(draft, "running", "delivered") ??
    checkUnit(draft, body.unit) ??
    checkCounts(body) ??
    checkSessionBatch(draft, body.batchId) ??
    checkSignature(draft, body);
  if (fault !== undefined) return fault;
  settleByCounts(draft, body);
  return undefined;
}

function checkSignature(draft: EscrowDraft, body: RedeemReceipt): Refused | undefined {
  const { crypto, at, budget } = draft.context;
  if (budget.signatures <= 0) return refuse("operation_signatures_over_bounds");
  budget.signatures -= 1;
  const domain = computeDomainSeparator(crypto, at);
  const digest = computeReceiptDigest(crypto, domain, body);
  const signer = crypto.recoverAddress(digest, body.signature);
  const { buyer } = draft.row;
  if (signer !== undefined && equalBytes(signer, buyer)) return undefined;
  return refuse("receipt_signature_wrong", `not signed by ${hex(buyer)}`);
}
