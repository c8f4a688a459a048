import { computeEct, computeEscrowId, computePosition } from "../../spec/escrow-id.ts";
import type { EscrowKind, EscrowTerms } from "../../spec/escrow-operations.ts";
import { encodeNotice } from "../../spec/notices.ts";
import type { BodyOf } from "../../spec/operations.ts";
import type { Output } from "../../spec/outputs.ts";
import { type Refused, refuse } from "../../spec/refusals.ts";
import { isSlug } from "../../spec/slug.ts";
import { equalBytes, isZero } from "../../spec/words.ts";
import { balanceOf, checkBalance, debitBalance, moveTotal, openAccount } from "./balances.ts";
import { checkPredicate, checkRetention, checkTerms } from "./check-escrow-terms.ts";
import { measureText } from "./clip-text.ts";
import { refuseTwice } from "./escrow-checks.ts";
import { type Handlers, hex, type OperationContext, type Outcome } from "./operation-context.ts";
import { noteMade } from "./resolve-references.ts";
import { getHighestBatchId } from "./retention.ts";
import { getCurrentVersion } from "./service.ts";
import type { EscrowRow, EscrowTermsRow } from "./store.ts";

export const ESCROW_OPENING_HANDLERS = {
  open_escrow: openEscrow,
  open_intent: openIntent,
} satisfies Partial<Handlers>;

/** §12.2 Opens and funds an escrow on the service's current version. */
function openEscrow(body: BodyOf<"open_escrow">, context: OperationContext): Outcome {
  const { store, actor, at } = context;
  const { amount, terms } = body;
  const service = store.services.get(body.serviceId);
  if (service === undefined) return refuse("service_not_found", "service {serviceId}", body);
  if (service.isWithdrawn) return refuse("service_withdrawn", "service {serviceId}", body);
  if (body.version !== service.version) {
    const detail = "version {currentVersion} is current, not {version}";
    const values = { currentVersion: service.version, version: body.version };
    return refuse("service_version_not_current", detail, values);
  }
  const version = getCurrentVersion(store, service);
  const fault =
    checkDistinct(actor, [service.provider], terms.arbiter) ??
    checkTerms(terms, version.mode) ??
    checkPredicate(store, terms.predicate, version) ??
    checkRetention(store, terms, version) ??
    checkAmount(amount, version.price) ??
    checkBalance(balanceOf(store, actor, version.token), version.token, amount);
  if (fault !== undefined) return fault;

  // COMMIT POINT
  const { provider } = service;
  const { versionId, price, mode, token } = version;
  const { escrowId, ect, low } = insertEscrow(context, {
    ...{ kind: "standard", provider, versionId, amount, terms, mode, token },
    ...{ tag: "", ceiling: price, providers: [] },
    lastBatchId: getHighestBatchId(store),
    deadlineSec: at.timestampSec + terms.deliveryTimeSec,
  });
  const { serviceId } = service;
  return [
    encodeNotice("EscrowOpened", [escrowId, ect, actor, serviceId, body.version, price, amount]),
    ...low,
  ];
}

/** §12.2 Opens and funds an escrow for whoever serves the tag at the ceiling or below. */
function openIntent(body: BodyOf<"open_intent">, context: OperationContext): Outcome {
  const { actor, at } = context;
  const { tag, ceiling, providers, amount, terms, token, mode } = body;
  if (!isSlug(tag)) return refuse("slug_invalid", 'the tag "{text}"', measureText(tag));
  if (ceiling === 0n) return refuse("service_price_zero", "the ceiling is 0");
  const fault =
    checkProviders(providers) ??
    checkDistinct(actor, providers, terms.arbiter) ??
    checkAcceptTime(body.acceptTimeSec) ??
    checkTerms(terms, mode) ??
    checkAmount(amount, ceiling) ??
    checkBalance(balanceOf(context.store, actor, token), token, amount);
  if (fault !== undefined) return fault;

  // COMMIT POINT
  const { escrowId, ect, low, escrowNumber } = insertEscrow(context, {
    ...{ kind: "intent", provider: null, versionId: null, amount, terms, mode, token },
    ...{ tag, ceiling, providers, lastBatchId: 0 },
    deadlineSec: at.timestampSec + body.acceptTimeSec,
  });
  context.store.openIntents.insert({ tag, escrowNumber });
  return [
    encodeNotice("IntentOpened", [escrowId, ect, actor, token, ceiling, amount, tag]),
    ...low,
  ];
}

