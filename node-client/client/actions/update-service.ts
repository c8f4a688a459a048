import { type Acting, defineAction, readOwn } from "./define-action.ts";
import { type ServiceOfferOptions, toServiceOffer } from "./publish-service.ts";

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
export const updateService = defineAction({
  body: ({ serviceId, ...offer }: UpdateServiceOptions, { account }: Pick<Acting, "account">) => ({
    kind: "update_service",
    serviceId,
    offer: toServiceOffer(offer, account),
  }),
  read: (told) => readOwn("update_service", told),
});
