import type { EscrowStatus } from "../../spec/escrow-operations.ts";
import { type Refused, refuse } from "../../spec/refusals.ts";
import type { DeliveryMode } from "../../spec/service-operations.ts";
import { equalBytes, isZero } from "../../spec/words.ts";
import type { EscrowDraft } from "./escrow-draft.ts";
import type { BatchHead } from "./escrow-rows.ts";
import { hex } from "./operation-context.ts";

/** §12.3 What operations on an escrow ask first; `undefined` where the answer is yes. */

export type Party = "buyer" | "provider" | "arbiter";

const PARTY_REFUSALS = {
  buyer: "escrow_sender_not_buyer",
  provider: "escrow_sender_not_provider",
  arbiter: "escrow_sender_not_arbiter",
} as const;

export function isParty({ context, row, terms }: EscrowDraft, party: Party): boolean {
  const account = party === "arbiter" ? terms.arbiter : row[party];
  return account !== null && !isZero(account) && equalBytes(context.actor, account);
}

export function checkParty(draft: EscrowDraft, party: Party): Refused | undefined {
  if (isParty(draft, party)) return undefined;
  const account = party === "arbiter" ? draft.terms.arbiter : draft.row[party];
  const detail = account === null || isZero(account) ? "there is none" : `it is ${hex(account)}`;
  return refuse(PARTY_REFUSALS[party], detail);
}

/** Nobody is asked for a word where a predicate judges. */
export function checkNotJudged(draft: EscrowDraft): Refused | undefined {
  return draft.terms.predicate.length > 0 ? refuse("escrow_judged_by_machine") : undefined;
}

export function checkStatus(draft: EscrowDraft, ...wanted: EscrowStatus[]): Refused | undefined {
  const { status } = draft.row;
  if (wanted.includes(status)) return undefined;
  return refuse("escrow_status_wrong", `it is ${status}, not ${wanted.join(" or ")}`);
}

export function checkMode(draft: EscrowDraft, wanted: DeliveryMode): Refused | undefined {
  const { mode } = draft.terms;
  return mode === wanted ? undefined : refuse("escrow_mode_wrong", `it is ${mode}`);
}

/** The unit is always the next, so that a message said twice counts once. */
export function checkUnit(draft: EscrowDraft, unit: number): Refused | undefined {
  return unit === draft.unit ? undefined : refuse("escrow_unit_wrong", `it is ${draft.unit}`);
}

/** The batch that a delivery, anchor or receipt names: of the service's stream, of this unit. */
export function findSoldBatch(
  draft: EscrowDraft,
  batchId: number,
  isOfUnit: (head: BatchHead) => boolean,
): BatchHead | Refused {
  const head = draft.context.store.getBatchHead(batchId);
  if (head === undefined) return refuse("batch_not_found", `batch ${batchId}`);
  if (head.streamId !== draft.service.streamId) {
    return refuse("delivery_batch_wrong", `it is of stream ${head.streamId}`);
  }
  if (!isOfUnit(head)) return refuse("delivery_batch_wrong", "it is from before this unit");
  if (head.isDisproved) return refuse("batch_disproved_already", `batch ${batchId}`);
  return head;
}

/** §12.5 What is sold sealed is delivered only once the buyer has the keys, until he answered. */
export function checkGrant(draft: EscrowDraft, head: BatchHead): Refused | undefined {
  const { service, row, terms, nowSec } = draft;
  if (service.groups === 0) return undefined;
  const grant = draft.context.store.getGrant(head.streamId, head.epoch, row.buyer);
  if (grant === undefined || grant.isRevoked) {
    return refuse("delivery_grant_missing", `the buyer has none of epoch ${head.epoch}`);
  }
  if ((grant.groups & service.groups) !== service.groups) {
    return refuse(
      "delivery_grant_missing",
      `it is of groups ${grant.groups}, not ${service.groups}`,
    );
  }
  const untilSec = nowSec + terms.answerTimeSec;
  if (grant.expiresAtSec <= untilSec) {
    return refuse(
      "delivery_grant_missing",
      `it ends at ${grant.expiresAtSec}, not after ${untilSec}`,
    );
  }
  return undefined;
}
