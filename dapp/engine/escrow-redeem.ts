import { computeReceiptDigest } from "../../spec/escrow-receipt.ts";
import type { BodyOf } from "../../spec/operations.ts";
import { type Refused, refuse } from "../../spec/refusals.ts";
import { computeDomainSeparator } from "../../spec/typed-hash.ts";
import { checkSigner } from "./budget.ts";
import { changeEscrow } from "./escrow.ts";
import {
  checkNotJudged,
  checkParty,
  checkStatus,
  checkUnit,
  refuseMoney,
} from "./escrow-checks.ts";
import type { EscrowDraft } from "./escrow-draft.ts";
import { checkCounts, checkSessionBatch } from "./escrow-session.ts";
import {
  closeEscrow,
  computeFillable,
  fillUp,
  goOn,
  payUnits,
  settleByCounts,
} from "./escrow-settle.ts";
import type { Handlers } from "./operation-context.ts";

export const ESCROW_RECEIPT_HANDLERS = {
  redeem_receipt: changeEscrow(redeemReceipt),
} satisfies Partial<Handlers>;

/** §12.6 The provider redeems what the buyer signed off chain. */
function redeemReceipt(draft: EscrowDraft, body: BodyOf<"redeem_receipt">): Refused | undefined {
  const fault = checkParty(draft, "provider") ?? checkNotJudged(draft);
  if (fault !== undefined) return fault;
  return draft.mode === "pull" ? redeemPulls(draft, body) : redeemSession(draft, body);
}

/** The buyer accepts so many units in all; what was not yet settled of them is paid. */
function redeemPulls(draft: EscrowDraft, body: BodyOf<"redeem_receipt">): Refused | undefined {
  const { row, price, unit: nextUnit } = draft;
  const { unitCount } = draft.head;
  const fault = checkStatus(draft, "active", "delivered", "ending");
  if (fault !== undefined) return fault;
  if (body.messageCount !== 0 || body.validCount !== 0 || body.batchId !== 0) {
    const detail = "{validCount} valid of {messageCount} and batch {batchId}: a pull has none";
    return refuse("session_counts_wrong", detail, body);
  }
  const due = body.unit - row.paidUnits - row.refundedUnits;
  if (due < 1) {
    const detail = "it accepts {unit} units, the next is unit {nextUnit}";
    return refuse("receipt_not_needed", detail, { unit: body.unit, nextUnit });
  }
  if (body.unit > unitCount) {
    const detail = "it accepts {unit} units, the escrow has {unitCount}";
    return refuse("escrow_unit_wrong", detail, { unit: body.unit, unitCount });
  }
  if (draft.service.groups !== 0 && (row.status !== "delivered" || due !== 1)) {
    const detail = "it accepts {unit} units, unit {nextUnit} is next and {status}";
    return refuse("receipt_unit_not_delivered", detail, { ...row, unit: body.unit, nextUnit });
  }
  const count = computePayable(draft, due);
  if (count < 1) return refuseMoney(draft);
  const unsigned = checkSignature(draft, body);
  if (unsigned !== undefined) return unsigned;

  const isEnding = row.status === "ending";
  fillUp(draft, BigInt(count) * price);
  payUnits(draft, count, BigInt(count) * price);
  if (!isEnding) goOn(draft);
  else if (draft.unit > unitCount) closeEscrow(draft);
  return undefined;
}

/** How many of the units due there is money for. */
function computePayable(draft: EscrowDraft, due: number): number {
  const { row, price } = draft;
  const available = row.held + computeFillable(draft);
  const count = available / price;
  return count < BigInt(due) ? Number(count) : due;
}

/** The buyer's counts of the session, over or not, anchored or not. */
function redeemSession(draft: EscrowDraft, body: BodyOf<"redeem_receipt">): Refused | undefined {
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

function checkSignature(draft: EscrowDraft, body: BodyOf<"redeem_receipt">): Refused | undefined {
  const { crypto, at } = draft.context;
  const { buyer } = draft.row;
  const digest = () => computeReceiptDigest(crypto, computeDomainSeparator(crypto, at), body);
  return checkSigner(draft.context, body.signature, digest, [buyer], (signer) => {
    const detail = "signed by {signer}, not by the buyer {buyer}";
    return refuse("receipt_signature_wrong", detail, { signer, buyer });
  });
}
