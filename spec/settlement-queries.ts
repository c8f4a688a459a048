import { declareQuery } from "./declare-query.ts";
import { ESCROW_STATUSES, type EscrowKind } from "./escrow-operations.ts";
import { decodePredicate } from "./predicate.ts";
import * as a from "./query-answers.ts";
import * as f from "./query-fields.ts";
import { DELIVERY_MODES } from "./service-operations.ts";
import { STATE } from "./tables.ts";

/** Queries of channels, services and escrows (spec §9). */

const nextCount = a.orNull(a.count);
const { limit, after } = f;

export const CHANNEL = {
  ...a.membersOf(STATE.channels),
  spendable: a.wireOnly(a.amount),
};
const channels = a.list(a.struct(CHANNEL));

const LANE = a.membersOf(STATE.channelLanes, "channelId", "generation");

export const CHANNEL_QUERIES = {
  channel: declareQuery({
    says: "one payment channel, what is still spendable",
    fields: { channelId: f.count },
    answer: CHANNEL,
  }),
  channels: declareQuery({
    says: "an account's channels",
    fields: { sender: f.address, recipient: f.address, after: f.afterFromZero, limit },
    ways: [["sender"], ["recipient"]],
    answer: { channels, next: nextCount },
  }),
  unclaimed: declareQuery({
    says: "channels that still hold a value for the recipient",
    fields: { recipient: f.address, after: f.afterFromZero, limit },
    answer: { channels, next: nextCount },
  }),
  expiring: declareQuery({
    says: "those of them that expire before a block, the earliest first",
    fields: {
      recipient: f.address,
      beforeBlock: f.count,
      after: f.cursor({ expirationBlock: f.count, channelId: f.count }),
      limit,
    },
    answer: {
      channels,
      next: a.orNull(a.struct({ expirationBlock: a.count, channelId: a.count })),
    },
  }),
  lanes: declareQuery({
    says: "what each lane of a channel has redeemed in its generation",
    fields: { channelId: f.count, after, limit },
    answer: {
      channelId: a.count,
      generation: a.count,
      lanes: a.list(a.struct(LANE)),
      next: nextCount,
    },
  }),
} as const;

const ORGANIZATION = a.membersOf(STATE.organizations);
const PAYMENT_GROUP = a.membersOf(STATE.paymentGroups, "organization");

/** What a provider's escrows came to, as the machine counted it. */
const FACTS = {
  ...{ released: a.count, refunded: a.count, lapsed: a.count },
  /** Batches of their devices that were proved false. */
  challenged: a.count,
};

const { serviceId, provider, name, isWithdrawn } = a.membersOf(STATE.services);
/** A service with one version of its offer. */
const SERVICE = {
  ...{ serviceId, provider, name },
  /** The newest version: what an escrow is opened on. */
  currentVersion: a.count,
  isWithdrawn,
  /** The version that all below is of. */
  ...a.membersOf(STATE.serviceVersions, "versionId", "serviceId", "position"),
  organization: a.orNone(a.text),
  facts: a.struct(FACTS),
};
const services = a.list(a.struct(SERVICE));

