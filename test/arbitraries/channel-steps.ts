import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { ChannelRow, ChannelRows, LaneRow } from "../../dapp/engine/channel-rows.ts";
import { CHANNEL_PAYMENTS } from "../../spec/channel-operations.ts";
import { encodeWord } from "../../spec/words.ts";
import type { NamedRow } from "./state-rows.ts";
import { account, amount, bytes, hex, idAfter, pick } from "./step-values.ts";

/** The channels' part of the store's model. */
export interface ChannelModel {
  readonly channels: Map<number, ChannelRow>;
  readonly lanes: Map<string, LaneRow>;
  readonly messages: Map<string, Uint8Array>;
}

type Apply = (store: ChannelRows, model: ChannelModel, a: number, b: number) => void;

/** Writes to the channels' tables and the same to the model. */
export const CHANNEL_WRITES = {
  insertChannel(store, model, a, b) {
    const channelId = idAfter(store.getNextChannelId(), b);
    const row: ChannelRow = {
      ...{ channelId, nonce: 0, generation: 0, sender: account(a), signer: account(a + b) },
      ...{ recipient: account(b), groupId: bytes(32, a), token: account(a * b) },
      ...{ value: amount(b), expirationBlock: a % 7, payments: CHANNEL_PAYMENTS[a % 3]! },
      ...{ lastPlanned: amount(a), lastActual: amount(b) },
    };
    store.insertChannel(row);
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
    store.updateChannel(row);
    model.channels.set(row.channelId, row);
  },
  putLane(store, model, a, b) {
    const key = { channelId: a % 3, lane: b % 4 === 0 ? 2 ** 32 - 1 : 1 + (b % 4) };
    const row = { ...key, generation: a, redeemed: amount(b), lastCumulative: amount(a + b) };
    store.putLane(row);
    model.lanes.set(`${row.channelId}/${row.lane}`, row);
  },
  insertMessage(store, model, a) {
    const digest = bytes(32, a);
    strictEqual(store.isMessageUsed(digest), model.messages.has(hex(digest)));
    if (model.messages.has(hex(digest))) return;
    store.insertMessage(digest);
    model.messages.set(hex(digest), digest);
  },
} as const satisfies Record<string, Apply>;

/** The model's rows as cells, in the order of the tables' columns. */
export function* listChannelCells(model: ChannelModel): Iterable<NamedRow> {
  for (const row of model.channels.values()) {
    const { channelId, nonce, generation, sender, signer, recipient, groupId, token } = row;
    const people = [sender, signer, recipient, groupId, token];
    const terms = [encodeWord(row.value), row.expirationBlock, row.payments];
    const last = [row.lastPlanned, row.lastActual].map(encodeWord);
    yield ["channels", [channelId, nonce, generation, ...people, ...terms, ...last]];
  }
  for (const { channelId, lane, generation, redeemed, lastCumulative } of model.lanes.values()) {
    const amounts = [redeemed, lastCumulative].map(encodeWord);
    yield ["channel_lanes", [channelId, lane, generation, ...amounts]];
  }
  for (const digest of model.messages.values()) yield ["channel_messages", [digest]];
}

/** Every read of channels says what the model says. */
export function expectSameChannels(store: ChannelRows, model: ChannelModel): void {
  const all = [...model.channels.values()].sort((x, y) => x.channelId - y.channelId);
  strictEqual(store.getNextChannelId(), (all.at(-1)?.channelId ?? -1) + 1);
  for (const row of all) deepStrictEqual(store.getChannel(row.channelId), row);
  strictEqual(store.getChannel(store.getNextChannelId()), undefined);
  for (const row of model.lanes.values()) {
    deepStrictEqual(store.getLane(row.channelId, row.lane), row);
  }
  strictEqual(store.getLane(0, 9), undefined);
  for (const digest of model.messages.values()) strictEqual(store.isMessageUsed(digest), true);
  strictEqual(store.isMessageUsed(bytes(32, 99)), false);
  for (const n of [0, 1, 2, 3]) expectSameLists(store, model, all, n);
}

function expectSameLists(
  store: ChannelRows,
  model: ChannelModel,
  all: readonly ChannelRow[],
  n: number,
): void {
  const someone = account(n);
  const isOf = (name: "sender" | "recipient") => (row: ChannelRow) =>
    hex(row[name]) === hex(someone);
  const [sent, received] = [all.filter(isOf("sender")), all.filter(isOf("recipient"))];
  deepStrictEqual(store.listChannelsOfSender(someone, -1, 3), sent.slice(0, 3));
  deepStrictEqual(store.listChannelsOfRecipient(someone, -1, 3), received.slice(0, 3));
  const later = ({ channelId }: { channelId: number }) => channelId > n;
  deepStrictEqual(store.listChannelsOfSender(someone, n, 9), sent.filter(later).slice(0, 9));
  deepStrictEqual(store.listChannelsOfRecipient(someone, n, 9), received.filter(later).slice(0, 9));

  const expiring = received
    .filter(({ expirationBlock }) => expirationBlock < 5)
    .sort((x, y) => x.expirationBlock - y.expirationBlock || x.channelId - y.channelId);
  deepStrictEqual(store.listExpiringChannels(someone, 5, undefined, 4), expiring.slice(0, 4));
  const cursor = expiring[n];
  if (cursor !== undefined) {
    const behind = expiring.slice(n + 1, n + 5);
    deepStrictEqual(store.listExpiringChannels(someone, 5, cursor, 4), behind);
  }

  const lanes = [...model.lanes.values()].filter((row) => row.channelId === n);
  lanes.sort((x, y) => x.lane - y.lane);
  deepStrictEqual(store.listLanes(n, 0, 2), lanes.slice(0, 2));
  deepStrictEqual(store.listLanes(n, 2, 9), lanes.filter(({ lane }) => lane > 2).slice(0, 9));
}
