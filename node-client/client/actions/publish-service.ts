import { hexToBytes } from "viem";
import type { Hex } from "../../../spec/outputs.ts";
import type { DeliveryMode, ServiceOffer } from "../../../spec/service-operations.ts";
import { type Acting, defineAction, readOwn } from "./define-action.ts";
import { ETHER } from "./ether.ts";

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
export const publishService = defineAction({
  body: ({ name, ...offer }: PublishServiceOptions, { account }: Pick<Acting, "account">) => ({
    kind: "publish_service",
    name,
    offer: toServiceOffer(offer, account),
  }),
  read: (told) => readOwn("publish_service", told),
});

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