export const SERVICE_QUERIES = {
  organization: declareQuery({
    says: "its owner and name",
    fields: { organization: f.text },
    answer: ORGANIZATION,
  }),
  organizations: declareQuery({
    says: "an owner's organizations",
    fields: { owner: f.address, after: f.optional(f.text, ""), limit },
    answer: { organizations: a.list(a.struct(ORGANIZATION)), next: a.orNull(a.text) },
  }),
  payment_groups: declareQuery({
    says: "its payment groups",
    fields: {
      organization: f.text,
      after: f.optional(f.bytes(32), new Uint8Array(0)),
      limit,
    },
    answer: { paymentGroups: a.list(a.struct(PAYMENT_GROUP)), next: a.orNull(a.hex) },
  }),
  service: declareQuery({
    says: "one service and that version (default: the current one), its provider's facts",
    fields: {
      ...{ serviceId: f.count, provider: f.address, name: f.text },
      version: f.optional(f.count),
    },
    ways: [["serviceId"], ["provider", "name"]],
    answer: SERVICE,
  }),
  services: declareQuery({
    says: "a provider's services with their current versions",
    fields: { provider: f.address, after, limit },
    answer: { services, next: nextCount },
  }),
  discover: declareQuery({
    says: "services, cheapest first, then by number",
    fields: {
      ...{ tag: f.text, mode: f.choice(DELIVERY_MODES), token: f.address },
      priceMax: f.optional(f.amount),
      after: f.cursor({ price: f.amount, serviceId: f.count }),
      limit,
    },
    answer: { services, next: a.orNull(a.struct({ price: a.amount, serviceId: a.count })) },
  }),
  provider: declareQuery({
    says: "escrows released, refunded, lapsed, challenged",
    fields: { provider: f.address },
    answer: { provider: a.wireOnly(a.hex), ...FACTS },
  }),
} as const;

const { mode, ceiling, openedAtSec, providers, autoRenew, ...times } = a.membersOf(
  STATE.escrowTerms,
  ...(["escrowNumber", "escrowId", "ect", "escrowKind", "tag", "token", "position"] as const),
  ...(["minValidBasisPoints", "predicate"] as const),
);
/** What never changes of an escrow. */
const TERMS = {
  tag: a.orNone(a.text),
  ...{ ceiling, providers, openedAtSec },
  position: a.wireOnly(a.count),
  ...times,
  arbiter: a.orNone(a.hex),
  minValidRatio: a.converted("minValidBasisPoints", a.count, (points) => points / 10_000),
  autoRenew,
  predicate: a.converted("predicate", a.bytes, decodePredicate),
};

const { status, buyer, held, fillLeft, paidUnits, refundedUnits, ...session } = a.membersOf(
  STATE.escrows,
  ...(["escrowNumber", "versionId", "provider"] as const),
);
const ESCROW = {
  escrowNumber: a.wireOnly(a.count),
  escrowId: a.plain<string, `${EscrowKind}:0x${string}`>(),
  /** Escrow Completion Token: `token-did:empic:…`. An identifier, never a secret. */
  ect: a.text,
  kind: a.plain<EscrowKind>(),
  ...{ status, mode, buyer },
  /** None while an intent waits for one. */
  provider: a.orNone(a.hex),
  serviceId: a.orNone(a.count),
  version: a.orNone(a.count),
  token: a.hex,
  /** Base units a unit; none while an intent waits: then the ceiling holds. */
  price: a.orNone(a.amount),
  ...{ held, fillLeft, paidUnits, refundedUnits },
  /** The next unit: what deliveries and answers name. */
  unit: a.onlyHere(
    ({ paid_units, refunded_units }) => Number(paid_units) + Number(refunded_units) + 1,
  ),
  ...session,
  terms: a.struct(TERMS),
  /** What a poke would do at the asked time; `undefined`: nothing is due, or it was not asked. */
  due: a.optional(a.orNone(a.text)),
};
const escrows = { escrows: a.list(a.struct(ESCROW)), next: nextCount };

export const ESCROW_QUERIES = {
  escrow: declareQuery({
    says: "one escrow, its terms, what a poke would do",
    fields: { escrowId: f.text, nowSec: f.optional(f.count) },
    answer: ESCROW,
  }),
  escrows: declareQuery({
    says: "an account's escrows with their terms",
    fields: {
      ...{ buyer: f.address, provider: f.address },
      status: f.optional(f.choice(ESCROW_STATUSES)),
      ...{ after, limit },
    },
    ways: [["buyer"], ["provider"]],
    answer: escrows,
  }),
  intents: declareQuery({
    says: "intents that wait for a provider",
    fields: { tag: f.text, after, limit },
    answer: escrows,
  }),
} as const;
