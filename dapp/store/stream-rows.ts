import type { Metric, MetricKind } from "../../spec/readings.ts";
import type { Cell } from "../../spec/tables.ts";
import { invariant } from "../engine/invariant.ts";
import type { Store, StreamRow, Visibility } from "../engine/store.ts";
import type { StateDatabase } from "./database.ts";
import { NextId, RowCache, type Undoable } from "./row-cache.ts";
import { columnList, insertSql } from "./schema.ts";

export type StreamRows = Pick<
  Store,
  | "getStream"
  | "getStreamIdOfName"
  | "getNextStreamId"
  | "insertStream"
  | "updateStream"
  | "getMetrics"
  | "getEpochKeyHash"
  | "insertEpochKeyHash"
  | "listStreamsOfDevice"
>;

/** Streams, their metrics and epoch keys. What has to be undone on a rollback joins `undoables`. */
export function createStreamRows(
  database: StateDatabase,
  cacheEntriesMax: number,
  undoables: Undoable[],
): StreamRows {
  const columns = columnList("streams");
  const select = database.prepareRead(`SELECT ${columns} FROM streams WHERE stream_id = ?`);
  const selectHighest = database.prepareRead("SELECT max(stream_id) FROM streams");
  const selectIdOfName = database.prepareRead(
    "SELECT stream_id FROM streams WHERE device_id = ? AND name = ?",
  );
  const selectOfDevice = database.prepareRead(
    `SELECT ${columns} FROM streams WHERE device_id = ? AND stream_id > ?` +
      " ORDER BY stream_id LIMIT ?",
  );
  const insert = database.prepareWrite(insertSql("streams"));
  // What a stream is never changes; leaving it out of SET keeps the indices untouched.
  const update = database.prepareWrite(
    "UPDATE streams SET epoch = ?2, next_sequence = ?3, batch_count = ?4, reading_count = ?5," +
      " break_count = ?6, last_batch_hash = ?7 WHERE stream_id = ?1",
  );
  const selectMetrics = database.prepareRead(
    `SELECT ${columnList("metrics")} FROM metrics WHERE stream_id = ? ORDER BY metric_index`,
  );
  const insertMetric = database.prepareWrite(insertSql("metrics"));
  const selectKeyHash = database.prepareRead(
    "SELECT key_hash FROM epoch_keys WHERE stream_id = ? AND epoch = ? AND key_group = ?",
  );
  const insertKeyHash = database.prepareWrite(insertSql("epoch_keys"));

  const streams = new RowCache<StreamRow>(cacheEntriesMax);
  const metrics = new RowCache<readonly Metric[]>(cacheEntriesMax);
  const nextId = new NextId(() => (selectHighest.first([])?.[0] as number | null) ?? 0);
  undoables.push(streams, metrics, nextId);

  /** The cache's own row. */
  function findStream(streamId: number): StreamRow | undefined {
    const cached = streams.get(streamId);
    if (cached !== undefined) return cached;
    const cells = select.first([streamId]);
    if (cells === undefined) return undefined;
    const row = toStream(cells);
    streams.fill(streamId, row);
    return row;
  }

  return {
    getStream(streamId) {
      const row = findStream(streamId);
      return row === undefined ? undefined : copyStream(row);
    },
    getStreamIdOfName(deviceId, name) {
      return selectIdOfName.first([deviceId, name])?.[0] as number | undefined;
    },
    getNextStreamId: () => nextId.get(),
    insertStream(row, metricRows) {
      insert.runOnOneRow(toCells(row));
      metricRows.forEach((metric, index) => {
        insertMetric.runOnOneRow(toMetricCells(row.streamId, index, metric));
      });
      nextId.take(row.streamId);
      streams.write(row.streamId, copyStream(row));
      metrics.write(
        row.streamId,
        metricRows.map((metric) => Object.freeze({ ...metric })),
      );
    },
    updateStream(row) {
      const before = findStream(row.streamId);
      invariant(
        before !== undefined &&
          before.deviceId === row.deviceId &&
          before.name === row.name &&
          before.visibility === row.visibility &&
          before.groupCount === row.groupCount,
        "a stream keeps its device, name, visibility and groups",
      );
      const { streamId, epoch, nextSequence, batchCount, readingCount, breakCount } = row;
      update.runOnOneRow([
        streamId,
        epoch,
        nextSequence,
        batchCount,
        readingCount,
        breakCount,
        row.lastBatchHash,
      ]);
      streams.write(streamId, copyStream(row));
    },
    getMetrics(streamId) {
      const cached = metrics.get(streamId);
      if (cached !== undefined) return cached;
      const rows = selectMetrics.all([streamId]).map(toMetric);
      // An unknown stream has none; nothing is kept for it, because it may yet come.
      if (rows.length > 0) metrics.fill(streamId, rows);
      return rows;
    },
    getEpochKeyHash(streamId, epoch, group) {
      return selectKeyHash.first([streamId, epoch, group])?.[0] as Uint8Array | undefined;
    },
    insertEpochKeyHash(streamId, epoch, group, keyHash) {
      insertKeyHash.runOnOneRow([streamId, epoch, group, keyHash]);
    },
    listStreamsOfDevice(deviceId, afterStreamId, limit) {
      return selectOfDevice.all([deviceId, afterStreamId, limit]).map(toStream);
    },
  };
}

/** Callers own what they get, so the cache lends nobody its bytes. */
const copyStream = (row: StreamRow): StreamRow => ({
  streamId: row.streamId,
  deviceId: row.deviceId,
  name: row.name,
  visibility: row.visibility,
  groupCount: row.groupCount,
  epoch: row.epoch,
  nextSequence: row.nextSequence,
  batchCount: row.batchCount,
  readingCount: row.readingCount,
  breakCount: row.breakCount,
  lastBatchHash: row.lastBatchHash?.slice() ?? null,
});

const toCells = (row: StreamRow): Cell[] => [
  row.streamId,
  row.deviceId,
  row.name,
  row.visibility,
  row.groupCount,
  row.epoch,
  row.nextSequence,
  row.batchCount,
  row.readingCount,
  row.breakCount,
  row.lastBatchHash,
];

const toStream = (cells: readonly Cell[]): StreamRow => ({
  streamId: cells[0] as number,
  deviceId: cells[1] as number,
  name: cells[2] as string,
  visibility: cells[3] as Visibility,
  groupCount: cells[4] as number,
  epoch: cells[5] as number,
  nextSequence: cells[6] as number,
  batchCount: cells[7] as number,
  readingCount: cells[8] as number,
  breakCount: cells[9] as number,
  lastBatchHash: cells[10] as Uint8Array | null,
});

const toMetricCells = (streamId: number, index: number, metric: Metric): Cell[] => [
  streamId,
  index,
  metric.name,
  metric.unit,
  metric.kind,
  metric.scale,
  metric.minimum,
  metric.maximum,
  metric.group,
];

const toMetric = (cells: readonly Cell[]): Metric =>
  Object.freeze({
    name: cells[2] as string,
    unit: cells[3] as string,
    kind: cells[4] as MetricKind,
    scale: cells[5] as number,
    minimum: cells[6] as number,
    maximum: cells[7] as number,
    group: cells[8] as number,
  });
