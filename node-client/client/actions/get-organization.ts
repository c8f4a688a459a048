import type { Hex } from "../../../spec/outputs.ts";
import { readQueryPages } from "./read-query-pages.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export interface PaymentGroupInfo {
  /** 32 bytes: what channels name. */
  readonly groupId: Hex;
  readonly name: string;
  /** The recipient of channels to this group. */
  readonly paymentAddress: Hex;
  readonly endpoints: readonly string[];
}

export interface OrganizationInfo {
  readonly organization: string;
  readonly owner: Hex;
  readonly name: string;
  readonly paymentGroups: readonly PaymentGroupInfo[];
}

interface PaymentGroupsAnswer {
  readonly payment_groups: readonly {
    readonly group_id: Hex;
    readonly name: string;
    readonly payment_address: Hex;
    readonly endpoints: readonly string[];
  }[];
  readonly next: Hex | null;
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
  { organization }: { readonly organization: string },
): Promise<OrganizationInfo> {
  const { owner, name } = await client.inspect<{ readonly owner: Hex; readonly name: string }>({
    query: "organization",
    organization,
  });
  const paymentGroups: PaymentGroupInfo[] = [];
  const query = { query: "payment_groups", organization };
  for await (const page of readQueryPages<PaymentGroupsAnswer>(client, query, "after", {})) {
    for (const group of page.payment_groups) {
      const { group_id: groupId, payment_address: paymentAddress, endpoints } = group;
      paymentGroups.push({ groupId, name: group.name, paymentAddress, endpoints });
    }
  }
  return { organization, owner, name, paymentGroups };
}
