import fc from "fast-check";
import type { Store } from "../../dapp/engine/store.ts";
import { CHANNEL_WRITES } from "./channel-steps.ts";
import { ESCROW_WRITES } from "./escrow-steps.ts";
import { SERVICE_WRITES } from "./service-steps.ts";
import { account, amount, bytes, hex, idAfter, pick } from "./step-values.ts";
import type { StoreModel } from "./store-model.ts";

/** One write to the store and the same to the model. The numbers pick rows and contents. */
export interface Step {
  readonly kind: keyof typeof WRITES;
  readonly a: number;
  readonly b: number;
}

type Apply = (store: Store, model: StoreModel, a: number, b: number) => void;

const WRITES = {
  insertMachine(store, model, a, b) {
    if (model.machine.has(a)) return;
    const shortAtSec = b % 2 === 0 ? null : b;
    const row = { machineId: a, publicKey: bytes(32, b), highestFoldedBatch: b, shortAtSec };
    store.machine.insert(row);
    model.machine.set(a, row);
  },
  putToken(store, model, a, b) {
    const token = account(a);
    const totals = { deposited: amount(b), withdrawn: amount(a), inBalances: amount(a + b) };
    const row = {
      token,
      ...totals,
      inChannels: amount(a * b),
      inEscrows: amount(a ^ b),
      inBonds: amount(b),
    };
    store.tokens.put(row);
    model.tokens.set(hex(token), row);
  },
  putAccount(store, model, a, b) {
    const encryptionKey = b % 2 === 0 ? null : bytes(32, b);
    const row = { account: account(a), nonce: b * 2 ** 40, encryptionKey };
    store.accounts.put(row);
    model.accounts.set(hex(row.account), row);
  },
  putBalance(store, model, a, b) {
    const [owner, token] = [account(a), account(b)];
    const row = { account: owner, token, amount: amount(a ^ b) };
    store.balances.put(row);
    model.balances.set(hex(owner, token), row);
  },
  putLowBalance(store, model, a, b) {
    const [owner, token] = [account(a), account(b)];
    const row = { account: owner, token, threshold: amount(b) };
    store.lowBalances.put(row);
    model.lowBalances.set(hex(owner, token), row);
  },
  insertBatchBond(store, model, a, b) {
    if (model.batchBonds.has(a)) return;
    const row = { batchId: a, account: account(b) };
    store.batchBonds.insert(row);
    model.batchBonds.set(a, row);
  },
  putBond(store, model, a, b) {
    const row = { account: account(a), bytes: b, locked: amount(a), released: amount(b) };
    store.bonds.put(row);
    model.bonds.set(hex(row.account), row);
  },
  insertDevice(store, model, a, b) {
    const deviceId = idAfter(store.devices.nextId(), b);
    const key = bytes(34, a);
    const row = { deviceId, owner: account(a), did: `did:key:z${a}`, key, keyCount: 1 };
    store.devices.insert({ ...row, isRevoked: false });
    model.devices.set(deviceId, { ...row, isRevoked: false });
  },
  updateDevice(store, model, a, b) {
    const before = pick(model.devices.values(), a);
    if (before === undefined) return;
    const row = { ...before, key: bytes(35, b), did: `é${b}`, keyCount: b, isRevoked: b % 2 === 0 };
    store.devices.update(row);
    model.devices.set(row.deviceId, row);
  },
  insertDeviceKey(store, model, a, b) {
    const key = bytes(34, a);
    if (model.deviceKeys.has(hex(key))) return;
    store.deviceKeys.insert({ key, deviceId: b });
    model.deviceKeys.set(hex(key), { key, deviceId: b });
  },
  insertStream(store, model, a, b) {
    const streamId = idAfter(store.streams.nextId(), b);
    const [deviceId, name] = [1 + (a % 3), `stream ${streamId}`];
    const counters = { epoch: 0, nextSequence: 0, batchCount: 0, readingCount: 0, breakCount: 0 };
    const visibility = b % 2 === 0 ? ("open" as const) : ("sealed" as const);
    const head = { streamId, deviceId, name, visibility, groupCount: 1, retentionSec: a };
    const row = {
      ...head,
      ...counters,
      keptFrom: 0,
      foldedFrom: 0,
      tidyDueSec: null,
      lastBatchHash: null,
    };
    const metrics = Array.from({ length: 1 + (b % 3) }, (_, i) => ({
      ...{ name: `m${i}`, unit: i === 0 ? "" : "Cel", kind: "integer" as const, scale: 2 },
      ...{ minimum: -(2 ** 49), maximum: 2 ** 49 - a, group: 0 },
    }));
    store.streams.insert(row);
    for (const [metricIndex, metric] of metrics.entries()) {
      store.metrics.insert({ streamId, metricIndex, ...metric });
    }
    model.streams.set(streamId, row);
    model.metrics.set(streamId, metrics);
  },
  updateStream(store, model, a, b) {
    const before = pick(model.streams.values(), a);
    if (before === undefined) return;
    const row = { ...before, nextSequence: b, lastBatchHash: bytes(32, b), epoch: b % 3 };
    store.streams.update(row);
    model.streams.set(row.streamId, row);
  },
  insertEpochKeyHash(store, model, a, b) {
    const [streamId, epoch, group] = [a % 3, 2 ** 32 - 1 - (b % 3), a % 2];
    const key = `${streamId}/${epoch}/${group}`;
    if (model.epochKeys.has(key)) return;
    const row = { streamId, epoch, group, keyHash: bytes(32, b) };
    store.epochKeys.insert(row);
    model.epochKeys.set(key, row);
  },
  insertBatch(store, model, a, b) {
    const batchId = idAfter(store.batches.nextId(), b);
    const streamId = 1 + (a % 2);
    const own = [...model.batches.values()].filter((row) => row.streamId === streamId);
    const last = Math.max(...own.map((row) => row.firstSequence), -(2 ** 30));
    const firstTimeSec = 1_000 + b * 10;
    const row = {
      ...{ batchId, streamId, epoch: a % 2, firstSequence: last + 2 ** 30, readingCount: 1 + a },
      ...{ firstTimeSec, lastTimeSec: firstTimeSec + a, isBreak: b % 2 === 0 },
      ...{ batchHash: bytes(32, a), previousHash: bytes(32, b), commitment: bytes(32, a + b) },
      acceptedAtSec: 1_000 + b,
      disprovedGroup: null,
    };
    const body = {
      ...{ batchId, salt: bytes(16, a), openingKey: a % 2 === 0 ? null : bytes(32, a) },
      body: bytes(b % 7 === 0 ? 0 : 20 * b, a),
    };
    store.batches.insert(row);
    store.batchBodies.insert(body);
    model.batches.set(batchId, row);
    model.batchBodies.set(batchId, body);
  },
  removeBatchBody(store, model, a) {
    const row = pick(model.batchBodies.values(), a);
    if (row === undefined) return;
    store.batchBodies.remove(row);
    model.batchBodies.delete(row.batchId);
  },
  removeBatch(store, model, a) {
    const row = pick(model.batches.values(), a);
    if (row === undefined || model.batchBodies.has(row.batchId)) return;
    store.batches.remove(row);
    model.batches.delete(row.batchId);
  },
  putStreamRange(store, model, a, b) {
    const row = { streamId: a % 3, foldedCount: b, peaks: bytes(32 * (1 + (b % 3)), a) };
    store.streamRanges.put(row);
    model.streamRanges.set(row.streamId, row);
  },
  setBatchDisproved(store, model, a, b) {
    const row = pick(model.batches.values(), a);
    if (row === undefined) return;
    store.batches.update({ ...row, disprovedGroup: b });
    model.batches.set(row.batchId, { ...row, disprovedGroup: b });
  },
  insertGrant(store, model, a, b) {
    const [streamId, epoch, buyer] = [a % 3, 1, account(b)];
    if (store.grants.find({ streamId, epoch, buyer }) !== undefined) return;
    const grantId = idAfter(store.grants.nextId(), b);
    const row = { grantId, streamId, epoch, buyer, groups: a, expiresAtSec: 2 ** 40 - 1 };
    const full = { ...row, wrappedKeys: bytes(a, b), isRevoked: false };
    store.grants.insert(full);
    model.grants.set(grantId, full);
  },
  updateGrant(store, model, a, b) {
    const before = pick(model.grants.values(), a);
    if (before === undefined) return;
    const row = { ...before, groups: b, wrappedKeys: bytes(b, a), isRevoked: b % 2 === 0 };
    store.grants.update(row);
    model.grants.set(row.grantId, row);
  },
  ...CHANNEL_WRITES,
  ...SERVICE_WRITES,
  ...ESCROW_WRITES,
} as const satisfies Record<string, Apply>;

/** Applies a step to both. */
export function applyStep(store: Store, model: StoreModel, { kind, a, b }: Step): void {
  WRITES[kind](store, model, a, b);
}

const small = fc.nat(60);
/** Any write. */
export const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom(...(Object.keys(WRITES) as (keyof typeof WRITES)[])),
  a: small,
  b: small,
});
