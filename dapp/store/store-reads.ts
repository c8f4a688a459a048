import { METRICS_MAX } from "../../spec/limits.ts";
import type { Metric } from "../../spec/readings.ts";
import type { TypedTable } from "../../spec/table-columns.ts";
import { type Cell, type RowOf, STATE } from "../../spec/tables.ts";
import { encodeWord } from "../../spec/words.ts";
import {
  BATCH_HEAD,
  ESCROW_HEAD,
  ESCROW_RULES,
  type EscrowHead,
  type EscrowRules,
  type Row,
  type StoreReads,
  type StoreTables,
} from "../engine/store.ts";
import type { StateDatabase } from "./database.ts";
import { nameBytes, RowCache, type Undoable } from "./row-cache.ts";
import { emptyCell, readRow } from "./row-cells.ts";

/** The reads that no table's declaration gives. */
export function createStoreReads(
  database: StateDatabase,
): Omit<StoreReads, "getMetrics" | "findEscrowHead" | "getEscrowRules"> {
  const { batches, channels, serviceTags } = STATE;
  const getHead = prepareRows(database, batches, "batch_id = ?", BATCH_HEAD);
  const listHeads = prepareRows(
    database,
    batches,
    "stream_id = ? AND first_sequence >= ? ORDER BY first_sequence LIMIT ?",
    BATCH_HEAD,
  );
  // The index holds both times, so batches outside the interval are passed over unread.
  const listInTime = prepareRows(
    database,
    batches,
    "stream_id = ? AND first_sequence >= ? AND first_time < ? AND last_time >= ?" +
      " ORDER BY first_sequence LIMIT ?",
  );
  const listExpiring = prepareRows(
    database,
    channels,
    "recipient = ? AND expiration_block < ? AND (expiration_block, channel_id) > (?, ?)" +
      " ORDER BY expiration_block, channel_id LIMIT ?",
  );
  const discover = prepareRows(
    database,
    serviceTags,
    "tag = ? AND mode = ? AND token = ? AND (price, service_id) > (?, ?) AND price <= ?" +
      " ORDER BY price, service_id LIMIT ?",
  );

  return {
    getBatchHead: (batchId) => getHead([batchId])[0],
    listBatchHeads: (streamId, fromSequence, limit) => listHeads([streamId, fromSequence, limit]),
    listBatchesInTime: (streamId, fromSec, toSec, fromSequence, limit) =>
      listInTime([streamId, fromSequence, toSec, fromSec, limit]),
    ...createAgingReads(database),
    listExpiringChannels(recipient, beforeBlock, after, limit) {
      const { expirationBlock, channelId } = after ?? { expirationBlock: -1, channelId: -1 };
      return listExpiring([recipient, beforeBlock, expirationBlock, channelId, limit]);
    },
    discoverServices(tag, mode, token, priceMax, after, limit) {
      const cursor = [encodeWord(after?.price ?? 0n), after?.serviceId ?? 0];
      return discover([tag, mode, token, ...cursor, encodeWord(priceMax), limit]);
    },
  };
}

/** What a visit asks for (spec §3.8): whose time has come, and which of its batches are due. */
function createAgingReads(
  database: StateDatabase,
): Pick<StoreReads, "findTidyDue" | "listArchivable" | "listFoldable"> {
  const tidyDue = database.prepareRead(
    "SELECT stream_id FROM streams WHERE tidy_due <= ? ORDER BY tidy_due, stream_id LIMIT 1",
  );
  const aging = "batches.batch_id, accepted_at, first_sequence + reading_count";
  const inOrder = "WHERE stream_id = ? AND first_sequence >= ? ORDER BY first_sequence LIMIT ?";
  const archivable = database.prepareRead(
    `SELECT ${aging}, length(body) FROM batches` +
      ` JOIN batch_bodies ON batch_bodies.batch_id = batches.batch_id ${inOrder}`,
  );
  const foldable = database.prepareRead(
    `SELECT ${aging}, batch_hash, disproved_group FROM batches ${inOrder}`,
  );
  /** Whether a row is the last that is asked for: the times of a stream's batches never fall. */
  const isAfter =
    (acceptedAtSec: number) =>
    ([, accepted]: readonly Cell[]): boolean =>
      (accepted as number) > acceptedAtSec;
  return {
    findTidyDue: (nowSec) => tidyDue.first([nowSec])?.[0] as number | undefined,
    listArchivable(streamId, fromSequence, acceptedAtSec, limit) {
      const found = archivable.until([streamId, fromSequence, limit], isAfter(acceptedAtSec));
      return (found as [number, number, number, number][]).map(
        ([batchId, acceptedAtSec, endSequence, bodyByteCount]) => ({
          ...{ batchId, acceptedAtSec, endSequence, bodyByteCount },
        }),
      );
    },
    listFoldable(streamId, fromSequence, acceptedAtSec, limit) {
      const found = foldable.until([streamId, fromSequence, limit], isAfter(acceptedAtSec));
      return (found as [number, number, number, Uint8Array, number | null][]).map(
        ([batchId, acceptedAtSec, endSequence, batchHash, disprovedGroup]) => ({
          ...{ batchId, acceptedAtSec, endSequence, batchHash, disprovedGroup },
        }),
      );
    },
  };
}

