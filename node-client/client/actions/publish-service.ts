import { hexToBytes, zeroAddress } from "viem";
import type { Hex } from "../../../spec/outputs.ts";
import type { DeliveryMode, ServiceOffer } from "../../../spec/service-operations.ts";
import { type AppliedAt, type ApplyOptions, actorOf, applyOperation } from "./apply-operation.ts";
import type { NoticeFields } from "./decode-notice.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

/** What is offered, in native types. */
export interface ServiceOfferOptions {
  /** 1 to 16 of a–z, 0–9, dot, underscore and hyphen. */
  readonly tags: readonly string[];
  readonly mode: DeliveryMode;
  /** Base units a unit: a pull, or a session. */
  readonly price: bigint;
  /** The zero address, Ether, unless told. */
  readonly token?: Hex;
  /** Whom escrows pay; the publishing account unless told. */
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

export interface PublishServiceOptions extends ApplyOptions, ServiceOfferOptions {
  /** Unique among the provider's services for good. */
  readonly name: string;
}

export interface PublishServiceResult extends AppliedAt {
  readonly serviceId: number;
  readonly version: number;
  readonly provider: Hex;
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
export async function publishService(
  client: TallyrollClient,
  { name, ...options }: PublishServiceOptions,
): Promise<PublishServiceResult> {
  const offer = toServiceOffer(options, actorOf(client, options.relay));
  const body = { kind: "publish_service", name, offer } as const;
  const { at, fields } = await applyOperation(client, body, "ServicePublished", options);
  return { ...at, ...fromServicePublished(fields) };
}

/** The offer as operations take it, paying `provider`, 20 bytes, unless told. */
export function toServiceOffer(options: ServiceOfferOptions, provider: Uint8Array): ServiceOffer {
  const { tags, mode, price, endpoints = [], streamId = 0, groups = [] } = options;
  const { paymentAddress, groupId, organization = "", token = zeroAddress } = options;
  return {
    ...{ organization, tags, mode, price, endpoints, streamId },
    groupId: groupId === undefined ? new Uint8Array(0) : hexToBytes(groupId),
    token: hexToBytes(token),
    paymentAddress: paymentAddress === undefined ? provider : hexToBytes(paymentAddress),
    groups: groups.reduce((mask, group) => mask | (1 << group), 0),
  };
}

/** The notice's fields in native types. */
export const fromServicePublished = ({
  serviceId,
  version,
  provider,
  name,
}: NoticeFields<"ServicePublished">): Omit<PublishServiceResult, keyof AppliedAt> => ({
  ...{ serviceId: Number(serviceId), version: Number(version), provider, name },
});
