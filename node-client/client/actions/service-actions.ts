import { hexToBytes } from "viem";
import type { Hex } from "../../../spec/outputs.ts";
import type { DeliveryMode, ServiceOffer } from "../../../spec/service-operations.ts";
import type { Acting } from "./define-action.ts";
import { ETHER } from "./ether.ts";
import { ownAction } from "./own-action.ts";

/** What is offered, in native types. */
export interface ServiceOfferOptions {
  /** 1 to 16 of a–z, 0–9, dot, underscore and hyphen. */
  readonly tags: readonly string[];
  readonly mode: DeliveryMode;
  /** Base units a unit: a pull, or a session. */
  readonly price: bigint;
  /** `ETHER` by default. */
  readonly token?: Hex;
  /** Whom escrows pay; the publishing account by default. */
  readonly paymentAddress?: Hex;
  /** At most 8, such as https://example.org/api. */
  readonly endpoints?: readonly string[];
  /** The stream whose batches are sold; none where the data stays off the machine. */
  readonly streamId?: number;
  /** Key groups of a sealed stream that a buyer gets. */
  readonly groups?: readonly number[];
  readonly organization?: string;
  /** A payment group of that organization: 32 bytes. */
  readonly groupId?: Hex;
}

export interface PublishServiceOptions extends ServiceOfferOptions {
  /** Unique among the provider's services for good. */
  readonly name: string;
}

/**
 * Publishes a service: what is sold, how and for how much.
 *
 * @throws OperationRefused: slug_invalid, service_…, organization_…, stream_not_found and what else
 * an offer can break.
 * @example
 * const { serviceId } = await publishService(client, {
 *   name: "roof-weather", tags: ["weather"], mode: "pull", price: 1_000n, streamId: 1,
 * });
 */
export const publishService = ownAction(
  "publish_service",
  ({ name, ...offer }: PublishServiceOptions, { account }: Pick<Acting, "account">) => ({
    name,
    offer: toServiceOffer(offer, account),
  }),
);

export interface UpdateServiceOptions extends ServiceOfferOptions {
  readonly serviceId: number;
}

/**
 * Publishes a service's next version: the whole offer anew. Escrows that are open keep theirs.
 *
 * @throws OperationRefused: service_not_found, service_sender_not_provider, service_withdrawn, and
 * what an offer can break.
 * @example
 * const { version } = await updateService(client, {
 *   serviceId: 1, tags: ["weather"], mode: "pull", price: 900n, streamId: 1,
 * });
 */
export const updateService = ownAction(
  "update_service",
  ({ serviceId, ...offer }: UpdateServiceOptions, { account }: Pick<Acting, "account">) => ({
    serviceId,
    offer: toServiceOffer(offer, account),
  }),
);

/** The offer as operations take it, paying `provider` by default. */
export function toServiceOffer(options: ServiceOfferOptions, provider: Hex): ServiceOffer {
  const { tags, mode, price, endpoints = [], streamId = 0, groups = [] } = options;
  const { paymentAddress = provider, groupId = "0x", organization = "", token = ETHER } = options;
  return {
    ...{ organization, tags, mode, price, endpoints, streamId },
    groupId: hexToBytes(groupId),
    token: hexToBytes(token),
    paymentAddress: hexToBytes(paymentAddress),
    groups: groups.reduce((mask, group) => mask | (1 << group), 0),
  };
}

export interface WithdrawServiceOptions {
  readonly serviceId: number;
}

/**
 * Ends a service for good: no escrow can be opened on it. Running ones go on.
 *
 * @throws OperationRefused: service_not_found, service_sender_not_provider, service_withdrawn.
 * @example
 * await withdrawService(client, { serviceId: 1 });
 */
export const withdrawService = ownAction(
  "withdraw_service",
  ({ serviceId }: WithdrawServiceOptions) => ({ serviceId }),
);

export interface PutOrganizationOptions {
  /** 1 to 64 of a–z, 0–9, dot, underscore and hyphen; unique in the application. */
  readonly organization: string;
  /** For people. */
  readonly name: string;
}

/**
 * Creates an organization of the account, or renames it.
 *
 * @throws OperationRefused: slug_invalid, display_name_invalid, organization_sender_not_owner.
 * @example
 * await putOrganization(client, { organization: "north-grid", name: "North Grid Ltd" });
 */
export const putOrganization = ownAction(
  "put_organization",
  ({ organization, name }: PutOrganizationOptions) => ({ organization, name }),
);

export interface PutOrganizationGroupOptions {
  readonly organization: string;
  /** 32 bytes, unique in the organization; what channels name. */
  readonly groupId: Hex;
  /** For people. */
  readonly name: string;
  /** The recipient of channels to this group; the account by default. */
  readonly paymentAddress?: Hex;
  readonly endpoints?: readonly string[];
}

/**
 * Creates or replaces a payment group of the account's organization: whom channels to it pay, and
 * where its services answer.
 *
 * @throws OperationRefused: organization_…, display_name_invalid, recipient_not_payable,
 * endpoints_invalid.
 * @example
 * await putOrganizationGroup(client, { organization: "north-grid", groupId, name: "default" });
 */
export const putOrganizationGroup = ownAction(
  "put_payment_group",
  (
    { organization, groupId, name, paymentAddress, endpoints = [] }: PutOrganizationGroupOptions,
    { account }: Pick<Acting, "account">,
  ) => ({
    ...{ organization, groupId: hexToBytes(groupId), name, endpoints },
    paymentAddress: hexToBytes(paymentAddress ?? account),
  }),
);
