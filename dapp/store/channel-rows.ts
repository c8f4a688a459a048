import type { ChannelRows } from "../engine/channel-rows.ts";
import { InvariantViolation } from "../engine/invariant.ts";
import type { StateDatabase } from "./database.ts";
import type { Undoable } from "./row-cache.ts";

const notBuilt = (): never => {
  throw new InvariantViolation("not built yet");
};

/** Channels, their lanes and the messages that opened them. */
export function createChannelRows(
  _database: StateDatabase,
  _cacheEntriesMax: number,
  _undoables: Undoable[],
): ChannelRows {
  return {
    getNextChannelId: notBuilt,
    getChannel: notBuilt,
    insertChannel: notBuilt,
    updateChannel: notBuilt,
    getLane: notBuilt,
    putLane: notBuilt,
    isMessageUsed: notBuilt,
    insertMessage: notBuilt,
    listChannelsOfSender: notBuilt,
    listChannelsOfRecipient: notBuilt,
    listExpiringChannels: notBuilt,
    listLanes: notBuilt,
  };
}
