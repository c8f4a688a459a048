import type { EscrowTerms } from "../../spec/escrow-operations.ts";
import { computeReceiptDigest } from "../../spec/escrow-receipt.ts";
import type { Row } from "../../spec/model-rows.ts";
import type { Operation, SignableBody } from "../../spec/operations.ts";
import type { Hex } from "../../spec/outputs.ts";
import { encodePredicate, type Predicate } from "../../spec/predicate.ts";
import { DELIVERY_MODES, type DeliveryMode } from "../../spec/service-operations.ts";
import { rememberingCrypto as crypto, signDigest } from "./model-crypto.ts";
import { grantOn, submit } from "./model-device-operations.ts";
import { TAGS } from "./model-service-operations.ts";
import {
  type ActorOperation,
  bytesOf,
  DOMAIN,
  fill,
  hexOf,
  type View,
  ZERO,
} from "./model-view.ts";
import type { PersonWithKey } from "./shared-keys.ts";

/** Operations on escrows: mostly what the status waits for, by whom it waits for. */

const COLD: Predicate = {
  ...{ kind: "range", name: "temperature", unit: "Cel", scale: 2 },
  ...{ minimum: 0, maximum: 5_000 },
};
const DRY: Predicate = { ...COLD, name: "humidity", unit: "%RH", scale: 0, maximum: 50 };
const PREDICATES = [COLD, { kind: "and", parts: [COLD, DRY] }, { kind: "or", parts: [COLD, DRY] }]
  .map((predicate) => encodePredicate(predicate as Predicate))
  .concat(Uint8Array.of(9), encodePredicate({ ...COLD, scale: 3 }));

function termsOf(
  v: View,
  mode: DeliveryMode,
  canBeJudged: boolean,
  not: readonly Hex[],
): EscrowTerms {
  const { rng } = v;
  const isPubsub = mode === "pubsub";
  const isJudged = canBeJudged ? rng.chance(2) : rng.chance(15);
  const arbiter = isJudged !== rng.chance(15) || rng.chance(2) ? ZERO : v.other(...not).address;
  const hasArbiter = arbiter !== ZERO;
  const expectedMsgs = isPubsub ? 1 + rng.below(5) : 0;
  const hasLeast = isPubsub || isJudged;
  const terms = {
    unitCount: 1 + rng.below(4),
    deliveryTimeSec: 1 + rng.below(90),
    answerTimeSec: 1 + rng.below(60),
    arbiter,
    arbitrationTimeSec: hasArbiter ? 1 + rng.below(60) : 0,
    autoFillLimit: rng.chance(2) ? 0n : BigInt(rng.below(40)),
    durationSec: isPubsub ? 1 + rng.below(20) : 0,
    expectedMsgs,
    minMsgCount: hasLeast ? 1 + rng.below(Math.max(1, expectedMsgs)) : 0,
    minValidBasisPoints: hasLeast ? rng.pick([0, 3_333, 5_000, 7_500]) : 0,
    autoRenew: isPubsub && !rng.chance(3),
    predicate: isJudged ? rng.pick(PREDICATES.slice(0, rng.chance(10) ? 5 : 3)) : new Uint8Array(0),
  };
  if (!rng.chance(12)) return terms;
  const wrong: Partial<EscrowTerms>[] = [
    { unitCount: 0 },
    { deliveryTimeSec: 0 },
    { answerTimeSec: 0 },
    { arbitrationTimeSec: hasArbiter ? 0 : 1 },
    { durationSec: isPubsub ? 0 : 1 },
    { expectedMsgs: isPubsub ? 0 : 1 },
    { minMsgCount: isPubsub ? expectedMsgs + 1 : 1 },
    { minMsgCount: 2_049 },
    { minValidBasisPoints: 1 },
    { autoRenew: true },
  ];
  return { ...terms, ...rng.pick(wrong) };
}

function isOpenStream(v: View, streamId: number | null): boolean {
  return streamId !== null && v.model.state.get("streams", streamId)?.visibility === "open";
}

function openEscrow(v: View): ActorOperation | undefined {
  const service = v.row("services", (row) => row.is_withdrawn === 0 || v.rng.chance(9));
  if (service === undefined) return undefined;
  const version = v.model.state.get("service_versions", service.version_id)!;
  const token = bytesOf(version.token);
  const payers = [1, 2, 3].map(() => v.other(service.provider));
  const actor = payers.find((who) => v.balance(who, token) >= version.price) ?? v.anybody;
  const parties = [service.provider, hexOf(actor.address)];
  const canBeJudged = isOpenStream(v, version.stream_id);
  const terms = termsOf(v, version.mode as DeliveryMode, canBeJudged, parties);
  const amount = version.price * BigInt(1 + v.rng.below(terms.unitCount + 1));
  const body = {
    kind: "open_escrow",
    ...{ serviceId: v.near(service.service_id), version: v.near(service.version) },
    ...{ amount: v.rng.chance(8) ? v.amount(amount) : amount, terms },
  } as const;
  return { actor, body };
}

