import type { InfoOf } from "../../../spec/queries.ts";
import { askQuery, readQueryItems } from "./ask-query.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export type PaymentGroupInfo = InfoOf<"payment_groups">["paymentGroups"][number];

export interface OrganizationInfo extends InfoOf<"organization"> {
  readonly paymentGroups: readonly PaymentGroupInfo[];
}

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
