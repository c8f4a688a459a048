import { declareQuery } from "./declare-query.ts";
import { listGroups } from "./grant-keys.ts";
import * as a from "./query-answers.ts";
import * as f from "./query-fields.ts";
import { STATE } from "./tables.ts";

/** Queries of accounts, devices, streams and what streams hold (spec §9). */

const nextCount = a.orNull(a.count);

const DEVICE = a.membersOf(STATE.devices, "key");

const { streamId, deviceId, name, visibility, ...progress } = a.membersOf(STATE.streams);
/** A stream without its metrics, as lists give it. */
const STREAM = {
  ...{ streamId, deviceId, name },
  isSealed: a.converted("visibility", visibility, (said) => said === "sealed"),
  ...progress,
};

const { group, ...metric } = a.membersOf(STATE.metrics, "streamId", "metricIndex");
const metrics = a.list(a.struct({ ...metric, group: a.renamed("keyGroup", group) }));

const keyHashes = a.list(a.orNull(a.bytes));
export const GRANT = {
  ...a.membersOf(STATE.grants, "wrappedKeys"),
  isLive: a.wireOnly(a.optional(a.flag)),
  wrappedKeys: a.bytes,
  /** In the order of the granted groups; to callers by group, no bytes where there is none. */
  keyHashes: {
    write: keyHashes.write,
    read: (json: unknown, answer: a.JsonObject): ReadonlyMap<number, Uint8Array> => {
      const hashes = keyHashes.read(json, answer);
      const groups = listGroups(answer.groups as number);
      return new Map(groups.map((group, i) => [group, hashes[i] ?? new Uint8Array(0)]));
    },
  },
};

export const BATCH = {
  ...a.membersOf(STATE.batches),
  ...{ batchHash: a.bytes, previousHash: a.bytes, commitment: a.bytes },
  disprovedGroup: a.orNull(a.count),
  /** Its body has left the state (spec §3.8). The chain has it: see `archived_batch`. */
  isArchived: a.flag,
  ...{ salt: a.orNull(a.bytes), body: a.orNull(a.bytes) },
};

/** Below it a stream's batches are archived: nothing of them is here (spec §3.8). */
const keptFrom = a.count;

/** One reading of an open stream. */
export const READING = {
  sequence: a.count,
  /** Unix seconds: the device's claim. */
  timeSec: a.count,
  /** One a metric: decimal text at its scale, or text; `null` where there is none. */
  values: a.list(a.orNull(a.text)),
  batchId: a.count,
};

/** Figures of one hour or day, as integers at the metric's scale: divide by 10^scale. */
const BUCKET = {
  startSec: a.count,
  count: a.count,
  sum: a.amount,
  minimum: a.count,
  maximum: a.count,
};

/** How a stream goes, by number or by its device's name for it. */
const STREAM_FIELDS = { streamId: f.count, deviceId: f.count, name: f.text };
const STREAM_WAYS = [["streamId"], ["deviceId", "name"]] as const;
const BATCH_FIELDS = { batchId: f.count, ...STREAM_FIELDS, sequence: f.count };
const BATCH_WAYS = [
  ["batchId"],
  ["streamId", "sequence"],
  ["deviceId", "name", "sequence"],
] as const;
const fromSequence = f.optional(f.count, 0);
const { limit, after } = f;

const BALANCE = a.membersOf(STATE.balances);

