import type { Hex } from "../../../spec/outputs.ts";
import type { InfoOf } from "../../../spec/queries.ts";
import { type QueryPageOptions, readQueryItems } from "./ask-query.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export interface ListOrganizationsOptions extends QueryPageOptions {
  readonly owner: Hex;
}

export type OrganizationSummary = InfoOf<"organization">;

/**
 * An account's organizations in the order of their names, all pages.
 *
 * @throws What `inspectApplication` throws.
 * @example
 * for await (const { organization } of listOrganizations(client, { owner })) mine.push(organization);
 */
export function listOrganizations(
  client: Pick<TallyrollClient, "inspect">,
  options: ListOrganizationsOptions,
): AsyncGenerator<OrganizationSummary, void> {
  return readQueryItems(client, "organizations", "organizations", options);
}
