import { InvalidArgumentError } from "commander";

/** The fields that each query reads (spec §9). */
export const QUERY_FIELDS: Readonly<Record<string, readonly string[]>> = {
  root: [],
  balance: ["account", "token"],
  account: ["account"],
  token: ["token"],
  device: ["device_id", "did"],
  devices: ["owner", "after", "limit"],
  stream: ["stream_id", "epoch", "device_id", "name"],
  streams: ["device_id", "after", "limit"],
  latest: ["stream_id", "limit"],
  readings: ["stream_id", "from_sequence", "limit"],
  statistics: ["stream_id", "metric", "from", "to", "bucket", "from_sequence"],
  batch: ["batch_id", "stream_id", "sequence"],
  batches: ["stream_id", "from_sequence", "limit"],
  batch_key: ["batch_id"],
  proof: ["stream_id", "sequence"],
  grants: ["buyer", "now", "after", "limit"],
  low_balance: ["account", "token"],

  channel: ["channel_id"],
  channels: ["sender", "recipient", "after", "limit"],
  unclaimed: ["recipient", "after", "limit"],
  expiring: ["recipient", "before_block", "after", "limit"],
  lanes: ["channel_id", "after", "limit"],

  organization: ["organization"],
  organizations: ["owner", "after", "limit"],
  payment_groups: ["organization", "after", "limit"],
  service: ["service_id", "version", "provider", "name"],
  services: ["provider", "after", "limit"],
  discover: ["tag", "mode", "token", "price_max", "after", "limit"],
  provider: ["provider"],
  escrow: ["escrow_id", "now"],
  escrows: ["buyer", "provider", "status", "after", "limit"],
  intents: ["tag", "after", "limit"],
};

/**
 * Refuses a field that a query does not read: the application would answer as if it were not there.
 * A query that is not known here is the application's to judge.
 *
 * @throws InvalidArgumentError that names the fields there are.
 */
export function requireQueryField(query: string, field: string): void {
  const known = Object.hasOwn(QUERY_FIELDS, query) ? QUERY_FIELDS[query] : undefined;
  if (known === undefined || known.includes(field)) return;
  const there = known.length === 0 ? "it takes none" : `it takes ${known.join(", ")}`;
  throw new InvalidArgumentError(
    `The query ${query} has no field ${JSON.stringify(field)}: ${there}.`,
  );
}
