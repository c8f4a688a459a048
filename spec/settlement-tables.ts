import { blob, integer, nullableBlob, nullableInteger, type Table, text } from "./table-columns.ts";

/** Tables of channels, services and escrows (spec §10 to §12); part of `TABLES`. */
export const SETTLEMENT_TABLES: readonly Table[] = [
  {
    // `last_*`: the last claim of lane 0, so that a client which lost its notes can tell where it
    // stands. A channel is never deleted: its number and nonce must not return.
    name: "channels",
    columns: [
      integer("channel_id"),
      integer("nonce"),
      integer("generation"),
      blob("sender"),
      blob("signer"),
      blob("recipient"),
      blob("payment_group"),
      blob("token"),
      blob("value"),
      integer("expiration_block"),
      text("payments"),
      blob("last_planned"),
      blob("last_actual"),
    ],
    key: ["channel_id"],
    indices: [
      { columns: ["sender", "channel_id"], isUnique: true },
      { columns: ["recipient", "channel_id"], isUnique: true },
      { columns: ["recipient", "expiration_block", "channel_id"], isUnique: true },
    ],
  },
  {
    // What was paid of each lane. A row of an older generation counts as none and is overwritten.
    name: "channel_lanes",
    columns: [
      integer("channel_id"),
      integer("lane"),
      integer("generation"),
      blob("redeemed"),
      blob("last_cumulative"),
    ],
    key: ["channel_id", "lane"],
  },
  {
    // Digests of third-party openings: each message once.
    name: "channel_messages",
    columns: [blob("message_digest")],
    key: ["message_digest"],
  },
  {
    name: "organizations",
    columns: [text("organization"), blob("owner"), text("name")],
    key: ["organization"],
    indices: [{ columns: ["owner", "organization"], isUnique: true }],
  },
  {
    // `endpoints`: one a line.
    name: "payment_groups",
    columns: [
      text("organization"),
      blob("payment_group"),
      text("name"),
      blob("payment_address"),
      text("endpoints"),
    ],
    key: ["organization", "payment_group"],
  },
  {
    // `version_id` is the current version's row.
    name: "services",
    columns: [
      integer("service_id"),
      blob("provider"),
      text("name"),
      integer("version"),
      integer("version_id"),
      integer("is_withdrawn"),
    ],
    key: ["service_id"],
    indices: [
      { columns: ["provider", "name"], isUnique: true },
      { columns: ["provider", "service_id"], isUnique: true },
    ],
  },
  {
    // Written once. `position` = input index × 256 + operation index: what came before what.
    // `tags` are joined by commas, `endpoints` one a line.
    name: "service_versions",
    columns: [
      integer("version_id"),
      integer("service_id"),
      integer("version"),
      integer("position"),
      text("organization"),
      nullableBlob("payment_group"),
      text("tags"),
      text("mode"),
      blob("token"),
      blob("price"),
      blob("payment_address"),
      text("endpoints"),
      nullableInteger("stream_id"),
      integer("groups"),
    ],
    key: ["version_id"],
    indices: [{ columns: ["service_id", "version"], isUnique: true }],
  },
  {
    // The current versions of services that are not withdrawn, in the order of discovery.
    name: "service_tags",
    columns: [text("tag"), text("mode"), blob("token"), blob("price"), integer("service_id")],
    key: ["tag", "mode", "token", "price", "service_id"],
  },
  {
    // Counted facts (spec §12.10): escrows by their end, batches disproved.
    name: "providers",
    columns: [
      blob("provider"),
      integer("released_count"),
      integer("refunded_count"),
      integer("lapsed_count"),
      integer("challenged_count"),
    ],
    key: ["provider"],
  },
  {
    // What changes of an escrow, narrow because every transition writes it; what does not change
    // is in `escrow_terms`. No index has the status: moving two entries with every transition would
    // cost most of it. `deadline` is when the status lapses; null once it is terminal. `provider`
    // null finds the intents that nobody has taken.
    name: "escrows",
    columns: [
      integer("escrow_number"),
      text("status"),
      blob("buyer"),
      nullableBlob("provider"),
      nullableInteger("version_id"),
      blob("held"),
      blob("fill_left"),
      integer("paid_units"),
      integer("refunded_units"),
      nullableInteger("deadline"),
      nullableInteger("started_at"),
      integer("from_sequence"),
      integer("last_batch_id"),
      nullableBlob("proof"),
      integer("message_count"),
      integer("valid_count"),
    ],
    key: ["escrow_number"],
    indices: [
      { columns: ["buyer", "escrow_number"], isUnique: true },
      { columns: ["provider", "escrow_number"], isUnique: true },
    ],
  },
  {
    // Written once, at opening. `ceiling` is the price of a standard escrow; `providers` are
    // addresses, one behind the other.
    name: "escrow_terms",
    columns: [
      integer("escrow_number"),
      blob("escrow_id"),
      blob("ect"),
      text("escrow_kind"),
      text("mode"),
      text("tag"),
      blob("token"),
      blob("ceiling"),
      integer("position"),
      integer("opened_at"),
      blob("providers"),
      integer("unit_count"),
      integer("delivery_time"),
      integer("answer_time"),
      blob("arbiter"),
      integer("arbitration_time"),
      integer("duration"),
      integer("expected_msgs"),
      integer("min_msg_count"),
      integer("min_valid_basis_points"),
      integer("auto_renew"),
      blob("predicate"),
    ],
    key: ["escrow_number"],
    indices: [{ columns: ["escrow_id"], isUnique: true }],
  },
];
