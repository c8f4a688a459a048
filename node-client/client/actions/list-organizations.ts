import type { Hex } from "../../../spec/outputs.ts";
import { type QueryPageOptions, readQueryPages } from "./read-query-pages.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export interface ListOrganizationsOptions extends QueryPageOptions {
  readonly owner: Hex;
}

export interface OrganizationSummary {
  readonly organization: string;
  readonly owner: Hex;
  readonly name: string;
}

interface OrganizationsAnswer {
  readonly organizations: readonly OrganizationSummary[];
  readonly next: string | null;
}

/**
 * An account's organizations in the order of their names, all pages.
 *
 * @throws What `inspectApplication` throws.
 * @example
 * for await (const { organization } of listOrganizations(client, { owner })) mine.push(organization);
 */
export async function* listOrganizations(
  client: Pick<TallyrollClient, "inspect">,
  { owner, ...options }: ListOrganizationsOptions,
): AsyncGenerator<OrganizationSummary, void> {
  const query = { query: "organizations", owner };
  const pages = readQueryPages<OrganizationsAnswer>(client, query, "after", options);
  for await (const { organizations } of pages) yield* organizations;
}
