import { AMOUNT_MAX, PAGE_ITEMS_MAX } from "../../spec/limits.ts";
import { DELIVERY_MODES } from "../../spec/service-operations.ts";
import { invariant } from "./invariant.ts";
import { type EngineParts, hex } from "./operation-context.ts";
import { getFacts } from "./provider-facts.ts";
import { type Answer, type Queries, type QueryFields, queryError } from "./query-fields.ts";
import { getCurrentVersion } from "./service.ts";
import type { OrganizationRow, ServiceRow, ServiceVersionRow, Store } from "./store.ts";

/** Queries of services by name (spec §9). */
export const SERVICE_QUERIES: Queries = {
  organization: getOrganization,
  organizations: listOrganizations,
  payment_groups: listPaymentGroups,
  service: getService,
  services: listServices,
  discover: discoverServices,
  provider: getProvider,
};

/** `{organization}` → its owner and name. */
function getOrganization({ store }: EngineParts, fields: QueryFields): Answer {
  const row = store.organizations.get(fields.text("organization"));
  if (row === undefined) throw queryError("organization_not_found", "no such organization");
  return describeOrganization(row);
}

/** `{owner, after?, limit?}` → the owner's organizations, by their slugs. */
function listOrganizations({ store }: EngineParts, fields: QueryFields): Answer {
  const limit = fields.limit(PAGE_ITEMS_MAX);
  const after = fields.has("after") ? fields.text("after") : "";
  const page = { by: "organization", from: { after }, limit } as const;
  const rows = store.organizations.list({ owner: fields.address("owner") }, page);
  const next = rows.length < limit ? null : rows.at(-1)!.organization;
  return { organizations: rows.map(describeOrganization), next };
}

/** `{organization, after?, limit?}` → its payment groups, by identifier. */
function listPaymentGroups({ store }: EngineParts, fields: QueryFields): Answer {
  const limit = fields.limit(PAGE_ITEMS_MAX);
  const after = fields.has("after") ? fields.bytes("after", 32) : new Uint8Array(0);
  const page = { by: "groupId", from: { after }, limit } as const;
  const rows = store.paymentGroups.list({ organization: fields.text("organization") }, page);
  const groups = rows.map((row) => ({
    group_id: hex(row.groupId),
    name: row.name,
    payment_address: hex(row.paymentAddress),
    endpoints: row.endpoints,
  }));
  return { payment_groups: groups, next: rows.length < limit ? null : hex(rows.at(-1)!.groupId) };
}

/** `{service_id}` or `{provider, name}`, `{version?}` → the service, that version, the facts. */
function getService({ store }: EngineParts, fields: QueryFields): Answer {
  const service = fields.has("name")
    ? store.services.find({ provider: fields.address("provider"), name: fields.text("name") })
    : store.services.get(fields.count("service_id"));
  if (service === undefined) throw queryError("service_not_found", "no such service");
  const number = fields.count("version", service.version);
  const { serviceId } = service;
  const version = store.serviceVersions.find({ serviceId, version: number });
  if (version === undefined) {
    throw queryError("service_version_not_found", "no such version of the service");
  }
  return describeService(store, service, version);
}

/** `{provider, after?, limit?}` → the provider's services, withdrawn ones too, by identifier. */
function listServices({ store }: EngineParts, fields: QueryFields): Answer {
  const limit = fields.limit(PAGE_ITEMS_MAX);
  const provider = fields.address("provider");
  const after = fields.count("after", 0);
  const page = { by: "serviceId", from: { after }, limit } as const;
  const rows = store.services.list({ provider }, page);
  const services = rows.map((row) => describeService(store, row, getCurrentVersion(store, row)));
  return { services, next: rows.length < limit ? null : rows.at(-1)!.serviceId };
}

/** `{tag, mode, token, price_max?, after?, limit?}` → services, cheapest first, then the oldest. */
function discoverServices({ store }: EngineParts, fields: QueryFields): Answer {
  const limit = fields.limit(PAGE_ITEMS_MAX);
  const cursor = fields.has("after") ? fields.object("after") : undefined;
  const found = store.discoverServices(
    fields.text("tag"),
    fields.choice("mode", DELIVERY_MODES),
    fields.address("token"),
    fields.has("price_max") ? fields.amount("price_max") : AMOUNT_MAX,
    cursor && { price: cursor.amount("price"), serviceId: cursor.count("service_id") },
    limit,
  );
  const services = found.map(({ serviceId }) => {
    const service = store.services.get(serviceId);
    invariant(service !== undefined, "what is found is there");
    return describeService(store, service, getCurrentVersion(store, service));
  });
  const last = found.length < limit ? undefined : found.at(-1);
  const next = last ? { price: last.price.toString(), service_id: last.serviceId } : null;
  return { services, next };
}

/** `{provider}` → its counted facts. */
function getProvider({ store }: EngineParts, fields: QueryFields): Answer {
  const provider = fields.address("provider");
  return { provider: hex(provider), ...describeFacts(store, provider) };
}

const describeOrganization = (row: OrganizationRow): Answer => ({
  organization: row.organization,
  owner: hex(row.owner),
  name: row.name,
});

function describeService(store: Store, service: ServiceRow, version: ServiceVersionRow): Answer {
  return {
    service_id: service.serviceId,
    provider: hex(service.provider),
    name: service.name,
    current_version: service.version,
    is_withdrawn: service.isWithdrawn,
    version: version.version,
    organization: version.organization === "" ? null : version.organization,
    group_id: version.groupId.length === 0 ? null : hex(version.groupId),
    tags: version.tags,
    mode: version.mode,
    token: hex(version.token),
    price: version.price.toString(),
    payment_address: hex(version.paymentAddress),
    endpoints: version.endpoints,
    stream_id: version.streamId === 0 ? null : version.streamId,
    groups: version.groups,
    facts: describeFacts(store, service.provider),
  };
}

function describeFacts(store: Store, provider: Uint8Array): Answer {
  const facts = getFacts(store, provider);
  return {
    released: facts.releasedCount,
    refunded: facts.refundedCount,
    lapsed: facts.lapsedCount,
    challenged: facts.challengedCount,
  };
}
