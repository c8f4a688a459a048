import { PAGE_ITEMS_MAX, QUERY_CHANNELS_MAX } from "../../spec/limits.ts";
import type { AnswerOf, AskedOf } from "../../spec/queries.ts";
import { queryError } from "../../spec/query-errors.ts";
import type { EngineParts } from "./operation-context.ts";
import type { Queries } from "./query.ts";
import { nextOf } from "./query-devices.ts";
import type { ChannelRow } from "./store.ts";

/** Queries of channels by name (spec §9). */
export const CHANNEL_QUERIES = {
  channel: (parts, asked) => describeChannel(findChannel(parts, asked)),
  channels: listChannels,
  unclaimed: listUnclaimed,
  expiring: listExpiring,
  lanes: listLanes,
} satisfies Partial<Queries>;

/** By identifier. */
function listChannels({ store }: EngineParts, asked: AskedOf<"channels">): AnswerOf<"channels"> {
  const role = asked.either("sender", "recipient");
  const { [role]: account, limit, after } = asked;
  const page = { by: "channelId", from: { after }, limit } as const;
  const channels = store.channels.list({ [role]: account }, page);
  return { channels: channels.map(describeChannel), next: nextOf(channels, limit, "channelId") };
}

/** By identifier. */
function listUnclaimed({ store }: EngineParts, asked: AskedOf<"unclaimed">): AnswerOf<"unclaimed"> {
  const { recipient, limit, after: start } = asked;
  const { kept, last } = collect(
    start,
    limit,
    (after, count) =>
      store.channels.list({ recipient }, { by: "channelId", from: { after }, limit: count }),
    ({ channelId }) => channelId,
    holdsMoney,
  );
  return { channels: kept.map(describeChannel), next: last };
}

/** By their expiration. */
function listExpiring({ store }: EngineParts, asked: AskedOf<"expiring">): AnswerOf<"expiring"> {
  const { recipient, beforeBlock, limit, after: cursor } = asked;
  const { kept, last } = collect(
    cursor && { expirationBlock: cursor.expirationBlock, channelId: cursor.channelId },
    limit,
    (after, count) => store.listExpiringChannels(recipient, beforeBlock, after, count),
    ({ expirationBlock, channelId }) => ({ expirationBlock, channelId }),
    holdsMoney,
  );
  return { channels: kept.map(describeChannel), next: last };
}

/** Of the channel's generation only. */
function listLanes(parts: EngineParts, asked: AskedOf<"lanes">): AnswerOf<"lanes"> {
  const { channelId, generation } = findChannel(parts, asked);
  const { limit, after: start } = asked;
  const { kept, last } = collect(
    start,
    limit,
    (after, count) =>
      parts.store.channelLanes.list({ channelId }, { by: "lane", from: { after }, limit: count }),
    ({ lane }) => lane,
    (row) => row.generation === generation,
  );
  return { channelId, generation, lanes: kept, next: last };
}

/**
 * Rows that `keeps` keeps, up to `limit`, from at most `QUERY_CHANNELS_MAX` rows: emptied channels
 * and ended lanes stay in the state for good, and no query may wade through all of them. `last` is
 * the cursor of the last row looked at, null after the last there is.
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

function findChannel({ store }: EngineParts, asked: Pick<AskedOf<"channel">, "channelId">) {
  const channel = store.channels.get(asked.channelId);
  if (channel === undefined) throw queryError("channel_not_found", "no such channel");
  return channel;
}

const holdsMoney = ({ value }: ChannelRow): boolean => value > 0n;

const describeChannel = (row: ChannelRow) => ({ ...row, spendable: row.value });
