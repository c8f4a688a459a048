import type { Hex } from "../../../spec/outputs.ts";
import type { InfoOf } from "../../../spec/queries.ts";
import type { DeliveryMode } from "../../../spec/service-operations.ts";
import {
  askQuery,
  type NumberedPageOptions,
  type QueryPageOptions,
  readQueryItems,
} from "./ask-query.ts";
import { type ListAction, listAction, type QueryAction, queryAction } from "./query-action.ts";
import { unlessNotFound } from "./query-refused.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

/** A service with one version of its offer. */
export type ServiceInfo = InfoOf<"service">;
/** What a provider's escrows came to, as the machine counted it. */
export type ProviderFacts = InfoOf<"provider">;
export type OrganizationSummary = InfoOf<"organization">;
export type PaymentGroupInfo = InfoOf<"payment_groups">["paymentGroups"][number];
export interface OrganizationInfo extends OrganizationSummary {
  readonly paymentGroups: readonly PaymentGroupInfo[];
}

/** By number, or by provider and name; `version`: by default the current one. */
export type GetServiceOptions = { readonly version?: number } & (
  | { readonly serviceId: number }
  | { readonly provider: Hex; readonly name: string }
);

/**
 * One service with a version of its offer and its provider's facts.
 *
 * @example
 * const { price, version } = await getService(client, { serviceId: 1 });
 */
export const getService: QueryAction<GetServiceOptions, ServiceInfo> = queryAction("service");

export type ListServicesOptions = NumberedPageOptions & { readonly provider: Hex };

/**
 * A provider's services by their numbers, each with its current version; withdrawn ones, too.
 *
 * @example
 * for await (const { serviceId, name } of listServices(client, { provider })) { … }
 */
export const listServices: ListAction<ListServicesOptions, ServiceInfo> = listAction("services");

export interface DiscoverServicesOptions extends QueryPageOptions {
  readonly tag: string;
  readonly mode: DeliveryMode;
  /** `ETHER`, or an ERC-20. */
  readonly token: Hex;
  /** Base units a unit at most; anything by default. */
  readonly priceMax?: bigint;
}

/**
 * The services of a tag, mode and token within a price, cheapest first, of equal price the oldest:
 * with their endpoints and their providers' facts. All pages.
 *
 * @example
 * for await (const { serviceId, price } of discoverServices(client, {
 *   tag: "weather", mode: "pull", token: ETHER, priceMax: 1_000n,
 * })) console.log(serviceId, price);
 */
export const discoverServices: ListAction<DiscoverServicesOptions, ServiceInfo> = listAction(
  "discover",
  "services",
);

/** Requests under way at once. */
const AT_ONCE = 8;

/**
 * Every service of the application, oldest first, each with its current version; withdrawn ones,
 * too. Services are numbered from 1 without gaps (spec §11.3), so this asks for one after the other:
 * to look for a tag, `discoverServices` is the way.
 *
 * @throws What `inspectApplication` throws.
 * @example
 * for await (const { serviceId, tags } of listAllServices(client)) console.log(serviceId, tags);
 */
export async function* listAllServices(
  client: Pick<TallyrollClient, "inspect">,
): AsyncGenerator<ServiceInfo, void> {
  for (let first = 1; ; first += AT_ONCE) {
    const numbers = Array.from({ length: AT_ONCE }, (_, i) => first + i);
    const found = await Promise.all(
      numbers.map((serviceId) =>
        unlessNotFound(getService(client, { serviceId }), "service_not_found"),
      ),
    );
    for (const service of found) {
      if (service === undefined) return;
      yield service;
    }
  }
}

/**
 * What the machine counted of a provider: all 0 for nobody known.
 *
 * @example
 * const { released, lapsed } = await getServiceProvider(client, { provider });
 */
export const getServiceProvider: QueryAction<{ readonly provider: Hex }, ProviderFacts> =
  queryAction("provider");

/**
 * An organization with its payment groups.
 *
 * @throws QueryRefused where there is none, and what `inspectApplication` throws.
 * @example
 * const { paymentGroups } = await getOrganization(client, { organization: "north-grid" });
 */
export async function getOrganization(
  client: Pick<TallyrollClient, "inspect">,
  options: { readonly organization: string },
): Promise<OrganizationInfo> {
  const { owner, name } = await askQuery(client, "organization", options);
  const paymentGroups: PaymentGroupInfo[] = [];
  const found = readQueryItems(client, "payment_groups", "paymentGroups", options);
  for await (const group of found) paymentGroups.push(group);
  return { organization: options.organization, owner, name, paymentGroups };
}

export type ListOrganizationsOptions = QueryPageOptions & { readonly owner: Hex };

/**
 * An account's organizations in the order of their names, all pages.
 *
 * @example
 * for await (const { organization } of listOrganizations(client, { owner })) mine.push(organization);
 */
export const listOrganizations: ListAction<ListOrganizationsOptions, OrganizationSummary> =
  listAction("organizations");
