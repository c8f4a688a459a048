import { DELIVERY_MODES, type ServiceOffer } from "../../spec/service-operations.ts";
import { type ActorOperation, bytesOf, fill, hexOf, type View, ZERO } from "./model-view.ts";
import type { PersonWithKey } from "./shared-keys.ts";

/** Operations on organizations and services. */

export const TAGS = ["air", "water", "city.traffic"];
const SLUGS = ["acme", "meteo", "grid-2", "Not a slug"];

export function putOrganization(v: View): ActorOperation {
  const organization = v.rng.pick(SLUGS);
  const row = v.model.state.get("organizations", organization);
  const name = v.rng.chance(12) ? "" : `Organization ${v.rng.below(4)}`;
  return { actor: v.mostly(row?.owner), body: { kind: "put_organization", organization, name } };
}

export function putPaymentGroup(v: View): ActorOperation {
  const row = v.row("organizations");
  const body = {
    organization: v.rng.chance(12) ? "unknown" : (row?.organization ?? "acme"),
    groupId: fill(v.rng.below(3)),
    name: v.rng.chance(15) ? "\u0007" : "Default",
    paymentAddress: v.rng.chance(12) ? ZERO : v.anybody.address,
    endpoints: v.rng.chance(12)
      ? ["a b"]
      : ["https://a.example", "https://b.example"].slice(v.rng.below(3)),
  };
  return { actor: v.mostly(row?.owner), body: { kind: "put_payment_group", ...body } };
}

function offerOf(v: View, provider: PersonWithKey): ServiceOffer {
  const { rng } = v;
  const address = hexOf(provider.address);
  const owned = v.list("organizations").filter((row) => row.owner === address);
  const organization = owned.length > 0 && rng.chance(2) ? rng.pick(owned).organization : "";
  const groups = v.list("payment_groups").filter((row) => row.organization === organization);
  const group =
    groups.length > 0 && rng.chance(2) ? bytesOf(rng.pick(groups).payment_group) : undefined;
  const devices = v.list("devices").filter((row) => row.owner === address || rng.chance(12));
  const isOwn = new Set(devices.map((row) => row.device_id));
  const stream = rng.chance(3) ? undefined : v.row("streams", (row) => isOwn.has(row.device_id));
  const isSealed = stream?.visibility === "sealed";
  const mask = isSealed ? 1 + rng.below(2 ** stream.group_count - 1) : 0;
  return {
    organization: rng.chance(25) ? rng.pick(SLUGS) : organization,
    groupId: rng.chance(25) ? fill(7) : (group ?? new Uint8Array(0)),
    tags: rng.chance(25) ? rng.pick([[], ["a b"], ["air", "air"]]) : TAGS.slice(rng.below(3)),
    mode: rng.pick(DELIVERY_MODES),
    token: v.token,
    price: rng.chance(25) ? 0n : BigInt(1 + rng.below(9)),
    paymentAddress: rng.chance(25) ? ZERO : v.anybody.address,
    endpoints: rng.chance(25) ? ["x", "x"] : ["mqtt://broker.example"],
    streamId: rng.chance(25) ? v.near(99) : (stream?.stream_id ?? 0),
    groups: v.near(mask),
  };
}

export function publish(v: View): ActorOperation {
  const actor = v.anybody;
  const name = v.rng.chance(15) ? "Ünfit" : `service-${v.rng.below(12)}`;
  return { actor, body: { kind: "publish_service", name, offer: offerOf(v, actor) } };
}

export function updateService(v: View): ActorOperation | undefined {
  const service = v.row("services");
  if (service === undefined) return undefined;
  const actor = v.mostly(service.provider);
  const serviceId = v.near(service.service_id);
  return { actor, body: { kind: "update_service", serviceId, offer: offerOf(v, actor) } };
}

export function withdrawService(v: View): ActorOperation | undefined {
  const service = v.row("services");
  if (service === undefined) return undefined;
  const actor = v.mostly(service.provider);
  return { actor, body: { kind: "withdraw_service", serviceId: v.near(service.service_id) } };
}
