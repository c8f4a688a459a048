import type { BodyOf } from "../../spec/operations.ts";
import { isRefused, type Refused, refuse } from "../../spec/refusals.ts";
import { equalBytes, isZero } from "../../spec/words.ts";
import { checkPredicate, checkRetention } from "./check-escrow-terms.ts";
import { changeEscrow } from "./escrow.ts";
import { checkStatus, refuseTwice } from "./escrow-checks.ts";
import type { EscrowDraft } from "./escrow-draft.ts";
import { awaitUnit } from "./escrow-settle.ts";
import { invariant } from "./invariant.ts";
import type { Handlers } from "./operation-context.ts";
import { getHighestBatchId } from "./retention.ts";
import { findOwnService } from "./service.ts";
import type { EscrowTermsRow, ServiceVersionRow, Store } from "./store.ts";

export const ESCROW_ACCEPTANCE_HANDLERS = {
  accept_intent: changeEscrow(acceptIntent),
} satisfies Partial<Handlers>;

/** §12.9 A provider takes an intent, at its service's price; the first in input order does. */
function acceptIntent(draft: EscrowDraft, body: BodyOf<"accept_intent">): Refused | undefined {
  const { row, context } = draft;
  const { store, actor } = context;
  const terms = store.escrowTerms.get(row.escrowNumber);
  invariant(terms !== undefined, "an escrow has terms");
  if (terms.escrowKind !== "intent") {
    return refuse("escrow_kind_wrong", "it is {escrowKind}, not intent", terms);
  }
  const fault = checkStatus(draft, "offered");
  if (fault !== undefined) return fault;
  const service = findOwnService(body.serviceId, context);
  if (isRefused(service)) return service;
  const version = checkProvider(draft, terms) ?? findVersion(store, terms, body);
  if (isRefused(version)) return version;
  const unfit = checkVersion(store, terms, version);
  if (unfit !== undefined) return unfit;

  const { versionId, price } = version;
  draft.version = version;
  row.provider = actor;
  row.versionId = versionId;
  row.lastBatchId = getHighestBatchId(store);
  const returned = row.held - (row.held / terms.ceiling) * price;
  draft.pay(row.buyer, returned);
  awaitUnit(draft);
  draft.tell("IntentAccepted", [draft.id, actor, body.serviceId, body.version, price, returned]);
  return undefined;
}

/** Whom the buyer lets serve them: never themselves nor the arbiter. */
function checkProvider({ row, context }: EscrowDraft, terms: EscrowTermsRow): Refused | undefined {
  const { actor } = context;
  const { providers } = terms;
  if (equalBytes(actor, row.buyer)) return refuseTwice(actor, "buyer and provider");
  if (!isZero(terms.arbiter) && equalBytes(actor, terms.arbiter)) {
    return refuseTwice(actor, "provider and arbiter");
  }
  if (providers.length === 0 || providers.some((each) => equalBytes(each, actor))) return undefined;
  const detail = "{actor} is none of the {providerCount} providers it names";
  return refuse("intent_provider_not_named", detail, { actor, providerCount: providers.length });
}

/** The version that was current when the intent was opened: nobody makes one to fit. */
function findVersion(
  store: Store,
  { position }: EscrowTermsRow,
  body: BodyOf<"accept_intent">,
): ServiceVersionRow | Refused {
  const { serviceId } = body;
  const version = store.serviceVersions.find({ serviceId, version: body.version });
  const next = store.serviceVersions.find({ serviceId, version: body.version + 1 });
  const refusal = "intent_version_not_of_opening";
  if (version === undefined) {
    return refuse(refusal, "service {serviceId} has no version {version}", body);
  }
  if (version.position >= position) {
    return refuse(refusal, "version {version} is younger than the intent", body);
  }
  if (next === undefined || next.position >= position) return version;
  const detail = "version {nextVersion} had replaced version {version} before the intent";
  return refuse(refusal, detail, { ...body, nextVersion: next.version });
}

/** What the buyer asked for. */
function checkVersion(
  store: Store,
  terms: EscrowTermsRow,
  version: ServiceVersionRow,
): Refused | undefined {
  const { tag: askedTag, mode: askedMode, token: paidToken, ceiling } = terms;
  if (!version.tags.includes(askedTag)) {
    const detail = "service {serviceId} has the tags {tags}, the intent asks for {askedTag}";
    return refuse("intent_service_unfit", detail, { ...version, askedTag });
  }
  if (version.mode !== askedMode) {
    const detail = "service {serviceId} is {mode}, the intent asks for {askedMode}";
    return refuse("intent_service_unfit", detail, { ...version, askedMode });
  }
  if (!equalBytes(version.token, paidToken)) {
    const detail = "service {serviceId} costs token {token}, the intent pays {paidToken}";
    return refuse("intent_service_unfit", detail, { ...version, paidToken });
  }
  if (version.price > ceiling) {
    const detail = "a unit costs {price}, the ceiling is {ceiling}";
    return refuse("intent_price_over_ceiling", detail, { ...version, ceiling });
  }
  return checkPredicate(store, terms.predicate, version) ?? checkRetention(store, terms, version);
}
