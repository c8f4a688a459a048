import { computeEct, computeEscrowId, computePosition } from "./escrow-id.ts";
import type { EscrowKind, EscrowTerms } from "./escrow-operations.ts";
import { JUDGED_READINGS_MAX } from "./limits.ts";
import { demand, demandFound, type ModelAct, type ModelRules, ZERO_ADDRESS } from "./model-act.ts";
import { listMetrics } from "./model-devices.ts";
import { EscrowCase } from "./model-escrow-case.ts";
import { bringUpToDate } from "./model-escrow-lapse.ts";
import { openAccount } from "./model-money.ts";
import { highestBatchId } from "./model-retention.ts";
import type { Row } from "./model-rows.ts";
import { findOwnService } from "./model-services.ts";
import { bytes, hex } from "./model-state.ts";
import type { BodyOf } from "./operations.ts";
import type { Hex } from "./outputs.ts";
import { decodePredicate, fitsStream } from "./predicate.ts";
import type { DeliveryMode } from "./service-operations.ts";
import { isSlug } from "./slug.ts";

/** Opening, offering and accepting (spec §12.2, §12.9). */

export const ESCROW_OPENING_RULES = {
  open_escrow: openEscrow,
  open_intent: openIntent,
  accept_intent: acceptIntent,
} satisfies Partial<ModelRules>;

function checkTerms(terms: EscrowTerms, mode: DeliveryMode): void {
  const hasArbiter = hex(terms.arbiter) !== ZERO_ADDRESS;
  const hasPredicate = terms.predicate.length > 0;
  const { minMsgCount, minValidBasisPoints, expectedMsgs } = terms;
  const rules = [
    terms.unitCount >= 1,
    terms.deliveryTimeSec >= 1,
    terms.answerTimeSec >= 1,
    hasArbiter ? terms.arbitrationTimeSec >= 1 : terms.arbitrationTimeSec === 0,
  ];
  if (mode === "pull") {
    rules.push(terms.durationSec === 0, expectedMsgs === 0, !terms.autoRenew);
    if (!hasPredicate) rules.push(minMsgCount === 0, minValidBasisPoints === 0);
  } else {
    rules.push(terms.durationSec >= 1, expectedMsgs >= 1);
    rules.push(minMsgCount >= 1, minMsgCount <= expectedMsgs);
  }
  if (hasPredicate) {
    rules.push(minMsgCount >= 1, minMsgCount <= JUDGED_READINGS_MAX, !hasArbiter);
  }
  demand(
    rules.every((rule) => rule),
    "escrow_terms_invalid",
  );
  const isReadable = !hasPredicate || decodePredicate(terms.predicate) !== undefined;
  demand(isReadable, "escrow_predicate_invalid");
}

/** The predicate, if any, judges an open stream that has its metrics. */
function checkFit(act: ModelAct, predicate: Uint8Array, version: Row<"service_versions">): void {
  if (predicate.length === 0) return;
  const { stream_id } = version;
  const stream = stream_id === null ? undefined : act.state.get("streams", stream_id);
  const isFit =
    stream?.visibility === "open" &&
    fitsStream(decodePredicate(predicate)!, listMetrics(act, stream.stream_id));
  demand(isFit, "escrow_predicate_unfit");
}

/** What judges a unit must not be archived before the judgement. */
function checkRetention(
  act: ModelAct,
  { stream_id }: Row<"service_versions">,
  terms: Pick<Row<"escrow_terms">, "duration" | "answer_time" | "arbitration_time" | "predicate">,
): void {
  const stream = stream_id === null ? undefined : act.state.get("streams", stream_id)!;
  const answering = terms.predicate === "0x" ? terms.answer_time : 2 * terms.answer_time;
  const needed = terms.duration + answering + terms.arbitration_time;
  const isEnough = stream === undefined || stream.retention === 0 || needed < stream.retention;
  demand(isEnough, "escrow_retention_too_short");
}

function openEscrow(act: ModelAct, body: BodyOf<"open_escrow">): void {
  const { terms, amount } = body;
  const service = demandFound(act.state.get("services", body.serviceId), "service_not_found");
  demand(service.is_withdrawn === 0, "service_withdrawn");
  demand(service.version === body.version, "service_version_not_current");
  const { provider } = service;
  const arbiter = hex(terms.arbiter);
  const isThird = arbiter !== act.actor && arbiter !== provider;
  demand(act.actor !== provider && isThird, "escrow_parties_equal");
  const version = act.state.get("service_versions", service.version_id)!;
  const { price } = version;
  checkTerms(terms, version.mode as DeliveryMode);
  checkFit(act, terms.predicate, version);
  const { durationSec, answerTimeSec, arbitrationTimeSec } = terms;
  checkRetention(act, version, {
    ...{ duration: durationSec, answer_time: answerTimeSec, arbitration_time: arbitrationTimeSec },
    predicate: hex(terms.predicate),
  });
  demand(amount >= price, "escrow_amount_under_price");
  const escrow = put(act, terms, "standard", {
    ...{ mode: version.mode, tag: "", token: version.token, ceiling: price, providers: "0x" },
  });
  escrow.change({
    ...{ status: "active", provider, version_id: service.version_id },
    deadline: act.now + terms.deliveryTimeSec,
    last_batch_id: highestBatchId(act.state),
  });
  escrow.take(act.actor, amount);
  const names = [escrow.id, escrow.terms.ect, act.actor] as const;
  act.notify("EscrowOpened", [...names, body.serviceId, body.version, price, amount]);
}

