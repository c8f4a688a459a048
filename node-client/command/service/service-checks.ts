import { unlessNotFound } from "../../client/actions/query-refused.ts";
import { getOrganization, getService } from "../../client/actions/service-queries.ts";
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
  const known = await unlessNotFound(getService(client, { provider, name }), "service_not_found");
  if (known === undefined) return;
  throw new WouldBeRefused("service_name_taken", `service ${known.serviceId} has the name ${name}`);
}

/** @throws WouldBeRefused where the service is not the account's, or is withdrawn. */
export async function requireProvider(
  { client, address, isForRelay }: CommandActor,
  serviceId: number,
): Promise<void> {
  if (isForRelay) return;
  const known = await unlessNotFound(getService(client, { serviceId }), "service_not_found");
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
  const asked = getOrganization(client, { organization });
  const known = await unlessNotFound(asked, "organization_not_found");
  if (known === undefined || known.owner === address) return;
  const detail = `${organization} is of ${known.owner}, not ${address}`;
  throw new WouldBeRefused("organization_sender_not_owner", detail);
}