/** Few at a time, so that each gets far. */
function isCrowded(v: View): boolean {
  const open = v.list("escrows").filter(({ deadline }) => (deadline ?? 0) > v.at.timestampSec);
  return open.length > 4 && !v.rng.chance(6);
}

export function open(v: View): ActorOperation | Operation | undefined {
  if (isCrowded(v)) return actOnEscrow(v);
  return v.rng.chance(3) ? openIntent(v) : openEscrow(v);
}

function openIntent(v: View): ActorOperation {
  const { rng } = v;
  const model = v.row("service_versions");
  const token = model === undefined ? v.token : bytesOf(model.token);
  const mode = rng.chance(12)
    ? rng.pick(DELIVERY_MODES)
    : ((model?.mode ?? "pull") as DeliveryMode);
  const ceiling = rng.chance(15) ? 0n : (model?.price ?? 3n) + BigInt(rng.below(4)) - 1n;
  const provider = model && v.model.state.get("services", model.service_id)!.provider;
  const actor = v.other(provider);
  const friend = v.other(provider, hexOf(actor.address));
  const named = provider === undefined ? [] : [bytesOf(provider), friend.address];
  const parties = [provider ?? "0x", hexOf(actor.address), hexOf(friend.address)] as const;
  const terms = termsOf(v, mode, isOpenStream(v, model?.stream_id ?? null), parties);
  const body = {
    kind: "open_intent",
    tag: rng.chance(15) ? "A" : (model?.tags.split(",")[0] ?? rng.pick(TAGS)),
    ...{ mode, token, ceiling, acceptTimeSec: rng.chance(20) ? 0 : 1 + rng.below(60) },
    providers: named.slice(0, rng.chance(2) ? 0 : 1 + rng.below(2)),
    amount: v.amount(ceiling * BigInt(1 + rng.below(4))) + (rng.chance(3) ? 0n : ceiling),
    terms,
  } as const;
  return { actor, body };
}

/** An escrow as an operation sees it. */
interface Sight {
  readonly row: Row<"escrows">;
  readonly terms: Row<"escrow_terms">;
  readonly version: Row<"service_versions"> | undefined;
  readonly escrowId: Uint8Array;
  readonly unit: number;
}

function sight(v: View, row: Row<"escrows">): Sight {
  const terms = v.model.state.get("escrow_terms", row.escrow_number)!;
  const version = v.model.state.get("service_versions", row.version_id ?? 0);
  const unit = v.near(row.paid_units + row.refunded_units + 1);
  return { row, terms, version, escrowId: bytesOf(terms.escrow_id), unit };
}

/** A batch of the escrow's stream, a false one now and then; 0 where it sells none. */
function batchOf(v: View, { row, version }: Sight): number {
  if (version?.stream_id === null || version === undefined) return v.rng.chance(15) ? 1 : 0;
  const isOfStream = (batch: Row<"batches">) =>
    (batch.stream_id === version.stream_id && batch.batch_id > row.last_batch_id) ||
    v.rng.chance(30);
  const batch = v.row("batches", isOfStream);
  return v.near(batch?.batch_id ?? 0);
}

type Maker = (v: View, sight: Sight) => readonly [PersonWithKey, SignableBody] | undefined;

function acceptIntent(v: View, { row, terms, escrowId }: Sight) {
  const named =
    terms.providers === "0x" ? undefined : (`0x${terms.providers.slice(2, 42)}` as const);
  const isMine = (provider: string) => named === undefined || provider === named || v.rng.chance(5);
  const fits = (service: Row<"services">) => {
    const { mode, token, price } = v.model.state.get("service_versions", service.version_id)!;
    return mode === terms.mode && token === terms.token && price <= terms.ceiling;
  };
  const service =
    v.row(
      "services",
      (each) => isMine(each.provider) && each.provider !== row.buyer && fits(each),
    ) ?? v.row("services");
  if (service === undefined) return undefined;
  const { service_id: serviceId, version, provider } = service;
  const body = { kind: "accept_intent", escrowId, serviceId, version: v.near(version) } as const;
  return [v.mostly(provider), body] as const;
}