function openIntent(act: ModelAct, body: BodyOf<"open_intent">): void {
  const { tag, mode, ceiling, terms, amount } = body;
  const providers = body.providers.map(hex);
  const [token, arbiter] = [hex(body.token), hex(terms.arbiter)];
  demand(isSlug(tag), "slug_invalid");
  demand(ceiling > 0n, "service_price_zero");
  const parties = [ZERO_ADDRESS, act.actor, ...providers];
  demand(new Set(parties).size === parties.length, "escrow_parties_equal");
  const isThird = arbiter === ZERO_ADDRESS || !parties.includes(arbiter);
  demand(isThird, "escrow_parties_equal");
  demand(body.acceptTimeSec >= 1, "escrow_terms_invalid");
  checkTerms(terms, mode);
  demand(amount >= ceiling, "escrow_amount_under_price");
  const named = providers.map((provider) => provider.slice(2)).join("");
  const escrow = put(act, terms, "intent", { mode, tag, token, ceiling, providers: `0x${named}` });
  escrow.change({ status: "offered", deadline: act.now + body.acceptTimeSec });
  act.state.put("open_intents", { tag, escrow_number: escrow.terms.escrow_number });
  escrow.take(act.actor, amount);
  const names = [escrow.id, escrow.terms.ect, act.actor] as const;
  act.notify("IntentOpened", [...names, token, ceiling, amount, tag]);
}

function put(
  act: ModelAct,
  terms: EscrowTerms,
  escrow_kind: EscrowKind,
  offer: Pick<Row<"escrow_terms">, "mode" | "tag" | "token" | "ceiling" | "providers">,
): EscrowCase {
  const place = { ...act.at, operationIndex: act.operationIndex };
  const escrow_number = act.state.count("escrows") + 1;
  act.state.put("escrows", {
    ...{ escrow_number, status: "offered", buyer: act.actor, provider: null, version_id: null },
    ...{ held: 0n, fill_left: terms.autoFillLimit, paid_units: 0, refunded_units: 0 },
    ...{ deadline: null, started_at: null, from_sequence: 0, last_batch_id: 0 },
    ...{ proof: null, message_count: 0, valid_count: 0 },
  });
  const row = act.state.put("escrow_terms", {
    ...{ escrow_number, escrow_id: hex(computeEscrowId(act.crypto, place)) },
    ...{ ect: hex(computeEct(act.crypto, place)), escrow_kind, ...offer },
    position: computePosition(act.at.inputIndex, act.operationIndex),
    opened_at: act.now,
    unit_count: terms.unitCount,
    delivery_time: terms.deliveryTimeSec,
    answer_time: terms.answerTimeSec,
    arbiter: hex(terms.arbiter),
    arbitration_time: terms.arbitrationTimeSec,
    duration: terms.durationSec,
    expected_msgs: terms.expectedMsgs,
    min_msg_count: terms.minMsgCount,
    min_valid_basis_points: terms.minValidBasisPoints,
    auto_renew: terms.autoRenew ? 1 : 0,
    predicate: hex(terms.predicate),
  });
  if (row.arbiter !== ZERO_ADDRESS) openAccount(act, hex(terms.arbiter));
  return new EscrowCase(act, row);
}

function acceptIntent(act: ModelAct, body: BodyOf<"accept_intent">): void {
  const escrow = bringUpToDate(act, body.escrowId);
  const { terms } = escrow;
  demand(terms.escrow_kind === "intent", "escrow_kind_wrong");
  escrow.demandStatus("offered");
  findOwnService(act, body.serviceId);
  const isThird = act.actor !== escrow.row.buyer && act.actor !== terms.arbiter;
  demand(isThird, "escrow_parties_equal");
  const named = listAddresses(terms.providers);
  demand(named.length === 0 || named.includes(act.actor), "intent_provider_not_named");
  const versions = act.state
    .list("service_versions")
    .filter((row) => row.service_id === body.serviceId && row.position < terms.position);
  const current = versions.find((row) => row.version === versions.length);
  const isOfOpening = current !== undefined && current.version === body.version;
  demand(isOfOpening, "intent_version_not_of_opening");
  const { mode, token, price } = current;
  const isFit = mode === terms.mode && token === terms.token;
  demand(isFit && current.tags.split(",").includes(terms.tag), "intent_service_unfit");
  demand(price <= terms.ceiling, "intent_price_over_ceiling");
  checkFit(act, bytes(terms.predicate), current);
  checkRetention(act, current, terms);

  const { held, buyer } = escrow.row;
  const returned = held - (held / terms.ceiling) * price;
  escrow.pay(buyer, returned);
  escrow.change({
    ...{ provider: act.actor, version_id: current.version_id },
    last_batch_id: highestBatchId(act.state),
  });
  escrow.activate();
  const { serviceId, version } = body;
  act.notify("IntentAccepted", [escrow.id, act.actor, serviceId, version, price, returned]);
}

function listAddresses(joined: Hex): Hex[] {
  return (joined.slice(2).match(/.{40}/g) ?? []).map((digits): Hex => `0x${digits}`);
}
