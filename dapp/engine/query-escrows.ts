import { hexToBytes } from "@noble/hashes/utils.js";
import { formatEct, formatEscrowId } from "../../spec/escrow-id.ts";
import { ESCROW_STATUSES } from "../../spec/escrow-operations.ts";
import { PAGE_ITEMS_MAX, QUERY_ESCROWS_MAX } from "../../spec/limits.ts";
import { isZero } from "../../spec/words.ts";
import { decideLapse } from "./escrow-lapse.ts";
import { invariant } from "./invariant.ts";
import { type EngineParts, hex } from "./operation-context.ts";
import {
  type Answer,
  invalid,
  type Queries,
  type QueryFields,
  queryError,
} from "./query-fields.ts";
import type { EscrowRow, EscrowTermsRow, ServiceVersionRow, Store } from "./store.ts";

/** Queries of escrows by name (spec §9). */
export const ESCROW_QUERIES: Queries = {
  escrow: getEscrow,
  escrows: listEscrows,
  intents: listIntents,
};

/** `{escrow_id, now?}` → the escrow with its terms; `due` only where `now` is given. */
function getEscrow({ store }: EngineParts, fields: QueryFields): Answer {
  const text = fields.text("escrow_id");
  const id = /^(standard|intent):0x([0-9a-f]{32})$/.exec(text)?.[2];
  if (id === undefined) {
    throw invalid("escrow_id", "is no escrow: expected standard:0x… or intent:0x…");
  }
  const terms = store.escrowTerms.find({ escrowId: hexToBytes(id) });
  const row = terms && store.escrows.get(terms.escrowNumber);
  const answer = row && describeEscrow(store, row);
  if (row === undefined || answer?.escrow_id !== text) {
    throw queryError("escrow_not_found", "no such escrow");
  }
  if (!fields.has("now")) return answer;
  const at = { store, nowSec: fields.count("now") };
  const due = decideLapse(row, getTerms(store, row), findVersion(store, row), at);
  return { ...answer, due: due ?? null };
}

/** `{buyer}` or `{provider}`, `{status?, after?, limit?}` → the party's escrows, by age. */
function listEscrows({ store }: EngineParts, fields: QueryFields): Answer {
  const role = fields.either("buyer", "provider");
  const party = fields.address(role);
  const status = fields.has("status") ? fields.choice("status", ESCROW_STATUSES) : undefined;
  return collectEscrows(
    store,
    fields,
    { [role]: party },
    (row) => status === undefined || row.status === status,
  );
}

/** `{tag, after?, limit?}` → intents that wait for a provider, by age. */
function listIntents({ store }: EngineParts, fields: QueryFields): Answer {
  const tag = fields.text("tag");
  return collectEscrows(
    store,
    fields,
    { provider: null },
    (row) => row.status === "offered" && getTerms(store, row).tag === tag,
  );
}

/** A page of what `keeps` keeps, from so many rows at most: it may end early, `next` tells. */
function collectEscrows(
  store: Store,
  fields: QueryFields,
  where: Partial<EscrowRow>,
  keeps: (row: EscrowRow) => boolean,
): Answer {
  const limit = fields.limit(PAGE_ITEMS_MAX);
  const escrows: Answer[] = [];
  let after = fields.count("after", 0);
  for (let seen = 0; seen < QUERY_ESCROWS_MAX; seen += PAGE_ITEMS_MAX) {
    const page = { by: "escrowNumber", from: { after }, limit: PAGE_ITEMS_MAX } as const;
    const rows = store.escrows.list(where, page);
    for (const row of rows) {
      after = row.escrowNumber;
      if (!keeps(row)) continue;
      escrows.push(describeEscrow(store, row));
      if (escrows.length === limit) return { escrows, next: after };
    }
    if (rows.length < PAGE_ITEMS_MAX) return { escrows, next: null };
  }
  return { escrows, next: after };
}

function getTerms(store: Store, { escrowNumber }: EscrowRow): EscrowTermsRow {
  const terms = store.escrowTerms.get(escrowNumber);
  invariant(terms !== undefined, "an escrow has terms");
  return terms;
}

/** The version of the service; none until an intent is accepted. */
const findVersion = (store: Store, { versionId }: EscrowRow): ServiceVersionRow | undefined =>
  versionId === null ? undefined : store.serviceVersions.get(versionId);

function describeEscrow(store: Store, row: EscrowRow): Answer {
  const terms = getTerms(store, row);
  const version = findVersion(store, row);
  return {
    escrow_number: row.escrowNumber,
    escrow_id: formatEscrowId(terms.escrowKind, terms.escrowId),
    ect: formatEct(terms.ect),
    kind: terms.escrowKind,
    status: row.status,
    mode: terms.mode,
    buyer: hex(row.buyer),
    provider: row.provider && hex(row.provider),
    service_id: version?.serviceId ?? null,
    version: version?.version ?? null,
    token: hex(terms.token),
    price: version?.price.toString() ?? null,
    held: row.held.toString(),
    fill_left: row.fillLeft.toString(),
    paid_units: row.paidUnits,
    refunded_units: row.refundedUnits,
    deadline: row.deadlineSec,
    started_at: row.startedAtSec,
    from_sequence: row.fromSequence,
    last_batch_id: row.lastBatchId,
    proof: row.proof && hex(row.proof),
    message_count: row.messageCount,
    valid_count: row.validCount,
    terms: describeTerms(terms),
  };
}

const describeTerms = (terms: EscrowTermsRow): Answer => ({
  tag: terms.tag === "" ? null : terms.tag,
  ceiling: terms.ceiling.toString(),
  providers: terms.providers.map(hex),
  opened_at: terms.openedAtSec,
  position: terms.position,
  unit_count: terms.unitCount,
  delivery_time: terms.deliveryTimeSec,
  answer_time: terms.answerTimeSec,
  arbiter: isZero(terms.arbiter) ? null : hex(terms.arbiter),
  arbitration_time: terms.arbitrationTimeSec,
  duration: terms.durationSec,
  expected_msgs: terms.expectedMsgs,
  min_msg_count: terms.minMsgCount,
  min_valid_basis_points: terms.minValidBasisPoints,
  auto_renew: terms.autoRenew,
  predicate: hex(terms.predicate),
});
