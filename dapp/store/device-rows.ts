import type { Cell } from "../../spec/tables.ts";
import type { DeviceRow, Store } from "../engine/store.ts";
import type { StateDatabase } from "./database.ts";
import { NextId, RowCache, type Undoable } from "./row-cache.ts";
import { columnList, insertSql } from "./schema.ts";

export type DeviceRows = Pick<
  Store,
  | "getDevice"
  | "getDeviceIdOfKey"
  | "getNextDeviceId"
  | "insertDevice"
  | "updateDevice"
  | "insertDeviceKey"
  | "listDevicesOfOwner"
>;

/** Devices and the keys they ever had. What has to be undone on a rollback joins `undoables`. */
export function createDeviceRows(
  database: StateDatabase,
  cacheEntriesMax: number,
  undoables: Undoable[],
): DeviceRows {
  const columns = columnList("devices");
  const select = database.prepareRead(`SELECT ${columns} FROM devices WHERE device_id = ?`);
  const selectHighest = database.prepareRead("SELECT max(device_id) FROM devices");
  const selectOfOwner = database.prepareRead(
    `SELECT ${columns} FROM devices WHERE owner = ? AND device_id > ?` +
      " ORDER BY device_id LIMIT ?",
  );
  const insert = database.prepareWrite(insertSql("devices"));
  const update = database.prepareWrite(
    "UPDATE devices SET owner = ?2, did = ?3, key = ?4, key_count = ?5, is_revoked = ?6" +
      " WHERE device_id = ?1",
  );
  const selectIdOfKey = database.prepareRead("SELECT device_id FROM device_keys WHERE key = ?");
  const insertKey = database.prepareWrite(insertSql("device_keys"));

  const cache = new RowCache<DeviceRow>(cacheEntriesMax);
  const nextId = new NextId(() => (selectHighest.first([])?.[0] as number | null) ?? 0);
  undoables.push(cache, nextId);

  return {
    getDevice(deviceId) {
      const cached = cache.get(deviceId);
      if (cached !== undefined) return copyDevice(cached);
      const cells = select.first([deviceId]);
      if (cells === undefined) return undefined;
      const row = toDevice(cells);
      cache.fill(deviceId, row);
      return copyDevice(row);
    },
    getDeviceIdOfKey(key) {
      return selectIdOfKey.first([key])?.[0] as number | undefined;
    },
    getNextDeviceId: () => nextId.get(),
    insertDevice(row) {
      insert.runOnOneRow(toCells(row));
      nextId.take(row.deviceId);
      cache.write(row.deviceId, copyDevice(row));
    },
    updateDevice(row) {
      update.runOnOneRow(toCells(row));
      cache.write(row.deviceId, copyDevice(row));
    },
    insertDeviceKey(key, deviceId) {
      insertKey.runOnOneRow([key, deviceId]);
    },
    listDevicesOfOwner(owner, afterDeviceId, limit) {
      return selectOfOwner.all([owner, afterDeviceId, limit]).map(toDevice);
    },
  };
}

/** Callers own what they get, so the cache lends nobody its bytes. */
const copyDevice = (row: DeviceRow): DeviceRow => ({
  deviceId: row.deviceId,
  owner: row.owner.slice(),
  did: row.did,
  key: row.key.slice(),
  keyCount: row.keyCount,
  isRevoked: row.isRevoked,
});

const toCells = (row: DeviceRow): Cell[] => [
  row.deviceId,
  row.owner,
  row.did,
  row.key,
  row.keyCount,
  row.isRevoked ? 1 : 0,
];

const toDevice = (cells: readonly Cell[]): DeviceRow => ({
  deviceId: cells[0] as number,
  owner: cells[1] as Uint8Array,
  did: cells[2] as string,
  key: cells[3] as Uint8Array,
  keyCount: cells[4] as number,
  isRevoked: cells[5] === 1,
});
