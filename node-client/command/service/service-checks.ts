import { getOrganization } from "../../client/actions/get-organization.ts";
import { getService } from "../../client/actions/get-service.ts";
import { QueryRefused } from "../../client/actions/inspect-application.ts";
import type { CommandActor } from "../operation/act.ts";
import { WouldBeRefused } from "../operation/would-be-refused.ts";

/**
 * What would be refused of services and organizations, asked before anything is sent; not of what is
 * signed for a relay, which may be meant for a later state.
 */

/** @throws WouldBeRefused where the account has a service of this name. */
export async function requireNewName(
  { client, address: provider, isForRelay }: CommandActor,
  name: string,
): Promise<void> {
  if (isForRelay) return;
  const known = await unlessNone(getService(client, { provider, name }));
  if (known === undefined) return;
  throw new WouldBeRefused("service_name_taken", `service ${known.serviceId} has the name ${name}`);
}

/** @throws WouldBeRefused where the service is not the account's, or is withdrawn. */
export async function requireProvider(
  { client, address, isForRelay }: CommandActor,
  serviceId: number,
): Promise<void> {
  if (isForRelay) return;
  const known = await unlessNone(getService(client, { serviceId }));
  if (known === undefined) throw new WouldBeRefused("service_not_found", `service ${serviceId}`);
  if (known.provider !== address) {
    const detail = `service ${serviceId} is of ${known.provider}, not ${address}`;
    throw new WouldBeRefused("service_sender_not_provider", detail);
  }
  if (known.isWithdrawn) throw new WouldBeRefused("service_withdrawn", `service ${serviceId}`);
}

/** @throws WouldBeRefused where the organization is another account's. */
export async function requireOwner(
  { client, address, isForRelay }: CommandActor,
  organization: string,
): Promise<void> {
  if (isForRelay) return;
  const known = await unlessNone(getOrganization(client, { organization }));
  if (known === undefined || known.owner === address) return;
  const detail = `${organization} is of ${known.owner}, not ${address}`;
  throw new WouldBeRefused("organization_sender_not_owner", detail);
}

/** What is not there is free, or of an impossible name, which the machine says. */
async function unlessNone<Found>(asked: Promise<Found>): Promise<Found | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof QueryRefused) return undefined;
    throw error;
  }
}
