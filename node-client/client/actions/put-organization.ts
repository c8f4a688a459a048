import type { Hex } from "../../../spec/outputs.ts";
import { type AppliedAt, type ApplyOptions, applyOperation } from "./apply-operation.ts";
import type { TallyrollClient } from "./tallyroll-client.ts";

export interface PutOrganizationOptions extends ApplyOptions {
  /** 1 to 64 of a–z, 0–9, dot, underscore and hyphen; unique in the application. */
  readonly organization: string;
  /** For people. */
  readonly name: string;
}

export interface PutOrganizationResult extends AppliedAt {
  readonly owner: Hex;
  readonly organization: string;
  readonly name: string;
}

/**
 * Creates an organization of the account, or renames it.
 *
 * @throws OperationRefused: slug_invalid, display_name_invalid, organization_sender_not_owner.
 * @example
 * await putOrganization(client, { organization: "north-grid", name: "North Grid Ltd" });
 */
export async function putOrganization(
  client: TallyrollClient,
  { organization, name, ...options }: PutOrganizationOptions,
): Promise<PutOrganizationResult> {
  const body = { kind: "put_organization", organization, name } as const;
  const { at, fields } = await applyOperation(client, body, "OrganizationPut", options);
  return { ...at, ...fields };
}
