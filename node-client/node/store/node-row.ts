import { invariant } from "../../../dapp/engine/invariant.ts";
import type { BlockReference } from "../../chain/chain-input.ts";
import type { Database } from "./node-database.ts";
import { COUNT_COLUMNS, type Counts, IDENTITY_COLUMNS, type NodeIdentity } from "./node-store.ts";
import {
  type Columns,
  hex,
  type ItemOf,
  integer,
  listColumns,
  optional,
  toItem,
  toRow,
} from "./row-kinds.ts";

/** The only row of the table `node`: whose file it is, and how far the node has come. */

const HEAD_COLUMNS = { number: optional(integer("head_number")), hash: optional(hex("head_hash")) };

export const NO_COUNTS: Counts = { inputs: 0, processed: 0, outputs: 0, reports: 0 };

/** Writes the row of a new file. */
export function insertIdentity(database: Database, identity: NodeIdentity): void {
  const row = { ...toRow(IDENTITY_COLUMNS, identity), ...toRow(COUNT_COLUMNS, NO_COUNTS) };
  database.insert("node", { id: 0, ...row });
}

export const readIdentity: (database: Database) => NodeIdentity = createRead(IDENTITY_COLUMNS);
export const readCounts: (database: Database) => Counts = createRead(COUNT_COLUMNS);
const readHeadCells = createRead(HEAD_COLUMNS);

export function writeCounts(database: Database, counts: Counts): void {
  invariant(counts.processed <= counts.inputs, "only recorded inputs are processed");
  database.updateAll("node", toRow(COUNT_COLUMNS, counts));
}

export function readHead(database: Database): BlockReference | undefined {
  const { number, hash } = readHeadCells(database);
  return number === undefined || hash === undefined ? undefined : { number, hash };
}

/** Sets the head; `undefined` when no block is known any more. */
export function writeHead(database: Database, head: BlockReference | undefined): void {
  const { number, hash } = head ?? { number: undefined, hash: undefined };
  database.updateAll("node", toRow(HEAD_COLUMNS, { number, hash }));
}

function createRead<Of extends Columns>(columns: Of): (database: Database) => ItemOf<Of> {
  const sql = `SELECT ${listColumns(columns)} FROM node`;
  return (database) => {
    const row = database.get(sql);
    invariant(row !== undefined, "a node's file says whose it is");
    return toItem(columns, row);
  };
}
