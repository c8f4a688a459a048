import { AMOUNT_MAX } from "../../spec/limits.ts";
import type { AnswerOf, AskedOf } from "../../spec/queries.ts";
import { queryError } from "../../spec/query-errors.ts";
import { invariant } from "./invariant.ts";
import type { EngineParts } from "./operation-context.ts";
import { getFacts } from "./provider-facts.ts";
import type { Queries } from "./query.ts";
import { readPage } from "./query-pages.ts";
import { getCurrentVersion } from "./service.ts";
import type { ServiceRow, ServiceVersionRow, Store } from "./store.ts";

/** Queries of services by name (spec §9). */
export const SERVICE_QUERIES = {
  organization: getOrganization,
  organizations: listOrganizations,
  payment_groups: listPaymentGroups,
  service: getService,
  services: listServices,
  discover: discoverServices,
  provider: ({ store }, { provider }) => ({ provider, ...describeFacts(store, provider) }),
} satisfies Partial<Queries>;

function getOrganization({ store }: EngineParts, asked: AskedOf<"organization">) {
  const row = store.organizations.get(asked.organization);
  if (row === undefined) throw queryError("organization_not_found", "no such organization");
  return row;
}

/** By their slugs. */
function listOrganizations({ store }: EngineParts, asked: AskedOf<"organizations">) {
  const { owner } = asked;
  const { rows, next } = readPage(store.organizations, { owner }, "organization", asked);
  return { organizations: rows, next };
}

/** By identifier. */
function listPaymentGroups({ store }: EngineParts, asked: AskedOf<"payment_groups">) {
  const { organization } = asked;
  const { rows, next } = readPage(store.paymentGroups, { organization }, "groupId", asked);
  return { paymentGroups: rows, next };
}

/** With the version asked for, by default the current one. */
function getService({ store }: EngineParts, asked: AskedOf<"service">): ServiceAnswer {
  const service = asked.has("name")
    ? store.services.find({ provider: asked.provider, name: asked.name })
    : store.services.get(asked.serviceId);
  if (service === undefined) throw queryError("service_not_found", "no such service");
  const { version: number = service.version } = asked;
  const { serviceId } = service;
  const version = store.serviceVersions.find({ serviceId, version: number });
  if (version === undefined) {
    throw queryError("service_version_not_found", "no such version of the service");
  }
  return describeService(store, service, version);
}

/** Withdrawn ones too, by identifier. */
function listServices({ store }: EngineParts, asked: AskedOf<"services">): AnswerOf<"services"> {
  const { provider } = asked;
  const { rows, next } = readPage(store.services, { provider }, "serviceId", asked);
  const services = rows.map((row) => describeService(store, row, getCurrentVersion(store, row)));
  return { services, next };
}

/** Cheapest first, then the oldest. */
function discoverServices(
  { store }: EngineParts,
  asked: AskedOf<"discover">,
): AnswerOf<"discover"> {
  const { limit, after: cursor, tag, mode, token, priceMax = AMOUNT_MAX } = asked;
  const after = cursor && { price: cursor.price, serviceId: cursor.serviceId };
  const found = store.discoverServices(tag, mode, token, priceMax, after, limit);
  const services = found.map(({ serviceId }) => {
    const service = store.services.get(serviceId);
    invariant(service !== undefined, "what is found is there");
    return describeService(store, service, getCurrentVersion(store, service));
  });
  return { services, next: (found.length < limit ? undefined : found.at(-1)) ?? null };
}

type ServiceAnswer = AnswerOf<"service">;

const describeService = (
  store: Store,
  service: ServiceRow,
  version: ServiceVersionRow,
): ServiceAnswer => ({
  ...service,
  ...version,
  currentVersion: service.version,
  organization: version.organization || null,
  facts: describeFacts(store, service.provider),
});

function describeFacts(store: Store, provider: Uint8Array): AnswerOf<"service">["facts"] {
  const facts = getFacts(store, provider);
  return {
    released: facts.releasedCount,
    refunded: facts.refundedCount,
    lapsed: facts.lapsedCount,
    challenged: facts.challengedCount,
  };
}
