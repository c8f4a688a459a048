import { hexToBytes } from "@noble/hashes/utils.js";
import { formatEct, formatEscrowId } from "../../spec/escrow-id.ts";
import { QUERY_ESCROWS_MAX } from "../../spec/limits.ts";
import type { AnswerOf, AskedOf } from "../../spec/queries.ts";
import { invalidField, queryError } from "../../spec/query-errors.ts";
import { isZero } from "../../spec/words.ts";
import { decideLapse } from "./escrow-lapse.ts";
import { invariant } from "./invariant.ts";
import type { EngineParts } from "./operation-context.ts";
import type { Queries } from "./query.ts";
import { collect, orderRows, readPage } from "./query-pages.ts";
import type { EscrowRow, EscrowTermsRow, ServiceVersionRow, Store } from "./store.ts";

/** Queries of escrows by name (spec §9). */
export const ESCROW_QUERIES = {
  escrow: getEscrow,
  escrows: listEscrows,
  intents: listIntents,
} satisfies Partial<Queries>;

type EscrowAnswer = AnswerOf<"escrow">;

/** With `due` only where `now` is given. */
function getEscrow({ store }: EngineParts, asked: AskedOf<"escrow">): EscrowAnswer {
  const text = asked.escrowId;
  const id = /^(standard|intent):0x([0-9a-f]{32})$/.exec(text)?.[2];
  if (id === undefined) {
    throw invalidField("escrow_id", "is no escrow: expected standard:0x… or intent:0x…");
  }
  const head = store.findEscrowHead(hexToBytes(id));
  const row = head && store.escrows.get(head.escrowNumber);
  const answer = row && describeEscrow(store, row);
  if (row === undefined || answer?.escrowId !== text) {
    throw queryError("escrow_not_found", "no such escrow");
  }
  const { nowSec } = asked;
  if (nowSec === undefined) return answer;
  const at = { store, nowSec };
  const escrow = { row, terms: getTerms(store, row), version: findVersion(store, row) };
  const due = decideLapse(escrow, at);
  return { ...answer, due: due ?? null };
}

/** By age. */
function listEscrows({ store }: EngineParts, asked: AskedOf<"escrows">): AnswerOf<"escrows"> {
  const role = asked.either("buyer", "provider");
  const { [role]: party, status } = asked;
  // From so many rows at most: a page may end early, and `next` tells.
  const rows = orderRows(store.escrows, { [role]: party }, "escrowNumber");
  const isAsked = (row: EscrowRow) => status === undefined || row.status === status;
  const page = collect(rows, asked, QUERY_ESCROWS_MAX, isAsked);
  return { escrows: page.rows.map((row) => describeEscrow(store, row)), next: page.next };
}

/** By age. */
function listIntents({ store }: EngineParts, asked: AskedOf<"intents">): AnswerOf<"intents"> {
  const { rows, next } = readPage(store.openIntents, { tag: asked.tag }, "escrowNumber", asked);
  const escrows = rows.map(({ escrowNumber }) => {
    const row = store.escrows.get(escrowNumber);
    invariant(row !== undefined, "an open intent is an escrow");
    return describeEscrow(store, row);
  });
  return { escrows, next };
}

function getTerms(store: Store, { escrowNumber }: EscrowRow): EscrowTermsRow {
  const terms = store.escrowTerms.get(escrowNumber);
  invariant(terms !== undefined, "an escrow has terms");
  return terms;
}

/** The version of the service; none until an intent is accepted. */
const findVersion = (store: Store, { versionId }: EscrowRow): ServiceVersionRow | undefined =>
  versionId === null ? undefined : store.serviceVersions.get(versionId);

function describeEscrow(store: Store, row: EscrowRow): EscrowAnswer {
  const terms = getTerms(store, row);
  const version = findVersion(store, row);
  const { tag, arbiter, ...always } = terms;
  return {
    ...row,
    escrowId: formatEscrowId(terms.escrowKind, terms.escrowId),
    ect: formatEct(terms.ect),
    kind: terms.escrowKind,
    ...{ mode: terms.mode, token: terms.token },
    serviceId: version?.serviceId ?? null,
    version: version?.version ?? null,
    price: version?.price ?? null,
    terms: { ...always, tag: tag || null, arbiter: isZero(arbiter) ? null : arbiter },
    due: undefined,
  };
}
