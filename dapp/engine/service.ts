import { computePosition } from "../../spec/escrow-id.ts";
import { encodeNotice } from "../../spec/notices.ts";
import type { Output } from "../../spec/outputs.ts";
import { isRefused, type Refused, refuse } from "../../spec/refusals.ts";
import type {
  PublishService,
  ServiceOffer,
  UpdateService,
  WithdrawService,
} from "../../spec/service-operations.ts";
import { isSlug } from "../../spec/slug.ts";
import { equalBytes } from "../../spec/words.ts";
import { invariant } from "./invariant.ts";
import { type Handlers, hex, type OperationContext, type Outcome } from "./operation-context.ts";
import { quoteText } from "./quote-text.ts";
import { checkOffer } from "./service-offer.ts";
import type { ServiceRow, ServiceVersionRow } from "./service-rows.ts";
import type { Store } from "./store.ts";

export const SERVICE_HANDLERS = {
  publish_service: applyPublish,
  update_service: applyUpdate,
  withdraw_service: applyWithdrawService,
} satisfies Partial<Handlers>;

/** §11.3 A new service of the actor, with its first version. */
function applyPublish(body: PublishService, context: OperationContext): Outcome {
  const { store, actor } = context;
  if (!isSlug(body.name)) return refuse("slug_invalid", `the name ${quoteText(body.name)}`);
  const taken = store.getServiceIdOfName(actor, body.name);
  if (taken !== undefined)
    return refuse("service_name_taken", `service ${taken} has the name ${body.name}`);
  const fault = checkOffer(body.offer, context);
  if (fault !== undefined) return fault;

  // COMMIT POINT
  const serviceId = store.getNextServiceId();
  const row = insertVersion(context, body.offer, serviceId, 1);
  const { versionId } = row;
  const { name } = body;
  const service = { serviceId, provider: actor, name, version: 1, versionId, isWithdrawn: false };
  store.insertService(service);
  return [tellPublished(service, row)];
}

/** §11.3 The next version. Escrows that were opened before keep theirs. */
function applyUpdate(body: UpdateService, context: OperationContext): Outcome {
  const { store } = context;
  const service = findOwnService(store, body.serviceId, context.actor);
  if (isRefused(service)) return service;
  const fault = checkOffer(body.offer, context);
  if (fault !== undefined) return fault;

  // COMMIT POINT
  store.deleteServiceTags(getCurrentVersion(store, service));
  const row = insertVersion(context, body.offer, service.serviceId, service.version + 1);
  store.updateService({ ...service, version: row.version, versionId: row.versionId });
  return [tellPublished(service, row)];
}

/** §11.3 The end of a service: nobody finds it, no escrow is opened on it. */
function applyWithdrawService(body: WithdrawService, context: OperationContext): Outcome {
  const { store } = context;
  const service = findOwnService(store, body.serviceId, context.actor);
  if (isRefused(service)) return service;

  // COMMIT POINT
  store.deleteServiceTags(getCurrentVersion(store, service));
  store.updateService({ ...service, isWithdrawn: true });
  return [encodeNotice("ServiceWithdrawn", [BigInt(service.serviceId)])];
}

/** The service, if it is there, the actor's, and not withdrawn. */
export function findOwnService(
  store: Store,
  serviceId: number,
  actor: Uint8Array,
): ServiceRow | Refused {
  const service = store.getService(serviceId);
  if (service === undefined) return refuse("service_not_found", `service ${serviceId}`);
  if (!equalBytes(service.provider, actor)) {
    return refuse(
      "service_sender_not_provider",
      `service ${serviceId} is of ${hex(service.provider)}, not ${hex(actor)}`,
    );
  }
  return service.isWithdrawn ? refuse("service_withdrawn", `service ${serviceId}`) : service;
}

/** The version that the service has now. */
export function getCurrentVersion(store: Store, service: ServiceRow): ServiceVersionRow {
  const version = store.getServiceVersion(service.versionId);
  invariant(version !== undefined, "a service has a version");
  return version;
}

function insertVersion(
  { store, at, operationIndex }: OperationContext,
  offer: ServiceOffer,
  serviceId: number,
  version: number,
): ServiceVersionRow {
  const row = {
    ...offer,
    versionId: store.getNextVersionId(),
    serviceId,
    version,
    position: computePosition(at.inputIndex, operationIndex),
  };
  store.insertServiceVersion(row);
  store.insertServiceTags(row);
  return row;
}

const tellPublished = (service: ServiceRow, row: ServiceVersionRow): Output =>
  encodeNotice("ServicePublished", [
    BigInt(service.serviceId),
    BigInt(row.version),
    hex(service.provider),
    hex(row.token),
    row.price,
    row.mode === "pubsub",
    BigInt(row.streamId),
    service.name,
  ]);
