import { PAGE_ITEMS_MAX, QUERY_CHANNELS_MAX } from "../../spec/limits.ts";
import { type EngineParts, hex } from "./operation-context.ts";
import { type Answer, type Queries, type QueryFields, queryError } from "./query-fields.ts";
import type { ChannelRow, LaneRow } from "./store.ts";

/** Queries of channels by name (spec §9). */
export const CHANNEL_QUERIES: Queries = {
  channel: getChannel,
  channels: listChannels,
  unclaimed: listUnclaimed,
  expiring: listExpiring,
  lanes: listLanes,
};

/** `{channel_id}` → the channel, and what is still spendable in it. */
function getChannel(parts: EngineParts, fields: QueryFields): Answer {
  return describeChannel(findChannel(parts, fields));
}

/** `{sender}` or `{recipient}`, `{after?, limit?}` → the account's channels, by identifier. */
function listChannels({ store }: EngineParts, fields: QueryFields): Answer {
  const role = fields.either("sender", "recipient");
  const account = fields.address(role);
  const limit = fields.limit(PAGE_ITEMS_MAX);
  const after = fields.count("after", -1, -1);
  const page = { by: "channelId", from: { after }, limit } as const;
  const channels = store.channels.list({ [role]: account }, page);
  const next = channels.length < limit ? null : channels.at(-1)!.channelId;
  return { channels: channels.map(describeChannel), next };
}

/** `{recipient, after?, limit?}` → channels of the recipient that hold money, by identifier. */
function listUnclaimed({ store }: EngineParts, fields: QueryFields): Answer {
  const recipient = fields.address("recipient");
  const limit = fields.limit(PAGE_ITEMS_MAX);
  const { kept, last } = collect(
    fields.count("after", -1, -1),
    limit,
    (after, count) =>
      store.channels.list({ recipient }, { by: "channelId", from: { after }, limit: count }),
    ({ channelId }) => channelId,
    holdsMoney,
  );
  return { channels: kept.map(describeChannel), next: last };
}

/** `{recipient, before_block, after?, limit?}` → channels that hold money, by their expiration. */
function listExpiring({ store }: EngineParts, fields: QueryFields): Answer {
  const recipient = fields.address("recipient");
  const beforeBlock = fields.count("before_block");
  const limit = fields.limit(PAGE_ITEMS_MAX);
  const cursor = fields.has("after") ? fields.object("after") : undefined;
  const { kept, last } = collect(
    cursor && {
      expirationBlock: cursor.count("expiration_block"),
      channelId: cursor.count("channel_id"),
    },
    limit,
    (after, count) => store.listExpiringChannels(recipient, beforeBlock, after, count),
    ({ expirationBlock, channelId }) => ({ expirationBlock, channelId }),
    holdsMoney,
  );
  const next = last && { expiration_block: last.expirationBlock, channel_id: last.channelId };
  return { channels: kept.map(describeChannel), next };
}

/** `{channel_id, after?, limit?}` → what was paid of each lane in the channel's generation. */
function listLanes(parts: EngineParts, fields: QueryFields): Answer {
  const { channelId, generation } = findChannel(parts, fields);
  const limit = fields.limit(PAGE_ITEMS_MAX);
  const { kept, last } = collect(
    fields.count("after", 0),
    limit,
    (after, count) =>
      parts.store.channelLanes.list({ channelId }, { by: "lane", from: { after }, limit: count }),
    ({ lane }) => lane,
    (row) => row.generation === generation,
  );
  return { channel_id: channelId, generation, lanes: kept.map(describeLane), next: last };
}

/**
 * Rows that `keeps` keeps, up to `limit`, from at most `QUERY_CHANNELS_MAX` rows: emptied channels
 * and ended lanes stay in the state for good, and no query may wade through all of them. `last` is
 * the cursor of the last row looked at, null behind the last there is.
 */
function collect<Row, Cursor>(
  after: Cursor,
  limit: number,
  list: (after: Cursor, count: number) => readonly Row[],
  cursorOf: (row: Row) => Cursor & {},
  keeps: (row: Row) => boolean,
): { readonly kept: readonly Row[]; readonly last: (Cursor & {}) | null } {
  const kept: Row[] = [];
  let from = after;
  for (let seen = 0; seen < QUERY_CHANNELS_MAX; seen += PAGE_ITEMS_MAX) {
    const rows = list(from, PAGE_ITEMS_MAX);
    for (const row of rows) {
      if (!keeps(row)) continue;
      kept.push(row);
      if (kept.length === limit) return { kept, last: cursorOf(row) };
    }
    if (rows.length < PAGE_ITEMS_MAX) return { kept, last: null };
    from = cursorOf(rows.at(-1)!);
  }
  return { kept, last: from ?? null };
}

function findChannel({ store }: EngineParts, fields: QueryFields): ChannelRow {
  const channel = store.channels.get(fields.count("channel_id"));
  if (channel === undefined) throw queryError("channel_not_found", "no such channel");
  return channel;
}

const holdsMoney = ({ value }: ChannelRow): boolean => value > 0n;

function describeChannel(row: ChannelRow): Answer {
  return {
    channel_id: row.channelId,
    nonce: row.nonce,
    generation: row.generation,
    sender: hex(row.sender),
    signer: hex(row.signer),
    recipient: hex(row.recipient),
    group_id: hex(row.groupId),
    token: hex(row.token),
    value: row.value.toString(),
    expiration_block: row.expirationBlock,
    payments: row.payments,
    last_planned: row.lastPlanned.toString(),
    last_actual: row.lastActual.toString(),
    spendable: row.value.toString(),
  };
}

const describeLane = (row: LaneRow): Answer => ({
  lane: row.lane,
  redeemed: row.redeemed.toString(),
  last_cumulative: row.lastCumulative.toString(),
});
