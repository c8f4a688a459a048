import type { EscrowStatus } from "../../spec/escrow-operations.ts";
import { listGroups } from "../../spec/grant-keys.ts";
import { type Refused, refuse } from "../../spec/refusals.ts";
import type { DeliveryMode } from "../../spec/service-operations.ts";
import { equalBytes, isZero } from "../../spec/words.ts";
import type { EscrowDraft } from "./escrow-draft.ts";
import { computeFillable } from "./escrow-settle.ts";
import { hex } from "./operation-context.ts";
import type { BatchHead } from "./store.ts";

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
  const actor = hex(draft.context.actor);
  const detail =
    account === null || isZero(account)
      ? `there is no ${party}, this is ${actor}`
      : `the ${party} is ${hex(account)}, not ${actor}`;
  return refuse(PARTY_REFUSALS[party], detail);
}

/** Nobody is asked for a word where a predicate judges. */
export function checkNotJudged(draft: EscrowDraft): Refused | undefined {
  const { terms, row } = draft;
  if (terms.predicate.length === 0) return undefined;
  const detail = `a predicate judges unit ${draft.unit}; it is ${row.status} until ${row.deadlineSec}`;
  return refuse("escrow_judged_by_machine", detail);
}

export function checkStatus(draft: EscrowDraft, ...wanted: EscrowStatus[]): Refused | undefined {
  const { status } = draft.row;
  if (wanted.includes(status)) return undefined;
  return refuse("escrow_status_wrong", `it is ${status}, not ${wanted.join(" or ")}`);
}

export function checkMode(draft: EscrowDraft, wanted: DeliveryMode): Refused | undefined {
  const { mode } = draft.terms;
  return mode === wanted ? undefined : refuse("escrow_mode_wrong", `it is ${mode}, not ${wanted}`);
}

/** The unit is always the next, so that a message said twice counts once. */
export function checkUnit(draft: EscrowDraft, unit: number): Refused | undefined {
  if (unit === draft.unit) return undefined;
  return refuse("escrow_unit_wrong", `the next is unit ${draft.unit}, not ${unit}`);
}

/** Facts would be made up where one account is two parties. */
export const refuseTwice = (account: Uint8Array, roles: string): Refused =>
  refuse("escrow_parties_equal", `${hex(account)} is ${roles}`);

/** A unit needs its price, held or to be filled. */
export function refuseMoney(draft: EscrowDraft): Refused {
  const fillable = computeFillable(draft);
  const detail = `holds ${draft.row.held} and may fill ${fillable}, a unit costs ${draft.price}`;
  return refuse("escrow_held_too_low", detail);
}

/** Where no stream is sold, a batch says nothing. */
export function refuseBatch({ service }: EscrowDraft, batchId: number): Refused {
  const detail = `batch ${batchId} is named, service ${service.serviceId} sells no stream`;
  return refuse("delivery_batch_unneeded", detail);
}

/**
 * The batch that a delivery, anchor or receipt names: of the service's stream, of this unit.
 *
 * @param findFault Why it is not of this unit, if it is not.
 */
export function findSoldBatch(
  draft: EscrowDraft,
  batchId: number,
  findFault: (head: BatchHead) => string | undefined,
): BatchHead | Refused {
  const head = draft.context.store.getBatchHead(batchId);
  if (head === undefined) return refuse("batch_not_found", `batch ${batchId}`);
  const { streamId } = draft.service;
  if (head.streamId !== streamId) {
    const detail = `batch ${batchId} is of stream ${head.streamId}, sold is stream ${streamId}`;
    return refuse("delivery_batch_wrong", detail);
  }
  const fault = findFault(head);
  if (fault !== undefined) return refuse("delivery_batch_wrong", fault);
  if (head.disprovedGroup !== null) {
    return refuse("batch_disproved_already", `batch ${batchId}`);
  }
  return head;
}

/** §12.5 What is sold sealed is delivered only once the buyer has the keys, until he answered. */
export function checkGrant(draft: EscrowDraft, head: BatchHead): Refused | undefined {
  const { service, row, terms, nowSec } = draft;
  if (service.groups === 0) return undefined;
  const { streamId, epoch } = head;
  const grant = draft.context.store.grants.find({ streamId, epoch, buyer: row.buyer });
  if (grant === undefined || grant.isRevoked) {
    const ended = grant === undefined ? "no grant" : "a revoked grant";
    return refuse(
      "delivery_grant_missing",
      `${hex(row.buyer)} has ${ended} of stream ${head.streamId}, epoch ${head.epoch}`,
    );
  }
  if ((grant.groups & service.groups) !== service.groups) {
    return refuse(
      "delivery_grant_missing",
      `the grant is over key groups ${listGroups(grant.groups).join(", ")}, ` +
        `sold are ${listGroups(service.groups).join(", ")}`,
    );
  }
  const untilSec = nowSec + terms.answerTimeSec;
  if (grant.expiresAtSec <= untilSec) {
    return refuse(
      "delivery_grant_missing",
      `the grant ends at ${grant.expiresAtSec}, not after ${untilSec}`,
    );
  }
  return undefined;
}
