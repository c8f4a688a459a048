import { declareOperation } from "./declare-operation.ts";
import { declareStruct, type StructOf } from "./field-layout.ts";
import { ENDPOINTS_MAX, KEY_GROUPS_MAX, TAGS_MAX } from "./limits.ts";
import type { Fields } from "./wire-fields.ts";

/** How a service delivers. The order is the wire's code, from 0. */
export const DELIVERY_MODES = ["pull", "pubsub"] as const;
export type DeliveryMode = (typeof DELIVERY_MODES)[number];

const endpoints = (f: Fields) => f.list(ENDPOINTS_MAX, (entry) => entry.text());

/** One version of a service: never changes once published. */
const OFFER = declareStruct("ServiceOffer", "offer", (f) => ({
  /** An organization of the provider, or empty. */
  organization: f.text("or empty"),
  /** A payment group of that organization: 32 bytes, or none. */
  groupId: f.optionalBytes(32),
  /** Slugs, distinct. */
  tags: f.list(TAGS_MAX, (entry) => entry.text()),
  mode: f.choice(DELIVERY_MODES),
  token: f.address(),
  /** Base units a unit: a pull, or a session. */
  price: f.amount(),
  /** Whom escrows pay. */
  paymentAddress: f.address(),
  endpoints: endpoints(f),
  /** The stream whose batches are sold; 0 where the data stays off the machine. */
  streamId: f.id("stream", "or 0"),
  /** Bit mask of a sealed stream's key groups that a buyer gets; 0 for any other service. */
  groups: f.count(2 ** KEY_GROUPS_MAX - 1, "bit mask"),
}));
export type ServiceOffer = StructOf<typeof OFFER>;

/** Operations on organizations and services (spec §11). */
export const SERVICE_OPERATIONS = {
  /** Creates an organization of the actor, or renames the actor's own. */
  put_organization: declareOperation(21, { notices: ["OrganizationPut"] }, (f) => ({
    kind: "put_organization",
    /** A slug (spec §11.1), unique in the application. */
    organization: f.text(),
    name: f.text(),
  })),
  /** Creates or replaces a payment group of the actor's organization. */
  put_payment_group: declareOperation(22, { notices: ["PaymentGroupPut"] }, (f) => ({
    kind: "put_payment_group",
    organization: f.text(),
    /** Unique in the organization; what channels name. */
    groupId: f.bytes(32),
    name: f.text(),
    /** The recipient of channels to this group. */
    paymentAddress: f.address(),
    endpoints: endpoints(f),
  })),
  publish_service: declareOperation(23, { notices: ["ServicePublished"] }, (f) => ({
    kind: "publish_service",
    /** A slug, unique among the provider's services for good. */
    name: f.text(),
    offer: f.struct(OFFER),
  })),
  /** Publishes the next version. Escrows keep theirs. */
  update_service: declareOperation(24, { notices: ["ServicePublished"] }, (f) => ({
    kind: "update_service",
    serviceId: f.id("service"),
    offer: f.struct(OFFER),
  })),
  /** Ends a service for good: no escrow can be opened on it. Running ones go on. */
  withdraw_service: declareOperation(25, { notices: ["ServiceWithdrawn"] }, (f) => ({
    kind: "withdraw_service",
    serviceId: f.id("service"),
  })),
};
