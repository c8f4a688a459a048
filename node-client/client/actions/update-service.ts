import { type ApplyOptions, actorOf, applyOperation } from "./apply-operation.ts";
import {
  fromServicePublished,
  type PublishServiceResult,
  type ServiceOfferOptions,
  toServiceOffer,
} from "./publish-service.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export interface UpdateServiceOptions extends ApplyOptions, ServiceOfferOptions {
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
export async function updateService(
  client: TallyrollClient,
  { serviceId, ...options }: UpdateServiceOptions,
): Promise<PublishServiceResult> {
  const offer = toServiceOffer(options, actorOf(client, options.relay));
  const body = { kind: "update_service", serviceId, offer } as const;
  const { at, fields } = await applyOperation(client, body, "ServicePublished", options);
  return { ...at, ...fromServicePublished(fields) };
}
