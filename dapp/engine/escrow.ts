import type { EscrowBody } from "../../spec/escrow-operations.ts";
import { isRefused, type Refused, refuse, TIMED_DETAILS } from "../../spec/refusals.ts";
import { acceptIntent } from "./escrow-accept.ts";
import { acceptUnit, arbitrate, rejectUnit } from "./escrow-answer.ts";
import { deliverUnit } from "./escrow-deliver.ts";
import { type EscrowDraft, findEscrow, isTerminal } from "./escrow-draft.ts";
import { applyLapse } from "./escrow-lapse.ts";
import { endEscrow, fundEscrow, setAutoFill } from "./escrow-manage.ts";
import { openEscrow, openIntent } from "./escrow-open.ts";
import { redeemReceipt } from "./escrow-redeem.ts";
import { anchorSession, applyStartSession } from "./escrow-session.ts";
import type { OperationContext, Outcome } from "./operation-context.ts";

/** §12 Escrows: openings, and operations on one that exists. */
export function applyEscrow(body: EscrowBody, context: OperationContext): Outcome {
  if (body.kind === "open_escrow") return openEscrow(body, context);
  if (body.kind === "open_intent") return openIntent(body, context);
  const draft = findEscrow(context, body.escrowId);
  if (isRefused(draft)) return draft;
  const hasLapsed = applyLapse(draft);
  if (typeof hasLapsed !== "boolean") return hasLapsed;
  if (body.kind === "poke_escrow") {
    return hasLapsed ? draft.commit() : refuseNothingDue(draft);
  }
  if (isTerminal(draft.row.status)) return refuse("escrow_closed", "it is {status}", draft.row);
  return changeDraft(draft, body) ?? draft.commit();
}

type Opening = Extract<EscrowBody, { kind: "open_escrow" | "open_intent" | "poke_escrow" }>;

function changeDraft(draft: EscrowDraft, body: Exclude<EscrowBody, Opening>): Refused | undefined {
  switch (body.kind) {
    case "accept_intent":
      return acceptIntent(draft, body);
    case "deliver_unit":
      return deliverUnit(draft, body);
    case "start_session":
      return applyStartSession(draft, body);
    case "anchor_session":
      return anchorSession(draft, body);
    case "redeem_receipt":
      return redeemReceipt(draft, body);
    case "accept_unit":
      return acceptUnit(draft, body);
    case "reject_unit":
      return rejectUnit(draft, body);
    case "arbitrate":
      return arbitrate(draft, body);
    case "end_escrow":
      return endEscrow(draft);
    case "fund_escrow":
      return fundEscrow(draft, body);
    case "set_auto_fill":
      return setAutoFill(draft, body);
  }
}

const refuseNothingDue = ({ row, nowSec }: EscrowDraft): Refused =>
  row.deadlineSec === null
    ? refuse("escrow_nothing_due", "it is {status}", row)
    : refuse("escrow_nothing_due", TIMED_DETAILS.escrow_nothing_due, { ...row, nowSec });
