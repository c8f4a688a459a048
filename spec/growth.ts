import { GROWTH_PER_PAYLOAD_BYTE } from "./limits.ts";
import type { Operation, OperationBody, OperationKind } from "./operations.ts";
import type { ServiceOffer } from "./service-operations.ts";
import { type Cell, STATE, type Table } from "./tables.ts";
import { createWeigher, type WeighRow } from "./weights.ts";
import { isZero } from "./words.ts";

/** The most that operations can add to the state, from what they say alone (spec §14.2). */

const WEIGHERS = new Map<Table, WeighRow>(
  Object.values(STATE).map((table: Table) => [table, createWeigher(table)]),
);

/** A row with these cells; the others have a size of their own. */
function weigh(table: Table, cells: Readonly<Record<string, Cell>> = {}): number {
  const none = { INTEGER: 0, TEXT: "", BLOB: null };
  return WEIGHERS.get(table)!(
    table.columns.map(({ property, type }) => cells[property] ?? none[type]),
  );
}

const bytesOf = (length: number): Uint8Array => new Uint8Array(length);
const joined = (texts: readonly string[]): string => texts.join(",");

const ACCOUNT = weigh(STATE.accounts);
const BALANCE = weigh(STATE.balances) + ACCOUNT;
const FACTS = weigh(STATE.providers);
const EPOCH_KEY = weigh(STATE.epochKeys);
/** Longer than the DID of any key. */
const DID_BYTES = 64;
/** Salt, ephemeral key and tag of a submission. */
const SEAL_BYTES = 64;

const weighOffer = (offer: ServiceOffer): number => {
  const { organization, groupId, tags, endpoints } = offer;
  const version = { organization, groupId, tags: joined(tags), endpoints: joined(endpoints) };
  return (
    weigh(STATE.serviceVersions, version) +
    tags.reduce((sum, tag) => sum + weigh(STATE.serviceTags, { tag }), 0) +
    BALANCE +
    ACCOUNT +
    FACTS
  );
};

const weighKey = (key: Uint8Array): number => weigh(STATE.deviceKeys, { key });

/** What opens a channel; those of a third party keep the message, too. */
const weighChannel = (lanes: number): number =>
  weigh(STATE.channels, { lanes, laneCount: 0 }) + 2 * BALANCE;

type BodyOf<Kind extends OperationKind> = Extract<OperationBody, { readonly kind: Kind }>;
type Growths = {
  readonly [Kind in OperationKind]?: (body: BodyOf<Kind>) => number;
};

const weighTerms = (
  { terms }: BodyOf<"open_escrow" | "open_intent">,
  cells: Readonly<Record<string, Cell>> = {},
): number =>
  weigh(STATE.escrows) +
  weigh(STATE.escrowTerms, { ...cells, predicate: terms.predicate }) +
  (isZero(terms.arbiter) ? 0 : ACCOUNT);

/** By kind; a kind that is not here adds no row. */
const GROWTHS: Growths = {
  transfer: () => BALANCE,
  set_low_balance: () => weigh(STATE.lowBalances),
  register_device: ({ key }) =>
    weigh(STATE.devices, { did: "".padEnd(DID_BYTES), key }) + weighKey(key) + ACCOUNT,
  // The new key may be longer than the old one.
  rotate_device_key: ({ key }) => weighKey(key) + DID_BYTES,
  declare_stream: ({ name, metrics, epochKeyHashes }) =>
    weigh(STATE.streams, { name }) +
    metrics.reduce((sum, metric) => sum + weigh(STATE.metrics, { ...metric, group: 0 }), 0) +
    epochKeyHashes.length * EPOCH_KEY +
    FACTS,
  submit: ({ sealed }) =>
    weigh(STATE.batches) +
    weigh(STATE.batchBodies, {
      ...{ openingKey: bytesOf(32), body: bytesOf(sealed.length - SEAL_BYTES) },
    }),
  register_encryption_key: () => ACCOUNT,
  rotate_epoch: ({ epochKeyHashes }) => epochKeyHashes.length * EPOCH_KEY,
  grant: ({ wrappedKeys }) => weigh(STATE.grants, { wrappedKeys }),
  open_channel: ({ lanes }) => weighChannel(lanes),
  open_channel_by_third_party: ({ lanes }) => weighChannel(lanes) + weigh(STATE.channelMessages),
  put_organization: ({ organization, name }) => weigh(STATE.organizations, { organization, name }),
  put_payment_group: ({ organization, name, endpoints }) =>
    weigh(STATE.paymentGroups, { organization, name, endpoints: joined(endpoints) }),
  publish_service: ({ name, offer }) => weigh(STATE.services, { name }) + weighOffer(offer),
  update_service: ({ offer }) => weighOffer(offer),
  open_escrow: (body) => weighTerms(body),
  open_intent: (body) =>
    weighTerms(body, { tag: body.tag, providers: bytesOf(20 * body.providers.length) }) +
    weigh(STATE.openIntents, { tag: body.tag }),
};

/** The most bytes of weight that an operation can add. */
function computeGrowthMax({ authorization, body }: Operation): number {
  const of = GROWTHS[body.kind] as ((body: OperationBody) => number) | undefined;
  return (of?.(body) ?? 0) + (authorization.by === "account" ? ACCOUNT : 0);
}

/** The length of a payload that pays for whatever its operations add. */
export function computePayloadNeeded(operations: readonly Operation[]): number {
  const growth = operations.reduce((sum, operation) => sum + computeGrowthMax(operation), 0);
  return Math.ceil(growth / GROWTH_PER_PAYLOAD_BYTE);
}
