import { listGroups } from "../../../spec/grant-keys.ts";
import type { ServiceInfo } from "../../client/actions/service-queries.ts";
import type { TallyrollClient } from "../../client/actions/tallyroll-client.ts";
import { formatAmount } from "../money/token-amounts.ts";
import { readTokenUnits } from "../money/token-option.ts";
import { formatFields, formatTable } from "../terminal/format-table.ts";

/** Services as a table, in the order given. */
export async function formatServices(
  client: TallyrollClient,
  services: readonly ServiceInfo[],
  columns: number | undefined,
): Promise<string> {
  const rows = await Promise.all(
    services.map(async (service) => [
      ...[String(service.serviceId), service.name, String(service.version)],
      service.isWithdrawn ? "withdrawn" : service.mode,
      formatAmount(service.price, await readTokenUnits(client, service.token)),
      ...[service.tags.join(","), formatFacts(service), service.provider],
    ]),
  );
  const names = ["service", "name", "version", "mode", "price", "tags", "record", "provider"];
  return formatTable(names, rows, columns);
}

/** One service in full. */
export async function formatService(
  client: TallyrollClient,
  service: ServiceInfo,
  columns: number | undefined,
): Promise<string> {
  const units = await readTokenUnits(client, service.token);
  const { streamId, groups, organization, groupId, endpoints } = service;
  const sold = groups === 0 ? "" : `, key groups ${listGroups(groups).join(", ")}`;
  const fields = [
    ["service", `${service.serviceId}, ${service.name}`],
    ["version", `${service.version} of ${service.currentVersion}`],
    ["status", service.isWithdrawn ? "withdrawn" : "open"],
    ["mode", service.mode],
    ["price", `${formatAmount(service.price, units)} a ${unitName(service)}`],
    ["sells", streamId === undefined ? "data off the machine" : `stream ${streamId}${sold}`],
    ["tags", service.tags.join(", ")],
    ["provider", service.provider],
    ["pays", service.paymentAddress],
    ...(organization === undefined ? [] : [["for", `${organization} ${groupId ?? ""}`.trim()]]),
    ...endpoints.map((endpoint) => ["at", endpoint]),
    ["record", formatFacts(service)],
  ];
  return formatFields(fields, columns);
}

const unitName = ({ mode }: ServiceInfo): string => (mode === "pull" ? "pull" : "session");

/** What the machine counted of the provider. */
const formatFacts = ({ facts }: ServiceInfo): string =>
  `${facts.released} released, ${facts.refunded} refunded, ${facts.lapsed} lapsed, ` +
  `${facts.challenged} challenged`;
