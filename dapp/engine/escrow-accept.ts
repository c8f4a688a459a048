import type { AcceptIntent } from "../../spec/escrow-operations.ts";
import { isRefused, type Refused, refuse } from "../../spec/refusals.ts";
import { equalBytes, isZero } from "../../spec/words.ts";
import { changeEscrow } from "./escrow.ts";
import { checkStatus, refuseTwice } from "./escrow-checks.ts";
import type { EscrowDraft } from "./escrow-draft.ts";
import type { EscrowTermsRow } from "./escrow-rows.ts";
import { awaitUnit } from "./escrow-settle.ts";
import { checkPredicate } from "./escrow-terms.ts";
import { invariant } from "./invariant.ts";
import { type Handlers, hex } from "./operation-context.ts";
import { findOwnService } from "./service.ts";
import type { ServiceVersionRow } from "./service-rows.ts";
import type { Store } from "./store.ts";

export const ESCROW_ACCEPTANCE_HANDLERS = {
  accept_intent: changeEscrow(acceptIntent),
} satisfies Partial<Handlers>;

/** §12.9 A provider takes an intent, at its service's price; the first in input order does. */
function acceptIntent(draft: EscrowDraft, body: AcceptIntent): Refused | undefined {
  const { row, context } = draft;
  const { store, actor } = context;
  const terms = store.getEscrowTerms(row.escrowNumber);
  invariant(terms !== undefined, "an escrow has terms");
  if (terms.escrowKind !== "intent")
    return refuse("escrow_kind_wrong", "it is standard, not intent");
  const fault = checkStatus(draft, "offered");
  if (fault !== undefined) return fault;
  const service = findOwnService(store, body.serviceId, actor);
  if (isRefused(service)) return service;
  const version = checkProvider(draft, terms) ?? findVersion(store, terms, body);
  if (isRefused(version)) return version;
  const unfit = checkVersion(store, terms, version);
  if (unfit !== undefined) return unfit;

  draft.version = version;
  row.provider = actor;
  row.versionId = version.versionId;
  row.lastBatchId = store.getNextBatchId() - 1;
  const returned = row.held - (row.held / terms.ceiling) * version.price;
  draft.pay(row.buyer, returned);
  awaitUnit(draft);
  draft.tell("IntentAccepted", [
    draft.id,
    hex(actor),
    BigInt(body.serviceId),
    BigInt(body.version),
    version.price,
    returned,
  ]);
  return undefined;
}

/** Whom the buyer lets serve him: never himself nor the arbiter. */
function checkProvider({ row, context }: EscrowDraft, terms: EscrowTermsRow): Refused | undefined {
  const { actor } = context;
  if (equalBytes(actor, row.buyer)) return refuseTwice(actor, "buyer and provider");
  if (!isZero(terms.arbiter) && equalBytes(actor, terms.arbiter)) {
    return refuseTwice(actor, "provider and arbiter");
  }
  const isNamed =
    terms.providers.length === 0 || terms.providers.some((each) => equalBytes(each, actor));
  if (isNamed) return undefined;
  const detail = `${hex(actor)} is none of the ${terms.providers.length} providers it names`;
  return refuse("intent_provider_not_named", detail);
}

/** The version that was current when the intent was opened: nobody makes one to fit. */
function findVersion(
  store: Store,
  { position }: EscrowTermsRow,
  body: AcceptIntent,
): ServiceVersionRow | Refused {
  const find = (version: number): ServiceVersionRow | undefined => {
    const versionId = store.getVersionId(body.serviceId, version);
    return versionId === undefined ? undefined : store.getServiceVersion(versionId);
  };
  const version = find(body.version);
  const next = find(body.version + 1);
  if (version === undefined) {
    const detail = `service ${body.serviceId} has no version ${body.version}`;
    return refuse("intent_version_not_of_opening", detail);
  }
  if (version.position >= position) {
    const detail = `version ${body.version} is younger than the intent`;
    return refuse("intent_version_not_of_opening", detail);
  }
  if (next !== undefined && next.position < position) {
    const detail = `version ${next.version} had replaced version ${body.version} before the intent`;
    return refuse("intent_version_not_of_opening", detail);
  }
  return version;
}

/** What the buyer asked for. */
function checkVersion(
  store: Store,
  terms: EscrowTermsRow,
  version: ServiceVersionRow,
): Refused | undefined {
  const { serviceId, tags, mode, token, price } = version;
  if (!tags.includes(terms.tag)) {
    const detail = `service ${serviceId} has the tags ${tags.join(", ")}, the intent asks for ${terms.tag}`;
    return refuse("intent_service_unfit", detail);
  }
  if (mode !== terms.mode) {
    const detail = `service ${serviceId} is ${mode}, the intent asks for ${terms.mode}`;
    return refuse("intent_service_unfit", detail);
  }
  if (!equalBytes(token, terms.token)) {
    const detail = `service ${serviceId} costs token ${hex(token)}, the intent pays ${hex(terms.token)}`;
    return refuse("intent_service_unfit", detail);
  }
  if (price > terms.ceiling) {
    const detail = `a unit costs ${price}, the ceiling is ${terms.ceiling}`;
    return refuse("intent_price_over_ceiling", detail);
  }
  return checkPredicate(store, terms.predicate, version);
}
