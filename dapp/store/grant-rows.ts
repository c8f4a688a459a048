import type { Cell } from "../../spec/tables.ts";
import type { GrantRow, Store } from "../engine/store.ts";
import type { StateDatabase } from "./database.ts";
import { NextId, type Undoable } from "./row-cache.ts";
import { columnList, insertSql } from "./schema.ts";

export type GrantRows = Pick<
  Store,
  "getNextGrantId" | "getGrant" | "insertGrant" | "updateGrant" | "listGrantsOfBuyer"
>;

/** Grants: one a stream, epoch and buyer. */
export function createGrantRows(database: StateDatabase, undoables: Undoable[]): GrantRows {
  const columns = columnList("grants");
  const selectHighest = database.prepareRead("SELECT max(grant_id) FROM grants");
  const select = database.prepareRead(
    `SELECT ${columns} FROM grants WHERE stream_id = ? AND epoch = ? AND buyer = ?`,
  );
  const selectOfBuyer = database.prepareRead(
    `SELECT ${columns} FROM grants WHERE buyer = ? AND grant_id > ? ORDER BY grant_id LIMIT ?`,
  );
  const insert = database.prepareWrite(insertSql("grants"));
  const update = database.prepareWrite(
    "UPDATE grants SET stream_id = ?2, epoch = ?3, buyer = ?4, groups = ?5, expires_at = ?6," +
      " wrapped_keys = ?7, is_revoked = ?8 WHERE grant_id = ?1",
  );

  const nextId = new NextId(() => (selectHighest.first([])?.[0] as number | null) ?? 0);
  undoables.push(nextId);

  return {
    getNextGrantId: () => nextId.get(),
    getGrant(streamId, epoch, buyer) {
      const cells = select.first([streamId, epoch, buyer]);
      return cells === undefined ? undefined : toGrant(cells);
    },
    insertGrant(row) {
      insert.runOnOneRow(toCells(row));
      nextId.take(row.grantId);
    },
    updateGrant(row) {
      update.runOnOneRow(toCells(row));
    },
    listGrantsOfBuyer(buyer, afterGrantId, limit) {
      return selectOfBuyer.all([buyer, afterGrantId, limit]).map(toGrant);
    },
  };
}

const toCells = (row: GrantRow): Cell[] => [
  row.grantId,
  row.streamId,
  row.epoch,
  row.buyer,
  row.groups,
  row.expiresAtSec,
  row.wrappedKeys,
  row.isRevoked ? 1 : 0,
];

const toGrant = (cells: readonly Cell[]): GrantRow => ({
  grantId: cells[0] as number,
  streamId: cells[1] as number,
  epoch: cells[2] as number,
  buyer: cells[3] as Uint8Array,
  groups: cells[4] as number,
  expiresAtSec: cells[5] as number,
  wrappedKeys: cells[6] as Uint8Array,
  isRevoked: cells[7] === 1,
});
