import { isRefused, type Refused } from "../../spec/refusals.ts";
import type { EscrowDraft } from "./escrow-draft.ts";
import { judgeSession } from "./escrow-judge.ts";
import {
  closeEscrow,
  refundAndClose,
  refundUnit,
  settleByCounts,
  settleUnit,
} from "./escrow-settle.ts";

/**
 * §12.3 Applies what time has decided, once: afterwards the escrow has ended or its deadline is
 * ahead.
 *
 * @returns Whether anything was due; refused where a session cannot be judged within the input's
 * bounds.
 */
export function applyLapse(draft: EscrowDraft): boolean | Refused {
  const { row, terms } = draft;
  if (row.deadlineSec === null || draft.nowSec < row.deadlineSec) return false;
  switch (row.status) {
    case "offered":
      closeEscrow(draft, "expired");
      return true;
    case "active":
      // Where money for the unit is missing, it is not the provider who was late.
      closeEscrow(draft, row.held < draft.price ? undefined : "expired");
      return true;
    case "running": {
      if (terms.predicate.length > 0) {
        const counts = judgeSession(draft);
        if (isRefused(counts)) return counts;
        settleByCounts(draft, counts);
      } else {
        refundUnit(draft);
        closeEscrow(draft, "expired");
      }
      return true;
    }
    case "delivered":
      if (isNamedBatchDisproved(draft)) refundAndClose(draft);
      else if (terms.mode === "pull") settleUnit(draft, true);
      else settleByCounts(draft, row);
      return true;
    case "disputed":
      refundAndClose(draft);
      return true;
    default:
      // "ending": a closed escrow has no deadline.
      closeEscrow(draft);
      return true;
  }
}

/** Only batches of sealed streams can be disproved, so others need no look. */
function isNamedBatchDisproved({ service, context, row }: EscrowDraft): boolean {
  return (
    service.groups !== 0 &&
    (context.store.getBatchHead(row.lastBatchId)?.disprovedGroup ?? null) !== null
  );
}
