import type { Cell } from "../../spec/tables.ts";
import type { BatchRow, Store } from "../engine/store.ts";
import type { StateDatabase } from "./database.ts";
import { NextId, type Undoable } from "./row-cache.ts";
import { columnList, insertSql } from "./schema.ts";

export type BatchRows = Pick<
  Store,
  | "getNextBatchId"
  | "insertBatch"
  | "getBatch"
  | "setBatchDisproved"
  | "getBatchAtSequence"
  | "listBatches"
  | "listLatestBatches"
  | "listBatchesInTime"
>;

/** Batches: written once, marked at most once, never cached. */
export function createBatchRows(database: StateDatabase, undoables: Undoable[]): BatchRows {
  const selectFrom = `SELECT ${columnList("batches")} FROM batches`;
  const select = database.prepareRead(`${selectFrom} WHERE batch_id = ?`);
  const selectHighest = database.prepareRead("SELECT max(batch_id) FROM batches");
  const insert = database.prepareWrite(insertSql("batches"));
  const setDisproved = database.prepareWrite(
    "UPDATE batches SET disproved_group = ?2 WHERE batch_id = ?1",
  );
  const selectAtSequence = database.prepareRead(
    `${selectFrom} WHERE stream_id = ? AND first_sequence <= ?` +
      " ORDER BY first_sequence DESC LIMIT 1",
  );
  const selectForward = database.prepareRead(
    `${selectFrom} WHERE stream_id = ? AND first_sequence >= ? ORDER BY first_sequence LIMIT ?`,
  );
  const selectBackward = database.prepareRead(
    `${selectFrom} WHERE stream_id = ? AND first_sequence <= ?` +
      " ORDER BY first_sequence DESC LIMIT ?",
  );
  // The index holds both times, so batches outside the interval are passed over unread.
  const selectInTime = database.prepareRead(
    `${selectFrom} WHERE stream_id = ? AND first_sequence >= ?` +
      " AND first_time < ? AND last_time >= ? ORDER BY first_sequence LIMIT ?",
  );

  const nextId = new NextId(() => (selectHighest.first([])?.[0] as number | null) ?? 0);
  undoables.push(nextId);

  return {
    getNextBatchId: () => nextId.get(),
    insertBatch(row) {
      insert.runOnOneRow(toCells(row));
      nextId.take(row.batchId);
    },
    getBatch(batchId) {
      const cells = select.first([batchId]);
      return cells === undefined ? undefined : toBatch(cells);
    },
    setBatchDisproved(batchId, group) {
      setDisproved.runOnOneRow([batchId, group]);
    },
    getBatchAtSequence(streamId, sequence) {
      const cells = selectAtSequence.first([streamId, sequence]);
      return cells === undefined ? undefined : toBatch(cells);
    },
    listBatches(streamId, fromSequence, limit) {
      return selectForward.all([streamId, fromSequence, limit]).map(toBatch);
    },
    listLatestBatches(streamId, toSequence, limit) {
      return selectBackward.all([streamId, toSequence, limit]).map(toBatch);
    },
    listBatchesInTime(streamId, fromSec, toSec, fromSequence, limit) {
      return selectInTime.all([streamId, fromSequence, toSec, fromSec, limit]).map(toBatch);
    },
  };
}

const toCells = (row: BatchRow): Cell[] => [
  row.batchId,
  row.streamId,
  row.epoch,
  row.firstSequence,
  row.readingCount,
  row.firstTimeSec,
  row.lastTimeSec,
  row.isBreak ? 1 : 0,
  row.batchHash,
  row.previousHash,
  row.commitment,
  row.salt,
  row.openingKey,
  row.body,
  row.disprovedGroup,
];

const toBatch = (cells: readonly Cell[]): BatchRow => ({
  batchId: cells[0] as number,
  streamId: cells[1] as number,
  epoch: cells[2] as number,
  firstSequence: cells[3] as number,
  readingCount: cells[4] as number,
  firstTimeSec: cells[5] as number,
  lastTimeSec: cells[6] as number,
  isBreak: cells[7] === 1,
  batchHash: cells[8] as Uint8Array,
  previousHash: cells[9] as Uint8Array,
  commitment: cells[10] as Uint8Array,
  salt: cells[11] as Uint8Array,
  openingKey: cells[12] as Uint8Array | null,
  body: cells[13] as Uint8Array,
  disprovedGroup: cells[14] as number | null,
});
