import { computePosition } from "./escrow-id.ts";
import { NAME_BYTES_MAX } from "./limits.ts";
import { demand, demandFound, type ModelAct, type ModelRules, ZERO_ADDRESS } from "./model-act.ts";
import { isPrintable } from "./model-devices.ts";
import { openFacts } from "./model-facts.ts";
import { openAccount, openBalance } from "./model-money.ts";
import type { Row } from "./model-rows.ts";
import { hex } from "./model-state.ts";
import type { BodyOf } from "./operations.ts";
import type { ServiceOffer } from "./service-operations.ts";
import { areEndpoints, isSlug } from "./slug.ts";

/** Organizations, payment groups and services (spec §11). */

export const SERVICE_RULES = {
  put_organization: putOrganization,
  put_payment_group: putPaymentGroup,
  publish_service: publishService,
  update_service: updateService,
  withdraw_service: withdrawService,
} satisfies Partial<ModelRules>;

function putOrganization(act: ModelAct, body: BodyOf<"put_organization">): void {
  const { organization, name } = body;
  demand(isSlug(organization), "slug_invalid");
  demand(isPrintable(name, 1, NAME_BYTES_MAX), "display_name_invalid");
  const owner = act.state.get("organizations", organization)?.owner ?? act.actor;
  demand(owner === act.actor, "organization_sender_not_owner");
  act.state.put("organizations", { organization, owner, name });
  act.notify("OrganizationPut", [owner, organization, name]);
}

function putPaymentGroup(act: ModelAct, body: BodyOf<"put_payment_group">): void {
  const { organization, name, endpoints } = body;
  const [groupId, paymentAddress] = [hex(body.groupId), hex(body.paymentAddress)];
  const row = demandFound(act.state.get("organizations", organization), "organization_not_found");
  demand(row.owner === act.actor, "organization_sender_not_owner");
  demand(isPrintable(name, 1, NAME_BYTES_MAX), "display_name_invalid");
  demand(paymentAddress !== ZERO_ADDRESS, "recipient_not_payable");
  demand(areEndpoints(endpoints), "endpoints_invalid");
  act.state.put("payment_groups", {
    ...{ organization, payment_group: groupId, name, payment_address: paymentAddress },
    endpoints: endpoints.join("\n"),
  });
  act.notify("PaymentGroupPut", [groupId, paymentAddress, organization, name]);
}

function checkOffer(act: ModelAct, offer: ServiceOffer): void {
  const { tags, organization, groupId, streamId, groups } = offer;
  const areTags = tags.length > 0 && tags.every(isSlug) && new Set(tags).size === tags.length;
  demand(areTags, "service_tags_invalid");
  demand(offer.price > 0n, "service_price_zero");
  const paymentAddress = hex(offer.paymentAddress);
  const isPayable = paymentAddress !== ZERO_ADDRESS && paymentAddress !== act.app;
  demand(isPayable, "recipient_not_payable");
  demand(areEndpoints(offer.endpoints), "endpoints_invalid");
  if (organization !== "") {
    const row = act.state.get("organizations", organization);
    demand(row !== undefined, "organization_not_found");
    demand(row.owner === act.actor, "organization_sender_not_owner");
  }
  if (groupId.length > 0) {
    const row = act.state.get("payment_groups", organization, hex(groupId));
    demand(row !== undefined, "payment_group_not_found");
  }
  let groupCount = 0;
  if (streamId !== 0) {
    const stream = demandFound(act.state.get("streams", streamId), "stream_not_found");
    const { owner } = act.state.get("devices", stream.device_id)!;
    demand(owner === act.actor, "service_stream_not_own");
    if (stream.visibility === "sealed") groupCount = stream.group_count;
  }
  const isMask = groupCount === 0 ? groups === 0 : groups > 0 && groups < 2 ** groupCount;
  demand(isMask, "service_groups_invalid");
}

function publishService(act: ModelAct, body: BodyOf<"publish_service">): void {
  const { name, offer } = body;
  demand(isSlug(name), "slug_invalid");
  const isTaken = act.state
    .list("services")
    .some((row) => row.provider === act.actor && row.name === name);
  demand(!isTaken, "service_name_taken");
  checkOffer(act, offer);
  const service_id = act.state.count("services") + 1;
  putVersion(act, { service_id, provider: act.actor, name, is_withdrawn: 0 }, 1, offer);
}

/** A service of the actor that is not withdrawn. */
export function findOwnService(act: ModelAct, serviceId: number): Row<"services"> {
  const service = demandFound(act.state.get("services", serviceId), "service_not_found");
  demand(service.provider === act.actor, "service_sender_not_provider");
  demand(service.is_withdrawn === 0, "service_withdrawn");
  return service;
}

function updateService(act: ModelAct, body: BodyOf<"update_service">): void {
  const service = findOwnService(act, body.serviceId);
  checkOffer(act, body.offer);
  removeTags(act, service);
  putVersion(act, service, service.version + 1, body.offer);
}

function withdrawService(act: ModelAct, body: BodyOf<"withdraw_service">): void {
  const service = findOwnService(act, body.serviceId);
  removeTags(act, service);
  act.state.put("services", { ...service, is_withdrawn: 1 });
  act.notify("ServiceWithdrawn", [service.service_id]);
}

function putVersion(
  act: ModelAct,
  service: Omit<Row<"services">, "version" | "version_id">,
  version: number,
  offer: ServiceOffer,
): void {
  const { service_id, provider, name } = service;
  const { mode, price, streamId } = offer;
  const token = hex(offer.token);
  const version_id = act.state.count("service_versions") + 1;
  // What the end of an escrow on it needs.
  openBalance(act, hex(offer.paymentAddress), token);
  openAccount(act, provider);
  openFacts(act, provider);
  act.state.put("services", { ...service, version, version_id });
  act.state.put("service_versions", {
    ...{ version_id, service_id, version },
    position: computePosition(act.at.inputIndex, act.operationIndex),
    organization: offer.organization,
    payment_group: offer.groupId.length === 0 ? null : hex(offer.groupId),
    tags: offer.tags.join(","),
    ...{ mode, token, price, payment_address: hex(offer.paymentAddress) },
    endpoints: offer.endpoints.join("\n"),
    stream_id: streamId === 0 ? null : streamId,
    groups: offer.groups,
  });
  for (const tag of offer.tags) {
    act.state.put("service_tags", { tag, mode, token, price, service_id });
  }
  act.notify("ServicePublished", [
    ...([service_id, version, provider, token, price] as const),
    ...([mode === "pubsub", streamId, name] as const),
  ]);
}

/** Discovery shows current versions only. */
function removeTags(act: ModelAct, { service_id, version_id }: Row<"services">): void {
  const { tags, mode, token, price } = act.state.get("service_versions", version_id)!;
  for (const tag of tags.split(",")) {
    act.state.remove("service_tags", tag, mode, token, price, service_id);
  }
}
