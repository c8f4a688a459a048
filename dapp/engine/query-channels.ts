import { QUERY_CHANNELS_MAX } from "../../spec/limits.ts";
import type { AnswerOf, AskedOf } from "../../spec/queries.ts";
import { queryError } from "../../spec/query-errors.ts";
import type { EngineParts } from "./operation-context.ts";
import type { Queries } from "./query.ts";
import { collect, collectRows, readPage } from "./query-pages.ts";
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
  const { recipient } = asked;
  const { rows, next } = collectRows(
    store.channels,
    { recipient },
    "channelId",
    asked,
    QUERY_CHANNELS_MAX,
    holdsMoney,
  );
  return { channels: rows.map(describeChannel), next };
}

/** By their expiration. */
function listExpiring({ store }: EngineParts, asked: AskedOf<"expiring">): AnswerOf<"expiring"> {
  const { recipient, beforeBlock, limit, after: cursor } = asked;
  const after = cursor && toCursor(cursor);
  const { rows, next } = collect(
    { after, limit },
    QUERY_CHANNELS_MAX,
    (from, count) => store.listExpiringChannels(recipient, beforeBlock, from, count),
    toCursor,
    holdsMoney,
  );
  return { channels: rows.map(describeChannel), next };
}

/** Of the channel's generation only. */
function listLanes(parts: EngineParts, asked: AskedOf<"lanes">): AnswerOf<"lanes"> {
  const { channelId, generation } = findChannel(parts, asked);
  const { rows, next } = collectRows(
    parts.store.channelLanes,
    { channelId },
    "lane",
    asked,
    QUERY_CHANNELS_MAX,
    (row) => row.generation === generation,
  );
  return { channelId, generation, lanes: rows, next };
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
