import { CHANNEL_PAYMENTS, type ChannelPayments } from "../../spec/channel-operations.ts";
import type { Cell } from "../../spec/tables.ts";
import { encodeWord, equalBytes, readBigEndian } from "../../spec/words.ts";
import type { ChannelRow, ChannelRows, LaneRow } from "../engine/channel-rows.ts";
import { invariant } from "../engine/invariant.ts";
import type { StateDatabase } from "./database.ts";
import { NextId, RowCache, type Undoable } from "./row-cache.ts";
import { columnList, insertSql } from "./schema.ts";

/** Channels, their lanes and the messages that opened them. */
export function createChannelRows(
  database: StateDatabase,
  cacheEntriesMax: number,
  undoables: Undoable[],
): ChannelRows {
  const columns = columnList("channels");
  const select = database.prepareRead(`SELECT ${columns} FROM channels WHERE channel_id = ?`);
  const selectHighest = database.prepareRead("SELECT max(channel_id) FROM channels");
  const selectOfSender = database.prepareRead(
    `SELECT ${columns} FROM channels WHERE sender = ? AND channel_id > ?` +
      " ORDER BY channel_id LIMIT ?",
  );
  const selectOfRecipient = database.prepareRead(
    `SELECT ${columns} FROM channels WHERE recipient = ? AND channel_id > ?` +
      " ORDER BY channel_id LIMIT ?",
  );
  const selectExpiring = database.prepareRead(
    `SELECT ${columns} FROM channels WHERE recipient = ?1 AND expiration_block < ?2` +
      " AND (expiration_block, channel_id) > (?3, ?4)" +
      " ORDER BY expiration_block, channel_id LIMIT ?5",
  );
  const insert = database.prepareWrite(insertSql("channels"));
  // A claim leaves the expiration as it is, and then no index moves.
  const set =
    "UPDATE channels SET nonce = ?2, generation = ?3, value = ?4, last_planned = ?5," +
    " last_actual = ?6";
  const update = database.prepareWrite(`${set} WHERE channel_id = ?1`);
  const updateExpiration = database.prepareWrite(
    `${set}, expiration_block = ?7 WHERE channel_id = ?1`,
  );
  const laneColumns = columnList("channel_lanes");
  const selectLane = database.prepareRead(
    `SELECT ${laneColumns} FROM channel_lanes WHERE channel_id = ? AND lane = ?`,
  );
  const selectLanes = database.prepareRead(
    `SELECT ${laneColumns} FROM channel_lanes WHERE channel_id = ? AND lane > ?` +
      " ORDER BY lane LIMIT ?",
  );
  const upsertLane = database.prepareWrite(
    `${insertSql("channel_lanes")} ON CONFLICT (channel_id, lane) DO UPDATE SET` +
      " generation = excluded.generation, redeemed = excluded.redeemed," +
      " last_cumulative = excluded.last_cumulative",
  );
  const selectMessage = database.prepareRead(
    "SELECT 1 FROM channel_messages WHERE message_digest = ?",
  );
  const insertMessage = database.prepareWrite(insertSql("channel_messages"));

  const channels = new RowCache<ChannelRow>(cacheEntriesMax);
  // Numbers count from 0, so an empty table stands for one whose highest is -1.
  const nextId = new NextId(() => (selectHighest.first([])?.[0] as number | null) ?? -1);
  undoables.push(channels, nextId);

  function getChannel(channelId: number): ChannelRow | undefined {
    const cached = channels.get(channelId);
    if (cached !== undefined) return cached;
    const cells = select.first([channelId]);
    if (cells === undefined) return undefined;
    const row = Object.freeze(toChannel(cells));
    channels.fill(channelId, row);
    return row;
  }

  return {
    getNextChannelId: () => nextId.get(),
    getChannel,
    insertChannel(row) {
      insert.runOnOneRow(toCells(row));
      nextId.take(row.channelId);
      channels.write(row.channelId, Object.freeze(copyChannel(row)));
    },
    updateChannel(row) {
      const before = getChannel(row.channelId);
      invariant(
        before !== undefined && FIXED.every((name) => isSame(before[name], row[name])),
        "a channel keeps its people, group and token",
      );
      invariant(before.payments === row.payments, "a channel keeps the payments it takes");
      const { channelId, nonce, generation, expirationBlock, value, lastPlanned, lastActual } = row;
      const amounts = [value, lastPlanned, lastActual].map(encodeWord);
      const cells: Cell[] = [channelId, nonce, generation, ...amounts];
      if (before.expirationBlock === expirationBlock) update.runOnOneRow(cells);
      else updateExpiration.runOnOneRow([...cells, expirationBlock]);
      const changed = { nonce, generation, expirationBlock, value, lastPlanned, lastActual };
      channels.write(channelId, Object.freeze({ ...before, ...changed }));
    },
    getLane(channelId, lane) {
      const cells = selectLane.first([channelId, lane]);
      return cells === undefined ? undefined : toLane(cells);
    },
    putLane({ channelId, lane, generation, redeemed, lastCumulative }) {
      const amounts = [redeemed, lastCumulative].map(encodeWord);
      upsertLane.runOnOneRow([channelId, lane, generation, ...amounts]);
    },
    isMessageUsed: (digest) => selectMessage.first([digest]) !== undefined,
    insertMessage(digest) {
      insertMessage.runOnOneRow([digest]);
    },
    listChannelsOfSender(sender, afterChannelId, limit) {
      return selectOfSender.all([sender, afterChannelId, limit]).map(toChannel);
    },
    listChannelsOfRecipient(recipient, afterChannelId, limit) {
      return selectOfRecipient.all([recipient, afterChannelId, limit]).map(toChannel);
    },
    listExpiringChannels(recipient, beforeBlock, after, limit) {
      const { expirationBlock, channelId } = after ?? { expirationBlock: -1, channelId: -1 };
      const bounds: Cell[] = [beforeBlock, expirationBlock, channelId, limit];
      return selectExpiring.all([recipient, ...bounds]).map(toChannel);
    },
    listLanes(channelId, afterLane, limit) {
      return selectLanes.all([channelId, afterLane, limit]).map(toLane);
    },
  };
}