const MAKERS: Readonly<Record<string, Maker>> = {
  accept_intent: acceptIntent,
  deliver: (v, s) => {
    const batchId = batchOf(v, s);
    const commitment = (batchId === 0) !== v.rng.chance(15) ? fill(0xcc) : new Uint8Array(0);
    const body = {
      kind: "deliver_unit",
      escrowId: s.escrowId,
      unit: s.unit,
      batchId,
      commitment,
    } as const;
    return [v.mostly(s.row.provider), body];
  },
  start: (v, { row, escrowId, unit }) => [
    v.mostly(row.provider),
    { kind: "start_session", escrowId, unit },
  ],
  anchor: (v, s) => {
    const messageCount = v.rng.below(6);
    const validCount = v.near(v.rng.below(messageCount + 1));
    const counts = { messageCount, validCount, root: fill(0xdd) };
    const { escrowId, unit } = s;
    const body = {
      kind: "anchor_session",
      escrowId,
      unit,
      batchId: batchOf(v, s),
      ...counts,
    } as const;
    return [v.mostly(s.row.provider), body];
  },
  redeem: (v, s) => {
    const isPull = s.terms.mode === "pull";
    const unit = isPull ? s.unit + v.rng.below(4) : s.unit;
    const messageCount = isPull ? v.near(0) : v.rng.below(6);
    const validCount = isPull ? 0 : v.near(v.rng.below(messageCount + 1));
    const receipt = { escrowId: s.escrowId, unit, messageCount, validCount };
    const signer = v.mostly(s.row.buyer);
    const signature = signDigest(signer, computeReceiptDigest(crypto, DOMAIN, receipt));
    const batchId = isPull ? v.near(0) : batchOf(v, s);
    return [v.mostly(s.row.provider), { kind: "redeem_receipt", ...receipt, batchId, signature }];
  },
  accept: (v, { row, escrowId, unit }) => [
    v.mostly(row.buyer),
    { kind: "accept_unit", escrowId, unit },
  ],
  reject: (v, s) => {
    const { row, escrowId, unit } = s;
    const disproved = v.row("batches", (batch) => batch.disproved_group !== null);
    const named = v.rng.chance(3) ? row.last_batch_id : (disproved?.batch_id ?? batchOf(v, s));
    const batchId = v.rng.chance(2) ? 0 : named;
    return [v.mostly(row.buyer), { kind: "reject_unit", escrowId, unit, batchId }];
  },
  arbitrate: (v, { terms, version, escrowId, unit }) => {
    const amount = v.rng.chance(9) ? (version?.price ?? 0n) + 1n : v.amount(version?.price ?? 1n);
    return [v.mostly(terms.arbiter), { kind: "arbitrate", escrowId, unit, amount }];
  },
  end: (v, { row, escrowId }) => {
    const actor = v.mostly(v.rng.chance(2) ? row.buyer : row.provider);
    return [actor, { kind: "end_escrow", escrowId }];
  },
  fund: (v, { escrowId, version }) => {
    const amount = v.amount((version?.price ?? 4n) * 2n);
    return [v.anybody, { kind: "fund_escrow", escrowId, amount }];
  },
  fill: (v, { row, escrowId }) => {
    const limit = BigInt(v.rng.below(30));
    return [v.mostly(row.buyer), { kind: "set_auto_fill", escrowId, limit }];
  },
  poke: (v, { escrowId }) => [v.anybody, { kind: "poke_escrow", escrowId }],
};

/** What each status waits for; anything else comes now and then. */
const AWAITED: Readonly<Record<string, readonly string[]>> = {
  offered: ["accept_intent", "accept_intent", "accept_intent", "fund", "end"],
  active: ["deliver", "deliver", "start", "start", "redeem", "fund", "fill", "end"],
  running: ["anchor", "redeem", "anchor", "poke", "fund"],
  delivered: ["accept", "accept", "accept", "reject", "redeem", "poke"],
  disputed: ["arbitrate", "arbitrate", "reject", "poke"],
  ending: ["redeem", "redeem", "fund", "poke"],
};

/** What a unit of a stream wants first: a batch that counts, and a grant that opens it. */
function prepare(v: View, { row, version }: Sight): ActorOperation | Operation | undefined {
  const stream = v.model.state.get("streams", version?.stream_id ?? 0);
  if (stream === undefined || v.rng.chance(9)) return undefined;
  const isNew = (batch: Row<"batches">) =>
    batch.stream_id === stream.stream_id && batch.batch_id > row.last_batch_id;
  if (!v.list("batches").some(isNew)) return submit(v, stream.stream_id);
  if (stream.visibility === "open") return undefined;
  const isGranted = v
    .list("grants")
    .some(({ stream_id, buyer }) => stream_id === stream.stream_id && buyer === row.buyer);
  return isGranted ? undefined : grantOn(v, stream, bytesOf(row.buyer));
}

const NEEDS_BATCH = ["deliver", "anchor", "redeem"];

export function actOnEscrow(v: View): ActorOperation | Operation | undefined {
  const isOpen = ({ deadline }: Row<"escrows">) =>
    deadline === null ? v.rng.chance(25) : deadline > v.at.timestampSec || v.rng.chance(4);
  const row = v.row("escrows", isOpen);
  if (row === undefined) return openEscrow(v);
  const seen = sight(v, row);
  const { rng } = v;
  const name = rng.chance(10)
    ? rng.pick(Object.keys(MAKERS))
    : rng.pick(AWAITED[row.status] ?? ["poke"]);
  const right =
    row.status === "active" && (name === "deliver" || name === "start") && !rng.chance(10)
      ? { pull: "deliver", pubsub: "start" }[seen.terms.mode]!
      : name;
  const first = NEEDS_BATCH.includes(right) ? prepare(v, seen) : undefined;
  if (first !== undefined) return first;
  const made = MAKERS[right]!(v, rng.chance(60) ? { ...seen, escrowId: fill(1, 16) } : seen);
  return made && { actor: made[0], body: made[1] };
}
