import type { EscrowEnding } from "../../spec/escrow-operations.ts";
import { isRefused, type Refused } from "../../spec/refusals.ts";
import type { EscrowDraft } from "./escrow-draft.ts";
import { judgeSession } from "./escrow-judge.ts";
import {
  closeEscrow,
  computeEnding,
  refundUnit,
  settleByCounts,
  settleUnit,
} from "./escrow-settle.ts";
import { invariant } from "./invariant.ts";
import type { EscrowRow, EscrowTermsRow, ServiceVersionRow, Store } from "./store.ts";

/** What time makes of an escrow: its end, or a verdict on its outstanding unit. */
type Lapse = EscrowEnding | "accepted" | "judged";

/** What decides of an escrow. A draft reads its terms when they are asked for: sessions' alone are. */
interface Lapsing {
  readonly row: EscrowRow;
  readonly terms: Pick<EscrowTermsRow, "predicate">;
  /** Of the service; none until an intent is accepted. */
  readonly version: ServiceVersionRow | undefined;
}

/**
 * §12.3 What time has decided of an escrow by `nowSec`; `undefined` where nothing is due. An end
 * refunds the unit that is outstanding, if one is.
 */
export function decideLapse(
  escrow: Lapsing,
  { store, nowSec }: { readonly store: Pick<Store, "getBatchHead">; readonly nowSec: number },
): Lapse | undefined {
  const { row, version } = escrow;
  if (row.deadlineSec === null || nowSec < row.deadlineSec) return undefined;
  if (row.status === "offered") return "expired";
  invariant(version !== undefined, "an escrow with a provider has a version");
  switch (row.status) {
    case "active":
      // Where money for the unit is missing, it is not the provider who was late.
      return row.held < version.price ? computeEnding(row) : "expired";
    case "running":
      return escrow.terms.predicate.length > 0 ? "judged" : "expired";
    case "delivered": {
      // Only batches of sealed streams can be disproved, so others need no look.
      const isDisproved =
        version.groups !== 0 &&
        (store.getBatchHead(row.lastBatchId)?.disprovedGroup ?? null) !== null;
      if (isDisproved) return "refunded";
      return version.mode === "pull" ? "accepted" : "judged";
    }
    case "disputed":
      return "refunded";
    default:
      // "ending": a closed escrow has no deadline.
      return computeEnding(row);
  }
}

/**
 * §12.3 Applies what time has decided, once: afterwards the escrow has ended or its deadline is
 * ahead.
 *
 * @returns Whether anything was due; refused where a session cannot be judged within the input's
 * bounds.
 */
export function applyLapse(draft: EscrowDraft): boolean | Refused {
  const { row, nowSec } = draft;
  const lapse = decideLapse(draft, { store: draft.context.store, nowSec });
  if (lapse === undefined) return false;
  if (lapse === "accepted") settleUnit(draft, true);
  else if (lapse === "judged") {
    const counts = row.status === "running" ? judgeSession(draft) : row;
    if (isRefused(counts)) return counts;
    settleByCounts(draft, counts);
  } else {
    const { status } = row;
    if (status === "running" || status === "delivered" || status === "disputed") refundUnit(draft);
    closeEscrow(draft, lapse);
  }
  return true;
}
