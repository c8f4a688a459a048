import type { BodyOf } from "../../spec/operations.ts";
import { type Refused, refuse } from "../../spec/refusals.ts";
import { checkBalance } from "./balances.ts";
import { changeEscrow } from "./escrow.ts";
import { checkParty, checkStatus, isParty } from "./escrow-checks.ts";
import type { EscrowDraft } from "./escrow-draft.ts";
import { closeEscrow, refundUnit } from "./escrow-settle.ts";
import type { Handlers } from "./operation-context.ts";

export const ESCROW_MANAGEMENT_HANDLERS = {
  end_escrow: changeEscrow(endEscrow),
  fund_escrow: changeEscrow(fundEscrow),
  set_auto_fill: changeEscrow(setAutoFill),
} satisfies Partial<Handlers>;

/** §12.9 Buyer or provider ends the escrow before its last unit. */
function endEscrow(draft: EscrowDraft): Refused | undefined {
  const { row, head, nowSec } = draft;
  if (isParty(draft, "provider")) {
    const fault = checkStatus(draft, "active", "running", "delivered", "ending");
    if (fault !== undefined) return fault;
    if (row.status === "running" || row.status === "delivered") refundUnit(draft);
    closeEscrow(draft);
    return undefined;
  }
  if (!isParty(draft, "buyer")) return refuseStranger(draft);
  const fault = checkStatus(draft, "offered", "active");
  if (fault !== undefined) return fault;
  if (row.status === "offered") {
    closeEscrow(draft);
    return undefined;
  }
  // What the buyer has signed can still be redeemed for a while.
  row.status = "ending";
  row.deadlineSec = nowSec + head.answerTimeSec;
  draft.tell("EscrowEnding", [draft.id, row.deadlineSec]);
  return undefined;
}

function refuseStranger({ row, context }: EscrowDraft): Refused {
  const provider = row.provider === null ? "it has no provider" : "the provider {provider}";
  const detail = `the buyer is {buyer}, ${provider}, not {actor}` as const;
  return refuse("escrow_sender_not_party", detail, { ...row, actor: context.actor });
}

/** §12.9 Anybody adds money; what is not used becomes the buyer's. */
function fundEscrow(draft: EscrowDraft, body: BodyOf<"fund_escrow">): Refused | undefined {
  const { actor } = draft.context;
  const { amount } = body;
  if (amount === 0n) return refuse("amount_zero", "the amount is 0");
  const poor = checkBalance(draft.getBalance(actor), draft.token, amount);
  if (poor !== undefined) return poor;
  draft.receive(actor, amount);
  draft.tell("EscrowFunded", [draft.id, actor, amount, false]);
  return undefined;
}

/** §12.9 The buyer says how much may yet be drawn from their balance. */
function setAutoFill(draft: EscrowDraft, body: BodyOf<"set_auto_fill">): Refused | undefined {
  const fault = checkParty(draft, "buyer");
  if (fault !== undefined) return fault;
  draft.row.fillLeft = body.limit;
  draft.tell("AutoFillSet", [draft.id, body.limit]);
  return undefined;
}
