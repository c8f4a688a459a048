import { computePosition } from "../../spec/escrow-id.ts";
import { encodeNotice } from "../../spec/notices.ts";
import type { BodyOf } from "../../spec/operations.ts";
import type { Output } from "../../spec/outputs.ts";
import { isRefused, type Refused, refuse } from "../../spec/refusals.ts";
import type { ServiceOffer } from "../../spec/service-operations.ts";
import { isSlug } from "../../spec/slug.ts";
import { equalBytes } from "../../spec/words.ts";
import { openAccount, openBalance } from "./balances.ts";
import { measureText } from "./clip-text.ts";
import { invariant } from "./invariant.ts";
import type { Handlers, OperationContext, Outcome } from "./operation-context.ts";
import { openFacts } from "./provider-facts.ts";
import { noteMade } from "./resolve-references.ts";
import { checkOffer } from "./service-offer.ts";
import type { Row, ServiceRow, ServiceVersionRow, Store } from "./store.ts";

export const SERVICE_HANDLERS = {
  publish_service: applyPublish,
  update_service: applyUpdate,
  withdraw_service: applyWithdrawService,
} satisfies Partial<Handlers>;

/** §11.3 A new service of the actor, with its first version. */
function applyPublish(body: BodyOf<"publish_service">, context: OperationContext): Outcome {
  const { store, actor } = context;
  if (!isSlug(body.name))
    return refuse("slug_invalid", 'the name "{text}"', measureText(body.name));
  const taken = store.services.find({ provider: actor, name: body.name });
  if (taken !== undefined) {
    const values = { serviceId: taken.serviceId, name: body.name };
    return refuse("service_name_taken", "service {serviceId} has the name {name}", values);
  }
  const fault = checkOffer(body.offer, context);
  if (fault !== undefined) return fault;

  // COMMIT POINT
  const serviceId = store.services.nextId();
  const row = insertVersion(context, body.offer, serviceId, 1);
  const { versionId } = row;
  const { name } = body;
  const service = { serviceId, provider: actor, name, version: 1, versionId, isWithdrawn: false };
  store.services.insert(service);
  noteMade(context, "service", serviceId);
  return [tellPublished(service, row)];
}

/** §11.3 The next version. Escrows that were opened before keep theirs. */
function applyUpdate(body: BodyOf<"update_service">, context: OperationContext): Outcome {
  const { store } = context;
  const service = findOwnService(body.serviceId, context);
  if (isRefused(service)) return service;
  const fault = checkOffer(body.offer, context);
  if (fault !== undefined) return fault;

  // COMMIT POINT
  for (const row of listTags(getCurrentVersion(store, service))) store.serviceTags.remove(row);
  const row = insertVersion(context, body.offer, service.serviceId, service.version + 1);
  store.services.update({ ...service, version: row.version, versionId: row.versionId });
  return [tellPublished(service, row)];
}

/** §11.3 The end of a service: nobody finds it, no escrow is opened on it. */
function applyWithdrawService(
  body: BodyOf<"withdraw_service">,
  context: OperationContext,
): Outcome {
  const { store } = context;
  const service = findOwnService(body.serviceId, context);
  if (isRefused(service)) return service;

  // COMMIT POINT
  for (const row of listTags(getCurrentVersion(store, service))) store.serviceTags.remove(row);
  store.services.update({ ...service, isWithdrawn: true });
  return [encodeNotice("ServiceWithdrawn", [service.serviceId])];
}

/** The service, if it is there, the actor's, and not withdrawn. */
export function findOwnService(
  serviceId: number,
  { store, actor }: OperationContext,
): ServiceRow | Refused {
  const service = store.services.get(serviceId);
  if (service === undefined)
    return refuse("service_not_found", "service {serviceId}", { serviceId });
  if (!equalBytes(service.provider, actor)) {
    const detail = "service {serviceId} is of {provider}, not {actor}";
    return refuse("service_sender_not_provider", detail, { ...service, actor });
  }
  return service.isWithdrawn
    ? refuse("service_withdrawn", "service {serviceId}", service)
    : service;
}

/** The version that the service has now. */
export function getCurrentVersion(store: Store, service: ServiceRow): ServiceVersionRow {
  const version = store.serviceVersions.get(service.versionId);
  invariant(version !== undefined, "a service has a version");
  return version;
}

function insertVersion(
  { store, at, operationIndex, actor }: OperationContext,
  offer: ServiceOffer,
  serviceId: number,
  version: number,
): ServiceVersionRow {
  // What the end of any escrow on it needs.
  openBalance(store, offer.paymentAddress, offer.token);
  openAccount(store, actor);
  openFacts(store, actor);
  const row = {
    ...offer,
    versionId: store.serviceVersions.nextId(),
    serviceId,
    version,
    position: computePosition(at.inputIndex, operationIndex),
  };
  store.serviceVersions.insert(row);
  for (const each of listTags(row)) store.serviceTags.insert(each);
  return row;
}

/** What discovery finds a version by. */
function listTags(version: ServiceVersionRow): readonly Row<"serviceTags">[] {
  const { tags, mode, token, price, serviceId } = version;
  return tags.map((tag) => ({ tag, mode, token, price, serviceId }));
}

const tellPublished = (service: ServiceRow, row: ServiceVersionRow): Output =>
  encodeNotice("ServicePublished", [
    service.serviceId,
    row.version,
    service.provider,
    row.token,
    row.price,
    row.mode === "pubsub",
    row.streamId,
    service.name,
  ]);
