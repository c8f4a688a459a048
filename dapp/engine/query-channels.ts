import { QUERY_CHANNELS_MAX } from "../../spec/limits.ts";
import type { AnswerOf, AskedOf } from "../../spec/queries.ts";
import { queryError } from "../../spec/query-errors.ts";
import type { EngineParts } from "./operation-context.ts";
import type { Queries } from "./query.ts";
import { collect, orderRows, readPage } from "./query-pages.ts";
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
  const { rows, next } = readPage(store.channels, { [role]: asked[role] }, "channelId", asked);
  return { channels: rows.map(describeChannel), next };
}

/** By identifier. */
function listUnclaimed({ store }: EngineParts, asked: AskedOf<"unclaimed">): AnswerOf<"unclaimed"> {
  const rows = orderRows(store.channels, { recipient: asked.recipient }, "channelId");
  const page = collect(rows, asked, QUERY_CHANNELS_MAX, holdsMoney);
  return { channels: page.rows.map(describeChannel), next: page.next };
}

/** By their expiration. */
function listExpiring({ store }: EngineParts, asked: AskedOf<"expiring">): AnswerOf<"expiring"> {
  const { recipient, beforeBlock, limit, after } = asked;
  const ordered = {
    list: (from: Expiring | undefined, count: number) =>
      store.listExpiringChannels(recipient, beforeBlock, from, count),
    cursorOf: toCursor,
  };
  const place = { after: after && toCursor(after), limit };
  const { rows, next } = collect(ordered, place, QUERY_CHANNELS_MAX, holdsMoney);
  return { channels: rows.map(describeChannel), next };
}

/** Of the channel's generation only. */
function listLanes(parts: EngineParts, asked: AskedOf<"lanes">): AnswerOf<"lanes"> {
  const { channelId, generation } = findChannel(parts, asked);
  const rows = orderRows(parts.store.channelLanes, { channelId }, "lane");
  const page = collect(rows, asked, QUERY_CHANNELS_MAX, (row) => row.generation === generation);
  return { channelId, generation, lanes: page.rows, next: page.next };
}

function findChannel({ store }: EngineParts, asked: Pick<AskedOf<"channel">, "channelId">) {
  const channel = store.channels.get(asked.channelId);
  if (channel === undefined) throw queryError("channel_not_found", "no such channel");
  return channel;
}

type Expiring = Pick<ChannelRow, "expirationBlock" | "channelId">;
const toCursor = ({ expirationBlock, channelId }: Expiring) => ({ expirationBlock, channelId });

const holdsMoney = ({ value }: ChannelRow): boolean => value > 0n;

const describeChannel = (row: ChannelRow) => ({ ...row, spendable: row.value });
