import type { EscrowStatus } from "../../spec/escrow-operations.ts";
import { listGroups } from "../../spec/grant-keys.ts";
import { type Refused, refuse, TIMED_DETAILS } from "../../spec/refusals.ts";
import type { DeliveryMode } from "../../spec/service-operations.ts";
import { equalBytes, isZero } from "../../spec/words.ts";
import type { EscrowDraft } from "./escrow-draft.ts";
import { computeFillable } from "./escrow-settle.ts";
import { isDueOrArchived } from "./retention.ts";
import type { BatchHead } from "./store.ts";

/** §12.3 What operations on an escrow ask first; `undefined` where the answer is yes. */

/** What is wrong with a batch that an operation on an escrow names. */
export const BATCH_ELSEWHERE =
  "batch {batchId} is of stream {streamId}, sold is stream {soldStreamId}";
export const BATCH_BEFORE_SESSION =
  "batch {batchId} begins at sequence {firstSequence}, the session at {fromSequence}";

type Party = "buyer" | "provider" | "arbiter";

const PARTY_REFUSALS = {
  buyer: "escrow_sender_not_buyer",
  provider: "escrow_sender_not_provider",
  arbiter: "escrow_sender_not_arbiter",
} as const;

const accountOf = (draft: EscrowDraft, party: Party): Uint8Array | null =>
  party === "arbiter" ? draft.terms.arbiter : draft.row[party];

export function isParty(draft: EscrowDraft, party: Party): boolean {
  const account = accountOf(draft, party);
  return account !== null && !isZero(account) && equalBytes(draft.context.actor, account);
}

export function checkParty(draft: EscrowDraft, party: Party): Refused | undefined {
  if (isParty(draft, party)) return undefined;
  const account = accountOf(draft, party);
  const { actor } = draft.context;
  return account === null || isZero(account)
    ? refuse(PARTY_REFUSALS[party], "there is no {party}, this is {actor}", { party, actor })
    : refuse(PARTY_REFUSALS[party], "the {party} is {account}, not {actor}", {
        party,
        account,
        actor,
      });
}

/** Nobody is asked for a word where a predicate judges. */
export function checkNotJudged(draft: EscrowDraft): Refused | undefined {
  const { terms, row, unit } = draft;
  if (terms.predicate.length === 0) return undefined;
  const detail = TIMED_DETAILS.escrow_judged_by_machine;
  return refuse("escrow_judged_by_machine", detail, { ...row, unit });
}

export function checkStatus(draft: EscrowDraft, ...wanted: EscrowStatus[]): Refused | undefined {
  const { status } = draft.row;
  if (wanted.includes(status)) return undefined;
  const detail = `it is ${status}, not ${wanted.join(" or ")}`;
  return { refusal: "escrow_status_wrong", detail, values: { status, wanted } };
}

export function checkMode(draft: EscrowDraft, wanted: DeliveryMode): Refused | undefined {
  const { mode } = draft;
  if (mode === wanted) return undefined;
  return refuse("escrow_mode_wrong", "it is {mode}, not {wanted}", { mode, wanted });
}

/** The unit is always the next, so that a message said twice counts once. */
export function checkUnit(draft: EscrowDraft, unit: number): Refused | undefined {
  if (unit === draft.unit) return undefined;
  const detail = "the next is unit {nextUnit}, not {unit}";
  return refuse("escrow_unit_wrong", detail, { nextUnit: draft.unit, unit });
}

/** Facts would be made up where one account is two parties. */
export const refuseTwice = (account: Uint8Array, roles: string): Refused =>
  refuse("escrow_parties_equal", "{account} is {roles}", { account, roles });

/** A unit needs its price, held or to be filled. */
export function refuseMoney(draft: EscrowDraft): Refused {
  const { row, price } = draft;
  const detail = "holds {held} and may fill {fillable}, a unit costs {price}";
  return refuse("escrow_held_too_low", detail, { ...row, fillable: computeFillable(draft), price });
}

/** Where no stream is sold, a batch says nothing. */
export function refuseBatch({ service }: EscrowDraft, batchId: number): Refused {
  const detail = "batch {batchId} is named, service {serviceId} sells no stream";
  return refuse("delivery_batch_unneeded", detail, { ...service, batchId });
}

/**
 * The batch that a delivery, anchor or receipt names: of the service's stream, of this unit.
 *
 * @param findFault Why it is not of this unit, if it is not.
 */
export function findSoldBatch(
  draft: EscrowDraft,
  batchId: number,
  findFault: (head: BatchHead) => Refused | undefined,
): BatchHead | Refused {
  const head = draft.context.store.getBatchHead(batchId);
  if (head === undefined) return refuse("batch_not_found", "batch {batchId}", { batchId });
  if (isDueOrArchived(draft.context.store, head, draft.nowSec)) {
    return refuse("batch_archived", "batch {batchId}", head);
  }
  const { streamId: soldStreamId } = draft.service;
  if (head.streamId !== soldStreamId) {
    return refuse("delivery_batch_wrong", BATCH_ELSEWHERE, { ...head, soldStreamId });
  }
  const fault = findFault(head);
  if (fault !== undefined) return fault;
  if (head.disprovedGroup === null) return head;
  return refuse("batch_disproved_already", "batch {batchId}", head);
}

/** §12.5 What is sold sealed is delivered only once the buyer has the keys, until they answered. */
export function checkGrant(draft: EscrowDraft, head: BatchHead): Refused | undefined {
  const { service, row, nowSec } = draft;
  const { buyer } = row;
  if (service.groups === 0) return undefined;
  const grant = draft.context.store.grants.find({
    streamId: head.streamId,
    epoch: head.epoch,
    buyer,
  });
  const refusal = "delivery_grant_missing";
  if (grant === undefined) {
    const detail = "{buyer} has no grant of stream {streamId}, epoch {epoch}";
    return refuse(refusal, detail, { ...head, buyer });
  }
  if (grant.isRevoked) {
    return refuse(
      refusal,
      "{buyer} has a revoked grant of stream {streamId}, epoch {epoch}",
      grant,
    );
  }
  if ((grant.groups & service.groups) !== service.groups) {
    const detail = "the grant is over key groups {groups}, sold are {soldGroups}";
    const [groups, soldGroups] = [listGroups(grant.groups), listGroups(service.groups)];
    return refuse(refusal, detail, { groups, soldGroups });
  }
  const untilSec = nowSec + draft.head.answerTimeSec;
  if (grant.expiresAtSec > untilSec) return undefined;
  return refuse(refusal, TIMED_DETAILS[refusal], { ...grant, untilSec });
}
