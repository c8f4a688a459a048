import type { AcceptIntent } from "../../spec/escrow-operations.ts";
import { isRefused, type Refused, refuse } from "../../spec/refusals.ts";
import { equalBytes, isZero } from "../../spec/words.ts";
import { checkStatus } from "./escrow-checks.ts";
import type { EscrowDraft } from "./escrow-draft.ts";
import type { EscrowTermsRow } from "./escrow-rows.ts";
import { awaitUnit } from "./escrow-settle.ts";
import { checkPredicate } from "./escrow-terms.ts";
import { invariant } from "./invariant.ts";
import { hex } from "./operation-context.ts";
import { findOwnService } from "./service.ts";
import type { ServiceVersionRow } from "./service-rows.ts";
import type { Store } from "./store.ts";

/** §12.9 A provider takes an intent, at its service's price; the first in input order does. */
export function acceptIntent(draft: EscrowDraft, body: AcceptIntent): Refused | undefined {
  const { row, context } = draft;
  const { store, actor } = context;
  const terms = store.getEscrowTerms(row.escrowNumber);
  invariant(terms !== undefined, "an escrow has terms");
  if (terms.escrowKind !== "intent") return refuse("escrow_kind_wrong", "it names its service");
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
  if (equalBytes(actor, row.buyer)) return refuse("escrow_parties_equal", "buyer and provider");
  if (!isZero(terms.arbiter) && equalBytes(actor, terms.arbiter)) {
    return refuse("escrow_parties_equal", "provider and arbiter");
  }
  const isNamed =
    terms.providers.length === 0 || terms.providers.some((each) => equalBytes(each, actor));
  return isNamed ? undefined : refuse("intent_provider_not_named", hex(actor));
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
    return refuse("intent_version_not_of_opening", `there is no version ${body.version}`);
  }
  if (version.position >= position) {
    return refuse("intent_version_not_of_opening", "it is younger than the intent");
  }
  if (next !== undefined && next.position < position) {
    return refuse("intent_version_not_of_opening", `version ${next.version} had replaced it`);
  }
  return version;
}

/** What the buyer asked for. */
function checkVersion(
  store: Store,
  terms: EscrowTermsRow,
  version: ServiceVersionRow,
): Refused | undefined {
  if (!version.tags.includes(terms.tag)) {
    return refuse("intent_service_unfit", `the version has no tag ${terms.tag}`);
  }
  if (version.mode !== terms.mode) return refuse("intent_service_unfit", `it is ${version.mode}`);
  if (!equalBytes(version.token, terms.token)) {
    return refuse("intent_service_unfit", `it costs token ${hex(version.token)}`);
  }
  if (version.price > terms.ceiling) {
    return refuse("intent_price_over_ceiling", `${version.price} of ${terms.ceiling}`);
  }
  return checkPredicate(store, terms.predicate, version);
}
