import { computeEct, computeEscrowId, computePosition } from "../../spec/escrow-id.ts";
import type {
  EscrowKind,
  EscrowTerms,
  OpenEscrow,
  OpenIntent,
} from "../../spec/escrow-operations.ts";
import { encodeNotice } from "../../spec/notices.ts";
import type { Output } from "../../spec/outputs.ts";
import { type Refused, refuse } from "../../spec/refusals.ts";
import type { DeliveryMode } from "../../spec/service-operations.ts";
import { isSlug } from "../../spec/slug.ts";
import { equalBytes, isZero } from "../../spec/words.ts";
import { debitBalance, moveTotal } from "./balances.ts";
import type { EscrowTermsRow } from "./escrow-rows.ts";
import { checkPredicate, checkTerms } from "./escrow-terms.ts";
import { hex, type OperationContext, type Outcome } from "./operation-context.ts";
import { getCurrentVersion } from "./service.ts";

/** §12.2 Opens and funds an escrow on the service's current version. */
export function openEscrow(body: OpenEscrow, context: OperationContext): Outcome {
  const { store, actor, at } = context;
  const { amount, terms } = body;
  const service = store.getService(body.serviceId);
  if (service === undefined) return refuse("service_not_found", `service ${body.serviceId}`);
  if (service.isWithdrawn) return refuse("service_withdrawn", `service ${body.serviceId}`);
  if (body.version !== service.version) {
    return refuse("service_version_not_current", `it is ${service.version}`);
  }
  const version = getCurrentVersion(store, service);
  const fault =
    checkDistinct(actor, [service.provider], terms.arbiter) ??
    checkTerms(terms, version.mode) ??
    checkPredicate(store, terms.predicate, version) ??
    checkAmount(amount, version.price) ??
    checkBalance(context, version.token, amount);
  if (fault !== undefined) return fault;

  // COMMIT POINT
  const { provider } = service;
  const { versionId, price, mode, token } = version;
  const opened = insertEscrow(context, {
    ...{ kind: "standard", provider, versionId, amount, terms, mode, token },
    ...{ tag: "", ceiling: price, providers: [] },
    lastBatchId: store.getNextBatchId() - 1,
    deadlineSec: at.timestampSec + terms.deliveryTimeSec,
  });
  const told = encodeNotice("EscrowOpened", [
    hex(opened.escrowId),
    hex(opened.ect),
    hex(actor),
    BigInt(body.serviceId),
    BigInt(body.version),
    price,
    amount,
  ]);
  return [told, ...opened.low];
}

/** §12.2 Opens and funds an escrow for whoever serves the tag at the ceiling or below. */
export function openIntent(body: OpenIntent, context: OperationContext): Outcome {
  const { actor, at } = context;
  const { tag, ceiling, providers, amount, terms, token, mode } = body;
  if (!isSlug(tag)) return refuse("slug_invalid", "the tag");
  if (ceiling === 0n) return refuse("service_price_zero", "the ceiling");
  const fault =
    checkProviders(providers) ??
    checkDistinct(actor, providers, terms.arbiter) ??
    checkAcceptTime(body.acceptTimeSec) ??
    checkTerms(terms, mode) ??
    checkAmount(amount, ceiling) ??
    checkBalance(context, token, amount);
  if (fault !== undefined) return fault;

  // COMMIT POINT
  const opened = insertEscrow(context, {
    ...{ kind: "intent", provider: null, versionId: null, amount, terms, mode, token },
    ...{ tag, ceiling, providers, lastBatchId: 0 },
    deadlineSec: at.timestampSec + body.acceptTimeSec,
  });
  const told = encodeNotice("IntentOpened", [
    hex(opened.escrowId),
    hex(opened.ect),
    hex(actor),
    hex(token),
    ceiling,
    amount,
    tag,
  ]);
  return [told, ...opened.low];
}

/** Facts would be made up where one account is two parties. */
function checkDistinct(
  buyer: Uint8Array,
  providers: readonly Uint8Array[],
  arbiter: Uint8Array,
): Refused | undefined {
  const isProvider = (account: Uint8Array) => providers.some((each) => equalBytes(each, account));
  if (isProvider(buyer)) return refuse("escrow_parties_equal", "buyer and provider");
  if (isZero(arbiter)) return undefined;
  if (equalBytes(arbiter, buyer)) return refuse("escrow_parties_equal", "buyer and arbiter");
  return isProvider(arbiter) ? refuse("escrow_parties_equal", "provider and arbiter") : undefined;
}

function checkProviders(providers: readonly Uint8Array[]): Refused | undefined {
  if (providers.some(isZero)) return refuse("escrow_parties_equal", "the zero address as provider");
  if (new Set(providers.map(hex)).size === providers.length) return undefined;
  return refuse("escrow_parties_equal", "a provider named twice");
}

const checkAcceptTime = (acceptTimeSec: number): Refused | undefined =>
  acceptTimeSec < 1 ? refuse("escrow_terms_invalid", "accept time is at least 1") : undefined;

const checkAmount = (amount: bigint, price: bigint): Refused | undefined =>
  amount < price
    ? refuse("escrow_amount_under_price", `${amount}, a unit costs ${price}`)
    : undefined;

function checkBalance(
  { store, actor }: OperationContext,
  token: Uint8Array,
  amount: bigint,
): Refused | undefined {
  const balance = store.getBalance(actor, token);
  if (balance >= amount) return undefined;
  return refuse("balance_too_low", `has ${balance}, needs ${amount}`);
}

interface NewEscrow {
  readonly kind: EscrowKind;
  readonly provider: Uint8Array | null;
  readonly versionId: number | null;
  readonly amount: bigint;
  readonly terms: EscrowTerms;
  readonly mode: DeliveryMode;
  readonly tag: string;
  readonly token: Uint8Array;
  readonly ceiling: bigint;
  readonly providers: readonly Uint8Array[];
  readonly lastBatchId: number;
  readonly deadlineSec: number;
}

/** Moves the money and writes both rows. */
function insertEscrow(
  context: OperationContext,
  { kind, terms, amount, ...escrow }: NewEscrow,
): Pick<EscrowTermsRow, "escrowId" | "ect"> & { readonly low: readonly Output[] } {
  const { store, at, operationIndex, crypto, actor } = context;
  const place = { ...at, operationIndex };
  const escrowId = computeEscrowId(crypto, place);
  const ect = computeEct(crypto, place);
  const escrowNumber = store.getNextEscrowNumber();
  const { provider, versionId, lastBatchId, deadlineSec, mode, tag, token, ceiling } = escrow;
  store.insertEscrow(
    {
      ...{ escrowNumber, buyer: actor, provider, versionId, held: amount, lastBatchId },
      status: kind === "intent" ? "offered" : "active",
      fillLeft: terms.autoFillLimit,
      ...{ paidUnits: 0, refundedUnits: 0, deadlineSec, startedAtSec: null, fromSequence: 0 },
      ...{ proof: null, messageCount: 0, validCount: 0 },
    },
    {
      ...terms,
      ...{ escrowNumber, escrowId, ect, escrowKind: kind, mode, tag, token, ceiling },
      position: computePosition(at.inputIndex, operationIndex),
      openedAtSec: at.timestampSec,
      providers: escrow.providers,
    },
  );
  const low = debitBalance(store, actor, token, amount);
  moveTotal(store, token, "inBalances", "inEscrows", amount);
  return { escrowId, ect, low };
}
