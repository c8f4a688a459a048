import type { Hex } from "../../../spec/outputs.ts";
import { type QueryPageOptions, readQueryItems } from "./read-query-pages.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export interface ListOrganizationsOptions extends QueryPageOptions {
  readonly owner: Hex;
}

export interface OrganizationSummary {
  readonly organization: string;
  readonly owner: Hex;
  readonly name: string;
}

/**
 * An account's organizations in the order of their names, all pages.
 *
 * @throws What `inspectApplication` throws.
 * @example
 * for await (const { organization } of listOrganizations(client, { owner })) mine.push(organization);
 */
export function listOrganizations(
  client: Pick<TallyrollClient, "inspect">,
  { owner, ...page }: ListOrganizationsOptions,
): AsyncGenerator<OrganizationSummary, void> {
  return readQueryItems(
    client,
    { query: "organizations", owner },
    "organizations",
    toSummary,
    page,
  );
}

const toSummary = (answer: OrganizationSummary): OrganizationSummary => answer;
