import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { ChannelRow, Store } from "../../dapp/engine/store.ts";
import { CHANNEL_PAYMENTS } from "../../spec/channel-operations.ts";
import { account, amount, bytes, hex, idAfter, pageOf, pick } from "./step-values.ts";
import type { StoreModel } from "./store-model.ts";

type Apply = (store: Store, model: StoreModel, a: number, b: number) => void;

/** Writes to the channels' tables and the same to the model. */
export const CHANNEL_WRITES = {
  insertChannel(store, model, a, b) {
    const channelId = idAfter(store.channels.nextId(), b);
    const row: ChannelRow = {
      ...{ channelId, nonce: 0, generation: 0, sender: account(a), signer: account(a + b) },
      ...{ recipient: account(b), groupId: bytes(32, a), token: account(a * b) },
      ...{ value: amount(b), expirationBlock: a % 7, payments: CHANNEL_PAYMENTS[a % 3]! },
      ...{ lanes: b % 3, laneCount: a % 4 },
      ...{ lastPlanned: amount(a), lastActual: amount(b) },
    };
    store.channels.insert(row);
    model.channels.set(channelId, row);
  },
  /** Every other one leaves the expiration, as claims do. */
  updateChannel(store, model, a, b) {
    const before = pick(model.channels.values(), a);
    if (before === undefined) return;
    const expirationBlock = b % 2 === 0 ? before.expirationBlock : (b % 7) * 2 ** 40;
    const row: ChannelRow = {
      ...before,
      ...{ nonce: before.nonce + b * 2 ** 40, generation: a, expirationBlock },
      ...{ value: amount(b % 3), lastPlanned: amount(a), lastActual: amount(a ^ b) },
    };
    store.channels.update(row);
    model.channels.set(row.channelId, row);
  },
  putLane(store, model, a, b) {
    const key = { channelId: a % 3, lane: b % 4 === 0 ? 2 ** 32 - 1 : 1 + (b % 4) };
    const row = { ...key, generation: a, redeemed: amount(b), lastCumulative: amount(a + b) };
    store.channelLanes.put(row);
    model.channelLanes.set(`${row.channelId}/${row.lane}`, row);
  },
  insertMessage(store, model, a) {
    const digest = bytes(32, a);
    strictEqual(
      store.channelMessages.get(digest) !== undefined,
      model.channelMessages.has(hex(digest)),
    );
    if (model.channelMessages.has(hex(digest))) return;
    store.channelMessages.insert({ messageDigest: digest });
    model.channelMessages.set(hex(digest), { messageDigest: digest });
  },
} as const satisfies Record<string, Apply>;

/** Every read of channels says what the model says. */
export function expectSameChannels(store: Store, model: StoreModel): void {
  const all = [...model.channels.values()].sort((x, y) => x.channelId - y.channelId);
  strictEqual(store.channels.nextId(), (all.at(-1)?.channelId ?? -1) + 1);
  for (const row of all) deepStrictEqual(store.channels.get(row.channelId), row);
  strictEqual(store.channels.get(store.channels.nextId()), undefined);
  for (const row of model.channelLanes.values()) {
    deepStrictEqual(store.channelLanes.get(row.channelId, row.lane), row);
  }
  strictEqual(store.channelLanes.get(0, 9), undefined);
  for (const row of model.channelMessages.values()) {
    deepStrictEqual(store.channelMessages.get(row.messageDigest), row);
  }
  strictEqual(store.channelMessages.get(bytes(32, 99)), undefined);
  for (const n of [0, 1, 2, 3]) expectSameLists(store, model, all, n);
}

function expectSameLists(
  store: Store,
  model: StoreModel,
  all: readonly ChannelRow[],
  n: number,
): void {
  const someone = account(n);
  const isOf = (name: "sender" | "recipient") => (row: ChannelRow) =>
    hex(row[name]) === hex(someone);
  const [sent, received] = [all.filter(isOf("sender")), all.filter(isOf("recipient"))];
  deepStrictEqual(
    store.channels.list({ sender: someone }, pageOf("channelId", -1, 3)),
    sent.slice(0, 3),
  );
  deepStrictEqual(
    store.channels.list({ recipient: someone }, pageOf("channelId", -1, 3)),
    received.slice(0, 3),
  );
  const later = ({ channelId }: { channelId: number }) => channelId > n;
  deepStrictEqual(
    store.channels.list({ sender: someone }, pageOf("channelId", n, 9)),
    sent.filter(later).slice(0, 9),
  );
  deepStrictEqual(
    store.channels.list({ recipient: someone }, pageOf("channelId", n, 9)),
    received.filter(later).slice(0, 9),
  );

  const expiring = received
    .filter(({ expirationBlock }) => expirationBlock < 5)
    .sort((x, y) => x.expirationBlock - y.expirationBlock || x.channelId - y.channelId);
  deepStrictEqual(store.listExpiringChannels(someone, 5, undefined, 4), expiring.slice(0, 4));
  const cursor = expiring[n];
  if (cursor !== undefined) {
    const behind = expiring.slice(n + 1, n + 5);
    deepStrictEqual(store.listExpiringChannels(someone, 5, cursor, 4), behind);
  }

  const lanes = [...model.channelLanes.values()].filter((row) => row.channelId === n);
  lanes.sort((x, y) => x.lane - y.lane);
  deepStrictEqual(
    store.channelLanes.list({ channelId: n }, pageOf("lane", 0, 2)),
    lanes.slice(0, 2),
  );
  deepStrictEqual(
    store.channelLanes.list({ channelId: n }, pageOf("lane", 2, 9)),
    lanes.filter(({ lane }) => lane > 2).slice(0, 9),
  );
}