/** What no update changes. */
const FIXED = ["sender", "signer", "recipient", "groupId", "token"] as const;

/** The engine hands back the very bytes that it got. */
const isSame = (a: Uint8Array, b: Uint8Array): boolean => a === b || equalBytes(a, b);

/** A new channel's bytes are views of its input, which belongs to the host. */
const copyChannel = (row: ChannelRow): ChannelRow => ({
  ...row,
  sender: row.sender.slice(),
  signer: row.signer.slice(),
  recipient: row.recipient.slice(),
  groupId: row.groupId.slice(),
  token: row.token.slice(),
});

const toCells = (row: ChannelRow): Cell[] => [
  row.channelId,
  row.nonce,
  row.generation,
  row.sender,
  row.signer,
  row.recipient,
  row.groupId,
  row.token,
  encodeWord(row.value),
  row.expirationBlock,
  row.payments,
  encodeWord(row.lastPlanned),
  encodeWord(row.lastActual),
];

function toChannel(cells: readonly Cell[]): ChannelRow {
  const payments = cells[10] as ChannelPayments;
  invariant(CHANNEL_PAYMENTS.includes(payments), "a stored channel takes known payments");
  return {
    channelId: cells[0] as number,
    nonce: cells[1] as number,
    generation: cells[2] as number,
    sender: cells[3] as Uint8Array,
    signer: cells[4] as Uint8Array,
    recipient: cells[5] as Uint8Array,
    groupId: cells[6] as Uint8Array,
    token: cells[7] as Uint8Array,
    value: readBigEndian(cells[8] as Uint8Array),
    expirationBlock: cells[9] as number,
    payments,
    lastPlanned: readBigEndian(cells[11] as Uint8Array),
    lastActual: readBigEndian(cells[12] as Uint8Array),
  };
}

const toLane = (cells: readonly Cell[]): LaneRow => ({
  channelId: cells[0] as number,
  lane: cells[1] as number,
  generation: cells[2] as number,
  redeemed: readBigEndian(cells[3] as Uint8Array),
  lastCumulative: readBigEndian(cells[4] as Uint8Array),
});