/** Facts would be made up where one account is two parties. */
function checkDistinct(
  buyer: Uint8Array,
  providers: readonly Uint8Array[],
  arbiter: Uint8Array,
): Refused | undefined {
  const isProvider = (account: Uint8Array) => providers.some((each) => equalBytes(each, account));
  if (isProvider(buyer)) return refuseTwice(buyer, "buyer and provider");
  if (isZero(arbiter)) return undefined;
  if (equalBytes(arbiter, buyer)) return refuseTwice(buyer, "buyer and arbiter");
  return isProvider(arbiter) ? refuseTwice(arbiter, "provider and arbiter") : undefined;
}

function checkProviders(providers: readonly Uint8Array[]): Refused | undefined {
  const nobody = providers.find(isZero);
  if (nobody !== undefined) return refuseTwice(nobody, "nobody and provider");
  const names = providers.map(hex);
  const repeated = providers.find((_, index) => names.indexOf(names[index]!) < index);
  return repeated === undefined ? undefined : refuseTwice(repeated, "provider, named twice");
}

const checkAcceptTime = (acceptTimeSec: number): Refused | undefined =>
  acceptTimeSec < 1
    ? refuse("escrow_terms_invalid", "accept time is {acceptTimeSec}, at least 1", {
        acceptTimeSec,
      })
    : undefined;

const checkAmount = (amount: bigint, price: bigint): Refused | undefined =>
  amount < price
    ? refuse("escrow_amount_under_price", "puts in {amount}, a unit costs {price}", {
        amount,
        price,
      })
    : undefined;

/** What the two kinds differ in, of both rows. */
type NewEscrow = Pick<EscrowRow, "provider" | "versionId" | "lastBatchId" | "deadlineSec"> &
  Pick<EscrowTermsRow, "mode" | "tag" | "token" | "ceiling" | "providers"> & {
    readonly kind: EscrowKind;
    readonly amount: bigint;
    readonly terms: EscrowTerms;
  };

/** Moves the money and writes both rows. */
function insertEscrow(
  context: OperationContext,
  { kind, terms, amount, ...escrow }: NewEscrow,
): Pick<EscrowTermsRow, "escrowNumber" | "escrowId" | "ect"> & { readonly low: readonly Output[] } {
  const { store, at, operationIndex, crypto, actor } = context;
  const place = { ...at, operationIndex };
  const escrowId = computeEscrowId(crypto, place);
  const ect = computeEct(crypto, place);
  const escrowNumber = store.escrows.nextId();
  const { provider, versionId, lastBatchId, deadlineSec, mode, tag, token, ceiling } = escrow;
  store.escrows.insert({
    ...{ escrowNumber, buyer: actor, provider, versionId, held: amount, lastBatchId },
    status: kind === "intent" ? "offered" : "active",
    fillLeft: terms.autoFillLimit,
    ...{ paidUnits: 0, refundedUnits: 0, deadlineSec, startedAtSec: null, fromSequence: 0 },
    ...{ proof: null, messageCount: 0, validCount: 0 },
  });
  store.escrowTerms.insert({
    ...terms,
    ...{ escrowNumber, escrowId, ect, escrowKind: kind, mode, tag, token, ceiling },
    position: computePosition(at.inputIndex, operationIndex),
    openedAtSec: at.timestampSec,
    providers: escrow.providers,
  });
  if (!isZero(terms.arbiter)) openAccount(store, terms.arbiter);
  const low = debitBalance(store, actor, token, amount);
  moveTotal(store, token, "inBalances", "inEscrows", amount);
  noteMade(context, "escrow", escrowId);
  return { escrowNumber, escrowId, ect, low };
}