export const CORE_QUERIES = {
  root: declareQuery({
    says: "the state's root, the machine's public key",
    fields: {},
    answer: {
      /** Commits to all rows of the state. */
      root: a.hex,
      /** The machine's X25519 public key: batches and sealed inputs are sealed to it. */
      machineKey: a.bytes,
    },
  }),
  balance: declareQuery({
    says: "base units that an account holds; token 0x00…00: Ether",
    fields: { account: f.address, token: f.address },
    answer: BALANCE,
  }),
  account: declareQuery({
    says: "the next nonce of relayed operations, the encryption key",
    fields: { account: f.address },
    answer: a.membersOf(STATE.accounts),
  }),
  token: declareQuery({
    says: "deposited, withdrawn, held in balances, channels, escrows, bonds",
    fields: { token: f.address },
    answer: {
      ...a.membersOf(STATE.tokens),
      ...{ inChannels: a.wireOnly(a.amount), inEscrows: a.wireOnly(a.amount) },
      inBonds: a.wireOnly(a.amount),
    },
  }),
  room: declareQuery({
    says: "the state's weight and its bound, what a byte more is bonded with",
    fields: {},
    answer: {
      weight: a.count,
      weightMax: a.count,
      /** Wei; 0 up to half of the bound. */
      bondPerByte: a.amount,
    },
  }),
  bond: declareQuery({
    says: "the bytes that an account has bonded, the wei locked for them and released",
    fields: { account: f.address },
    answer: a.membersOf(STATE.bonds),
  }),
  low_balance: declareQuery({
    says: "the threshold of notices of a low balance, the balance",
    fields: { account: f.address, token: f.address },
    answer: {
      ...{ account: a.wireOnly(a.hex), token: a.wireOnly(a.hex) },
      /** Base units; 0: no notice is asked for. */
      threshold: a.amount,
      /** The present balance. */
      amount: a.amount,
    },
  }),
  device: declareQuery({
    says: "one device",
    fields: { deviceId: f.count, did: f.text },
    ways: [["deviceId"], ["did"]],
    answer: DEVICE,
  }),
  devices: declareQuery({
    says: "an owner's devices",
    fields: { owner: f.address, after, limit },
    answer: { devices: a.list(a.struct(DEVICE)), next: nextCount },
  }),
  stream: declareQuery({
    says: "one stream, its metrics and an epoch's key hashes",
    fields: { ...STREAM_FIELDS, epoch: f.optional(f.count) },
    ways: STREAM_WAYS,
    answer: {
      ...STREAM,
      metrics,
      /** What the asked epoch published, one a key group; none of an open stream. */
      epochKeyHashes: a.renamed("keyHashes", a.list(a.hex)),
      /** Of the batches that have folded, to which paths lead; null before the first (spec §3.8). */
      ...{ foldedCount: a.count, rangeRoot: a.orNull(a.bytes) },
    },
  }),
  streams: declareQuery({
    says: "a device's streams",
    fields: { deviceId: f.count, after, limit },
    answer: { streams: a.list(a.struct(STREAM)), next: nextCount },
  }),
  grants: declareQuery({
    says: "a buyer's grants with the wrapped keys and key hashes",
    fields: { buyer: f.address, nowSec: f.optional(f.count), after, limit },
    answer: { grants: a.list(a.struct(GRANT)), next: nextCount },
  }),
  latest: declareQuery({
    says: "the newest readings of an open stream",
    fields: { ...STREAM_FIELDS, limit },
    ways: STREAM_WAYS,
    answer: { metrics, keptFrom, readings: a.list(a.struct(READING)) },
  }),
  readings: declareQuery({
    says: "the readings of an open stream, ascending",
    fields: { ...STREAM_FIELDS, fromSequence, limit },
    ways: STREAM_WAYS,
    answer: { metrics, keptFrom, readings: a.list(a.struct(READING)), next: nextCount },
  }),
  statistics: declareQuery({
    says: "count, sum, minimum, maximum an hour or day; pages merge",
    fields: {
      ...STREAM_FIELDS,
      ...{ metric: f.text, fromSec: f.count, toSec: f.count },
      bucket: { ...f.text, note: "hour or day" },
      fromSequence,
    },
    ways: STREAM_WAYS,
    answer: {
      ...{ metric: a.text, scale: a.count, unit: a.text, keptFrom },
      /** Ascending; hours or days without a value are left out. */
      buckets: a.list(a.struct(BUCKET)),
      next: nextCount,
    },
  }),
  batch: declareQuery({
    says: "one batch with its body",
    fields: BATCH_FIELDS,
    ways: BATCH_WAYS,
    answer: BATCH,
  }),
  batches: declareQuery({
    says: "a stream's batches with their bodies",
    fields: { ...STREAM_FIELDS, fromSequence, limit },
    ways: STREAM_WAYS,
    answer: { batches: a.list(a.struct(BATCH)), next: nextCount },
  }),
  batch_key: declareQuery({
    says: "what opens the commitment of an open batch",
    fields: BATCH_FIELDS,
    ways: BATCH_WAYS,
    answer: { batchId: a.count, batchKey: a.bytes },
  }),
  archived_batch: declareQuery({
    says: "a batch from the input of the chain that carried it",
    fields: {
      /** The call of `EvmAdvance` that the InputBox emitted. */
      input: f.anyBytes,
      operation: f.count,
      /** Of a batch that has folded, all but the group, which is left out where none is disproved. */
      ...{ batchId: f.optional(f.count, 0), previousHash: f.bytes(32) },
      ...{ disprovedGroup: f.optional(f.count), leafIndex: f.count, path: f.path },
    },
    answer: {
      ...{ batchId: a.count, streamId: a.count, epoch: a.count, firstSequence: a.count },
      ...{ readingCount: a.count, firstTimeSec: a.count, lastTimeSec: a.count },
      ...{ commitment: a.bytes, salt: a.bytes, body: a.bytes },
      /** Of an open stream. */
      batchKey: a.orNull(a.bytes),
      isFolded: a.flag,
    },
  }),
  proof: declareQuery({
    says: "the proof of one reading of an open stream",
    fields: { ...STREAM_FIELDS, sequence: f.count },
    ways: STREAM_WAYS,
    answer: {
      batchId: a.count,
      /** As the node says. Trust the one that a validated notice tells: see `proveReading`. */
      commitment: a.bytes,
      ...{ groupIndex: a.count, groupCount: a.count, keyHash: a.bytes },
      ...{ groupPath: a.list(a.bytes), leaf: a.bytes },
      ...{ readingIndex: a.count, readingCount: a.count, readingPath: a.list(a.bytes) },
    },
  }),
} as const;
