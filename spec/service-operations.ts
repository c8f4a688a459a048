/** Bodies of the operations on organizations and services (spec §11). */

/** How a service delivers. The order is the wire's code, from 0. */
export const DELIVERY_MODES = ["pull", "pubsub"] as const;
export type DeliveryMode = (typeof DELIVERY_MODES)[number];

/** Creates an organization of the actor, or renames the actor's own. */
export interface PutOrganization {
  readonly kind: "put_organization";
  /** A slug (spec §11.1), unique in the application. */
  readonly organization: string;
  readonly name: string;
}

/** Creates or replaces a payment group of the actor's organization. */
export interface PutPaymentGroup {
  readonly kind: "put_payment_group";
  readonly organization: string;
  /** 32 bytes, unique in the organization; what channels name. */
  readonly groupId: Uint8Array;
  readonly name: string;
  /** The recipient of channels to this group. */
  readonly paymentAddress: Uint8Array;
  readonly endpoints: readonly string[];
}

/** One version of a service: never changes once published. */
export interface ServiceOffer {
  /** An organization of the provider, or empty. */
  readonly organization: string;
  /** A payment group of that organization: 32 bytes, or none. */
  readonly groupId: Uint8Array;
  /** Slugs, distinct. */
  readonly tags: readonly string[];
  readonly mode: DeliveryMode;
  readonly token: Uint8Array;
  /** Base units a unit: a pull, or a session. */
  readonly price: bigint;
  /** Whom escrows pay. */
  readonly paymentAddress: Uint8Array;
  readonly endpoints: readonly string[];
  /** The stream whose batches are sold; 0 where the data stays off the machine. */
  readonly streamId: number;
  /** Bit mask of a sealed stream's key groups that a buyer gets; 0 for any other service. */
  readonly groups: number;
}

export interface PublishService {
  readonly kind: "publish_service";
  /** A slug, unique among the provider's services for good. */
  readonly name: string;
  readonly offer: ServiceOffer;
}

/** Publishes the next version. Escrows keep theirs. */
export interface UpdateService {
  readonly kind: "update_service";
  readonly serviceId: number;
  readonly offer: ServiceOffer;
}

/** Ends a service for good: no escrow can be opened on it. Running ones go on. */
export interface WithdrawService {
  readonly kind: "withdraw_service";
  readonly serviceId: number;
}

export type ServiceBody =
  | PutOrganization
  | PutPaymentGroup
  | PublishService
  | UpdateService
  | WithdrawService;
