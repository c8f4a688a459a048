/**
 * The state: which tables, which typed columns (spec §6.1). The root commits to this list, so a
 * change of it makes a new application. `dapp/store` creates the SQL from it; a model or another
 * engine needs nothing else.
 */

import { SETTLEMENT_TABLES } from "./settlement-tables.ts";
import { blob, integer, nullableBlob, nullableInteger, type Table, text } from "./table-columns.ts";

export type { Cell, ColumnType, Table, TableColumn } from "./table-columns.ts";

/** Amounts are 32-byte big-endian blobs, addresses 20 bytes, hashes and keys 32, times seconds. */
export const TABLES: readonly Table[] = [
  {
    // Money that the application holds, one row a token; the zero address is Ether.
    name: "tokens",
    columns: [
      blob("token"),
      blob("deposited"),
      blob("withdrawn"),
      blob("in_balances"),
      blob("in_channels"),
      blob("in_escrows"),
    ],
    key: ["token"],
  },
  {
    name: "accounts",
    columns: [blob("account"), integer("nonce"), nullableBlob("encryption_key")],
    key: ["account"],
  },
  {
    name: "balances",
    columns: [blob("account"), blob("token"), blob("amount")],
    key: ["account", "token"],
  },
  {
    // `key` is the multicodec-prefixed public key whose base58btc form is the DID.
    name: "devices",
    columns: [
      integer("device_id"),
      blob("owner"),
      text("did"),
      blob("key"),
      integer("key_count"),
      integer("is_revoked"),
    ],
    key: ["device_id"],
    indices: [{ columns: ["owner", "device_id"], isUnique: true }],
  },
  {
    // Every key that a device ever had: a used key never returns.
    name: "device_keys",
    columns: [blob("key"), integer("device_id")],
    key: ["key"],
  },
  {
    name: "streams",
    columns: [
      integer("stream_id"),
      integer("device_id"),
      text("name"),
      text("visibility"),
      integer("group_count"),
      integer("epoch"),
      integer("next_sequence"),
      integer("batch_count"),
      integer("reading_count"),
      integer("break_count"),
      nullableBlob("last_batch_hash"),
    ],
    key: ["stream_id"],
    indices: [
      { columns: ["device_id", "name"], isUnique: true },
      { columns: ["device_id", "stream_id"], isUnique: true },
    ],
  },
  {
    name: "metrics",
    columns: [
      integer("stream_id"),
      integer("metric_index"),
      text("name"),
      text("unit"),
      text("kind"),
      integer("scale"),
      integer("minimum"),
      integer("maximum"),
      integer("key_group"),
    ],
    key: ["stream_id", "metric_index"],
  },
  {
    // What the owner published of each epoch's column keys: one hash a key group.
    name: "epoch_keys",
    columns: [integer("stream_id"), integer("epoch"), integer("key_group"), blob("key_hash")],
    key: ["stream_id", "epoch", "key_group"],
  },
  {
    // One row a batch. `body` is the columns as the device packed them (spec §3.3); `opening_key`
    // is the batch key of an open stream, from which the leaf salts follow.
    name: "batches",
    columns: [
      integer("batch_id"),
      integer("stream_id"),
      integer("epoch"),
      integer("first_sequence"),
      integer("reading_count"),
      integer("first_time"),
      integer("last_time"),
      integer("is_break"),
      blob("batch_hash"),
      blob("previous_hash"),
      blob("commitment"),
      blob("salt"),
      nullableBlob("opening_key"),
      blob("body"),
      nullableInteger("disproved_group"),
    ],
    key: ["batch_id"],
    indices: [
      { columns: ["stream_id", "first_sequence", "first_time", "last_time"], isUnique: true },
    ],
  },
  {
    // `groups` is a bit mask of key groups; `wrapped_keys` only the buyer can open (spec §4.3).
    name: "grants",
    columns: [
      integer("grant_id"),
      integer("stream_id"),
      integer("epoch"),
      blob("buyer"),
      integer("groups"),
      integer("expires_at"),
      blob("wrapped_keys"),
      integer("is_revoked"),
    ],
    key: ["grant_id"],
    indices: [
      { columns: ["stream_id", "epoch", "buyer"], isUnique: true },
      { columns: ["buyer", "grant_id"], isUnique: true },
    ],
  },
  {
    // Where an account wants a notice when a balance falls below it (spec §13.1).
    name: "low_balances",
    columns: [blob("account"), blob("token"), blob("threshold")],
    key: ["account", "token"],
  },
  ...SETTLEMENT_TABLES,
];
