import { defineAction, readOwn } from "./define-action.ts";

export interface PutOrganizationOptions {
  /** 1 to 64 of a–z, 0–9, dot, underscore and hyphen; unique in the application. */
  readonly organization: string;
  /** For people. */
  readonly name: string;
}

/**
 * Creates an organization of the account, or renames it.
 *
 * @throws OperationRefused: slug_invalid, display_name_invalid, organization_sender_not_owner.
 * @example
 * await putOrganization(client, { organization: "north-grid", name: "North Grid Ltd" });
 */
export const putOrganization = defineAction({
  body: ({ organization, name }: PutOrganizationOptions) => ({
    kind: "put_organization",
    ...{ organization, name },
  }),
  read: (told) => readOwn("put_organization", told),
});