/**
 * Rows of a table by what follows WHERE. Where only some of the columns are asked for, what a
 * row has in the others is not to be read.
 */
function prepareRows<T extends TypedTable>(
  database: StateDatabase,
  table: T,
  where: string,
  only?: readonly (keyof RowOf<T>)[],
): (parameters: Cell[]) => RowOf<T>[] {
  const { columns, read } = selectFrom(table, only);
  const select = database.prepareRead(`SELECT ${columns} FROM ${table.name} WHERE ${where}`);
  return (parameters) => select.all(parameters).map((found) => read(found));
}

/** What is asked of a table, and the row of what comes, `from` a place of it on. */
function selectFrom<T extends TypedTable>(table: T, only?: readonly (keyof RowOf<T>)[]) {
  const places = [...table.columns.keys()].filter(
    (i) => only === undefined || only.some((property) => property === table.columns[i]!.property),
  );
  const none: readonly Cell[] = table.columns.map(({ kind }) => emptyCell(kind));
  return {
    columns: places.map((i) => `${table.name}.${table.columns[i]!.name}`).join(", "),
    count: places.length,
    read(found: readonly Cell[], from = 0): RowOf<T> {
      const cells = [...none];
      for (let i = 0; i < places.length; i++) cells[places[i]!] = found[from + i]!;
      return readRow(table, cells);
    },
  };
}

/** The metrics with their lists by stream, which every submission asks for. */
export function keepMetricLists(
  metrics: StoreTables["metrics"],
  cacheEntriesMax: number,
  undoables: Undoable[],
): Pick<StoreReads, "getMetrics"> & Pick<StoreTables, "metrics"> {
  const lists = new RowCache<readonly Metric[]>(cacheEntriesMax);
  undoables.push(lists);
  return {
    metrics: {
      ...metrics,
      insert(row) {
        metrics.insert(row);
        // A declaration brings them in order: its list is there before the first submission asks.
        const { streamId, metricIndex } = row;
        const before = metricIndex === 0 ? [] : lists.get(streamId);
        if (before?.length !== metricIndex) lists.drop(streamId);
        else lists.write(streamId, Object.freeze([...before, toMetric(row)]));
      },
    },
    getMetrics(streamId) {
      const cached = lists.get(streamId);
      if (cached !== undefined) return cached;
      const page = { by: "metricIndex", from: { after: -1 }, limit: METRICS_MAX } as const;
      const rows = metrics.list({ streamId }, page).map(toMetric);
      // An unknown stream has none; nothing is kept for it, because it may yet come.
      if (rows.length > 0) lists.fill(streamId, rows);
      return rows;
    },
  };
}

const toMetric = ({ streamId, metricIndex, ...metric }: Row<"metrics">): Metric =>
  Object.freeze(metric);

/**
 * The heads of escrows by their ids, which every transition asks for, and the rules by number, which
 * some ask for. The index has all of a head, so that a cold escrow costs an entry of it and no row of
 * terms; and its own row, which is asked for next, comes with it.
 */
export function keepEscrows(
  database: StateDatabase,
  escrowTerms: StoreTables["escrowTerms"],
  keepRow: (row: Row<"escrows">) => void,
  cacheEntriesMax: number,
  undoables: Undoable[],
): Pick<StoreReads, "findEscrowHead" | "getEscrowRules"> & Pick<StoreTables, "escrowTerms"> {
  const headOf = selectFrom(STATE.escrowTerms, ESCROW_HEAD);
  const rowOf = selectFrom(STATE.escrows);
  const selectHead = database.prepareRead(
    `SELECT ${headOf.columns}, ${rowOf.columns} FROM escrow_terms` +
      " JOIN escrows ON escrows.escrow_number = escrow_terms.escrow_number" +
      " WHERE escrow_terms.escrow_id = ?",
  );
  const selectRules = prepareRows(database, STATE.escrowTerms, "escrow_number = ?", ESCROW_RULES);
  const heads = new RowCache<EscrowHead, string>(cacheEntriesMax);
  const rules = new RowCache<EscrowRules>(cacheEntriesMax);
  undoables.push(heads, rules);
  return {
    escrowTerms: {
      ...escrowTerms,
      insert(row) {
        escrowTerms.insert(row);
        // Not kept yet, but if it is undone, what was read of it in between goes.
        heads.drop(nameBytes(row.escrowId));
        rules.drop(row.escrowNumber);
      },
    },
    findEscrowHead(escrowId) {
      const name = nameBytes(escrowId);
      const known = heads.get(name);
      if (known !== undefined) return known;
      const found = selectHead.first([escrowId]);
      if (found === undefined) return undefined;
      // Four integers, as they are: `read` would fill all the other columns in.
      const integers = found as [number, number, number, number];
      const [escrowNumber, unitCount, deliveryTimeSec, answerTimeSec] = integers;
      const head = Object.freeze({ escrowNumber, unitCount, deliveryTimeSec, answerTimeSec });
      heads.fill(name, head);
      keepRow(rowOf.read(found, headOf.count));
      return head;
    },
    getEscrowRules(escrowNumber) {
      const known = rules.get(escrowNumber);
      if (known !== undefined) return known;
      const [row] = selectRules([escrowNumber]);
      if (row !== undefined) rules.fill(escrowNumber, Object.freeze(row));
      return row;
    },
  };
}
