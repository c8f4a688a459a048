import { isRefused, type Refused, refuse, TIMED_DETAILS } from "../../spec/refusals.ts";
import { type EscrowDraft, findEscrow, isTerminal } from "./escrow-draft.ts";
import { applyLapse } from "./escrow-lapse.ts";
import type { Handlers, OperationContext, Outcome } from "./operation-context.ts";

export const ESCROW_HANDLERS = { poke_escrow: applyPoke } satisfies Partial<Handlers>;

type OnEscrow = { readonly escrowId: Uint8Array };

/** §12.3 Applies an operation on an escrow that is there: first what has lapsed, then `change`. */
export function changeEscrow<Body extends OnEscrow>(
  change: (draft: EscrowDraft, body: Body) => Refused | undefined,
): (body: Body, context: OperationContext) => Outcome {
  return (body, context) => {
    const draft = findEscrow(context, body.escrowId);
    if (isRefused(draft)) return draft;
    const hasLapsed = applyLapse(draft);
    if (typeof hasLapsed !== "boolean") return hasLapsed;
    if (isTerminal(draft.row.status)) return refuse("escrow_closed", "it is {status}", draft.row);
    return change(draft, body) ?? draft.commit();
  };
}

/** §12.3 Anybody has applied what time has decided. */
function applyPoke({ escrowId }: OnEscrow, context: OperationContext): Outcome {
  const draft = findEscrow(context, escrowId);
  if (isRefused(draft)) return draft;
  const hasLapsed = applyLapse(draft);
  if (typeof hasLapsed !== "boolean") return hasLapsed;
  return hasLapsed ? draft.commit() : refuseNothingDue(draft);
}

const refuseNothingDue = ({ row, nowSec }: EscrowDraft): Refused =>
  row.deadlineSec === null
    ? refuse("escrow_nothing_due", "it is {status}", row)
    : refuse("escrow_nothing_due", TIMED_DETAILS.escrow_nothing_due, { ...row, nowSec });
