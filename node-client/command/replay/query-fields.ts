import { InvalidArgumentError } from "commander";

/**
 * The queries that there are (spec §9), by subjects: the fields, those that may be left out with a
 * `?` and others that do instead after a `|`, and what it answers.
 */
const SUBJECTS: readonly Readonly<Record<string, readonly [fields: string, answer: string]>>[] = [
  {
    root: ["", "the state's root, the machine's public key"],
    balance: ["account token", "base units that an account holds; token 0x00…00: Ether"],
    account: ["account", "the next nonce of relayed operations, the encryption key"],
    token: ["token", "deposited, withdrawn, held in balances"],
    device: ["device_id | did", "one device"],
    devices: ["owner after? limit?", "an owner's devices"],
    stream: ["stream_id epoch? | device_id name", "one stream, its metrics and key hashes"],
    streams: ["device_id after? limit?", "a device's streams"],
    latest: ["stream_id limit?", "the newest readings of an open stream"],
    readings: ["stream_id from_sequence? limit?", "the readings of an open stream, ascending"],
    statistics: [
      "stream_id metric from to bucket from_sequence?",
      "count, sum, minimum, maximum an hour or day",
    ],
    batch: ["batch_id | stream_id sequence", "one batch with its body"],
    batches: ["stream_id from_sequence? limit?", "a stream's batches with their bodies"],
    batch_key: ["batch_id", "what opens the commitment of an open batch"],
    proof: ["stream_id sequence", "the proof of one reading of an open stream"],
    grants: ["buyer now? after? limit?", "a buyer's grants with the wrapped keys"],
    low_balance: ["account token", "the threshold below which a balance is told"],
  },
  {
    channel: ["channel_id", "one payment channel, what is still spendable"],
    channels: ["sender after? limit? | recipient", "an account's channels"],
    unclaimed: ["recipient after? limit?", "channels that still hold a value for the recipient"],
    expiring: ["recipient before_block after? limit?", "those of them that expire first"],
    lanes: ["channel_id after? limit?", "what each lane of a channel has redeemed"],
  },
  {
    organization: ["organization", "its owner and name"],
    organizations: ["owner after? limit?", "an owner's organizations"],
    payment_groups: ["organization after? limit?", "its payment groups"],
    service: [
      "service_id version? | provider name",
      "one service and that version, its provider's facts",
    ],
    services: ["provider after? limit?", "a provider's services"],
    discover: ["tag mode token price_max? after? limit?", "services, cheapest first"],
    provider: ["provider", "escrows released, refunded, lapsed, challenged"],
    escrow: ["escrow_id now?", "one escrow, its terms, what a poke would do"],
    escrows: ["buyer status? after? limit? | provider", "an account's escrows"],
    intents: ["tag after? limit?", "intents that wait for a provider"],
  },
];

/** The fields that each query reads. */
export const QUERY_FIELDS: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  SUBJECTS.flatMap((subject) => Object.entries(subject)).map(([name, [fields]]) => [
    name,
    fields.match(/[a-z_]+/g) ?? [],
  ]),
);

const [NAME_COLUMNS, FIELD_COLUMNS] = [16, 28];

/** All queries as the help lists them: an answer that its fields leave no room comes below. */
export const QUERIES_HELP = SUBJECTS.map((subject) =>
  Object.entries(subject).map(formatQuery).join("\n"),
).join("\n\n");

function formatQuery([name, [all, answer]]: [string, readonly [string, string]]): string {
  const [fields = "", ...others] = all.split(" | ").map((some) => some.replaceAll(" ", ", "));
  const isLong = fields.length >= FIELD_COLUMNS;
  const lines = [
    fields.padEnd(FIELD_COLUMNS) + (isLong ? "" : answer),
    ...(isLong ? ["".padEnd(FIELD_COLUMNS) + answer] : []),
    ...others.map((some) => `or ${some}`),
  ];
  const below = `\n${"".padEnd(2 + NAME_COLUMNS)}`;
  return `  ${name.padEnd(NAME_COLUMNS)}${lines.map((line) => line.trimEnd()).join(below)}`;
}

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
