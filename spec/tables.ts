/**
 * The state: which tables, which typed columns (spec §6.1). The root commits to this list, so a
 * change of it makes a new application. SQL, the rows of engine and model, and every reader of the
 * state follow from it; another engine needs nothing else.
 */

import { SETTLEMENT_TABLES } from "./settlement-tables.ts";
import { type Table, table } from "./table-columns.ts";

export type { Cell, ColumnType, RowOf, Table, TableColumn } from "./table-columns.ts";

/** Every table by the name that the store gives it. Times are seconds. */
export const STATE = {
  /** The one row that is there from the beginning, so that every root is of one key (spec §6.7). */
  machine: table(
    "machine",
    (fixed, live) => ({
      /** 0. */
      machineId: fixed.integer("machine_id"),
      /** X25519: what inputs and batches are sealed to. */
      publicKey: fixed.bytes("public_key", 32),
      /** Above the rows that have gone by a fold, identifiers go on (spec §3.8). */
      highestFoldedBatch: live.integer("highest_folded_batch"),
      /** When the last input came that was short of room (spec §14.2). */
      shortAtSec: live.integerOrNull("short_at"),
    }),
    { key: ["machineId"], firstId: 0 },
  ),
  /** Money that the application holds, one row a token; the zero address is Ether. */
  tokens: table(
    "tokens",
    (fixed, live) => ({
      token: fixed.address("token"),
      deposited: live.amount("deposited"),
      withdrawn: live.amount("withdrawn"),
      inBalances: live.amount("in_balances"),
      inChannels: live.amount("in_channels"),
      inEscrows: live.amount("in_escrows"),
      /** Locked and released (spec §14.3); of Ether only. */
      inBonds: live.amount("in_bonds"),
    }),
    { key: ["token"] },
  ),
  accounts: table(
    "accounts",
    (fixed, live) => ({
      account: fixed.address("account"),
      /** Of the next operation that the account signs for others to send. */
      nonce: live.integer("nonce"),
      /** The X25519 public key that owners wrap grants to. */
      encryptionKey: live.bytesOrNull("encryption_key", 32),
    }),
    { key: ["account"] },
  ),
  /** A balance of zero stays as a row: whether one was ever held is not hidden. */
  balances: table(
    "balances",
    (fixed, live) => ({
      account: fixed.address("account"),
      token: fixed.address("token"),
      amount: live.amount("amount"),
    }),
    { key: ["account", "token"] },
  ),
  devices: table(
    "devices",
    (fixed, live) => ({
      deviceId: fixed.integer("device_id"),
      owner: fixed.address("owner"),
      /** Of its current key. */
      did: live.text("did"),
      /** The multicodec-prefixed public key whose base58btc form is the DID. */
      key: live.blob("key"),
      /** Keys that it has had, the current one included. */
      keyCount: live.integer("key_count"),
      isRevoked: live.flag("is_revoked"),
    }),
    { key: ["deviceId"], indices: [["owner", "deviceId"]] },
  ),
  /** Every key that a device ever had: a used key never returns. */
  deviceKeys: table(
    "device_keys",
    (fixed) => ({ key: fixed.blob("key"), deviceId: fixed.integer("device_id") }),
    { key: ["key"] },
  ),
  streams: table(
    "streams",
    (fixed, live) => ({
      streamId: fixed.integer("stream_id"),
      deviceId: fixed.integer("device_id"),
      name: fixed.text("name"),
      visibility: fixed.oneOf("visibility", ["open", "sealed"]),
      groupCount: fixed.integer("group_count"),
      /** How long the bodies of its batches stay (spec §3.8); 0: for ever. */
      retentionSec: fixed.integer("retention"),
      /** The current epoch. */
      epoch: live.integer("epoch"),
      /** The lowest sequence that the next batch may begin with. */
      nextSequence: live.integer("next_sequence"),
      /** Batches below it are archived, those from it on have their bodies. */
      keptFrom: live.integer("kept_from"),
      /** Batches below it have folded. */
      foldedFrom: live.integer("folded_from"),
      /** When its batches are next looked at; null where none is left that folds. */
      tidyDueSec: live.integerOrNull("tidy_due"),
      batchCount: live.integer("batch_count"),
      readingCount: live.integer("reading_count"),
      /** Batches that declared that the one before them may be lost. */
      breakCount: live.integer("break_count"),
      /** What the next batch's signature covers. Null until the first batch. */
      lastBatchHash: live.bytesOrNull("last_batch_hash", 32),
    }),
    {
      key: ["streamId"],
      indices: [
        ["deviceId", "name"],
        ["deviceId", "streamId"],
        ["tidyDueSec", "streamId"],
      ],
    },
  ),
  metrics: table(
    "metrics",
    (fixed) => ({
      streamId: fixed.integer("stream_id"),
      metricIndex: fixed.integer("metric_index"),
      name: fixed.text("name"),
      unit: fixed.text("unit"),
      kind: fixed.oneOf("kind", ["integer", "text"]),
      scale: fixed.integer("scale"),
      minimum: fixed.integer("minimum"),
      maximum: fixed.integer("maximum"),
      group: fixed.integer("key_group"),
    }),
    { key: ["streamId", "metricIndex"] },
  ),
  /** What the owner published of each epoch's column keys: one hash a key group. */
  epochKeys: table(
    "epoch_keys",
    (fixed) => ({
      streamId: fixed.integer("stream_id"),
      epoch: fixed.integer("epoch"),
      group: fixed.integer("key_group"),
      keyHash: fixed.bytes("key_hash", 32),
    }),
    { key: ["streamId", "epoch", "group"] },
  ),
  /** What stays of a batch until it folds; its body is a row of its own. */
  batches: table(
    "batches",
    (fixed, live) => ({
      batchId: fixed.integer("batch_id"),
      streamId: fixed.integer("stream_id"),
      epoch: fixed.integer("epoch"),
      firstSequence: fixed.integer("first_sequence"),
      readingCount: fixed.integer("reading_count"),
      firstTimeSec: fixed.integer("first_time"),
      lastTimeSec: fixed.integer("last_time"),
      /** The device declared that the batch before it may be lost. */
      isBreak: fixed.flag("is_break"),
      batchHash: fixed.bytes("batch_hash", 32),
      previousHash: fixed.bytes("previous_hash", 32),
      commitment: fixed.bytes("commitment", 32),
      /** The timestamp of the block that accepted it. */
      acceptedAtSec: fixed.integer("accepted_at"),
      disprovedGroup: live.integerOrNull("disproved_group"),
    }),
    {
      key: ["batchId"],
      indices: [["streamId", "firstSequence", "firstTimeSec", "lastTimeSec"]],
    },
  ),
  /** Of the batches that are not archived (spec §3.8). */
  batchBodies: table(
    "batch_bodies",
    (fixed) => ({
      batchId: fixed.integer("batch_id"),
      salt: fixed.bytes("salt", 16),
      /** The batch key of an open stream, from which the leaf salts follow. */
      openingKey: fixed.blobOrNull("opening_key"),
      /** The columns as the device packed them (spec §3.3). */
      body: fixed.blob("body"),
    }),
    { key: ["batchId"] },
  ),
  /** The batches of a stream that have folded: what their proofs lead to (spec §3.8). */
  streamRanges: table(
    "stream_ranges",
    (fixed, live) => ({
      streamId: fixed.integer("stream_id"),
      foldedCount: live.integer("folded_count"),
      /** The roots of the full subtrees, largest first, 32 bytes each. */
      peaks: live.blob("peaks"),
    }),
    { key: ["streamId"] },
  ),
  grants: table(
    "grants",
    (fixed, live) => ({
      grantId: fixed.integer("grant_id"),
      streamId: fixed.integer("stream_id"),
      epoch: fixed.integer("epoch"),
      buyer: fixed.address("buyer"),
      /** A bit mask of key groups. */
      groups: live.integer("groups"),
      expiresAtSec: live.integer("expires_at"),
      /** Only the buyer can open them (spec §4.3). */
      wrappedKeys: live.blob("wrapped_keys"),
      isRevoked: live.flag("is_revoked"),
    }),
    {
      key: ["grantId"],
      indices: [
        ["streamId", "epoch", "buyer"],
        ["buyer", "grantId"],
      ],
    },
  ),
  /** Where an account wants a notice when a balance falls below it (spec §13.1). */
  lowBalances: table(
    "low_balances",
    (fixed, live) => ({
      account: fixed.address("account"),
      token: fixed.address("token"),
      threshold: live.amount("threshold"),
    }),
    { key: ["account", "token"] },
  ),
  /** What growth in scarce room has locked of an account's Ether (spec §14.3). */
  bonds: table(
    "bonds",
    (fixed, live) => ({
      account: fixed.address("account"),
      /** The bytes that are bonded. */
      bytes: live.integer("bytes"),
      /** Wei locked for them. */
      locked: live.amount("locked"),
      /** Wei that the account may have back. */
      released: live.amount("released"),
    }),
    { key: ["account"] },
  ),
  /** Whose bond it is that a batch which will leave has locked (spec §14.3). */
  batchBonds: table(
    "batch_bonds",
    (fixed) => ({ batchId: fixed.integer("batch_id"), account: fixed.address("account") }),
    { key: ["batchId"] },
  ),
  ...SETTLEMENT_TABLES,
} as const;

/** Every table, in the order of the schema hash (spec §6.3). */
export const TABLES: readonly Table[] = Object.values(STATE);
