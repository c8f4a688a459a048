import { CHANNEL_PAYMENTS } from "./channel-operations.ts";
import { ESCROW_STATUSES } from "./escrow-operations.ts";
import { DELIVERY_MODES } from "./service-operations.ts";
import { table } from "./table-columns.ts";

/** Tables of channels, services and escrows (spec §10 to §12); part of `STATE`. */
export const SETTLEMENT_TABLES = {
  /** Never deleted: a channel's number and nonce must not return. */
  channels: table(
    "channels",
    (fixed, live) => ({
      channelId: fixed.integer("channel_id"),
      /** Of the next payment that is no lane's: a claim ends it. */
      nonce: live.integer("nonce"),
      /** Of the lanes' payments: a send-back or a timeout ends it. */
      generation: live.integer("generation"),
      sender: fixed.address("sender"),
      /** Whose signature counts beside the sender's. */
      signer: fixed.address("signer"),
      recipient: fixed.address("recipient"),
      /** The recipient's payment group. */
      groupId: fixed.bytes("payment_group", 32),
      token: fixed.address("token"),
      /** What is still in it. */
      value: live.amount("value"),
      /** From this block on the sender may take back what is left. */
      expirationBlock: live.integer("expiration_block"),
      /** Which signatures it takes. */
      payments: fixed.oneOf("payments", CHANNEL_PAYMENTS),
      /** The lanes that it has room for: 1 to this number (spec §14.1). */
      lanes: fixed.integer("lanes"),
      /** So many lanes have a row. */
      laneCount: live.integer("lane_count"),
      /** The last claim of lane 0, by which a client that lost its notes can tell where it stands. */
      lastPlanned: live.amount("last_planned"),
      lastActual: live.amount("last_actual"),
    }),
    {
      key: ["channelId"],
      firstId: 0,
      reserves: { rowsOf: "channel_lanes", count: "lanes", used: "laneCount" },
      indices: [
        ["sender", "channelId"],
        ["recipient", "channelId"],
        ["recipient", "expirationBlock", "channelId"],
      ],
    },
  ),
  /** What was paid of each lane, counted from 1. */
  channelLanes: table(
    "channel_lanes",
    (fixed, live) => ({
      channelId: fixed.integer("channel_id"),
      /** From 1. */
      lane: fixed.integer("lane"),
      /** A row of an older generation than the channel's counts as none and is overwritten. */
      generation: live.integer("generation"),
      /** What the recipient has had. */
      redeemed: live.amount("redeemed"),
      /** The cumulative amount of the last payment redeemed: more where the channel did not hold it. */
      lastCumulative: live.amount("last_cumulative"),
    }),
    { key: ["channelId", "lane"] },
  ),
  /** Digests of third-party openings: each message once. */
  channelMessages: table(
    "channel_messages",
    (fixed) => ({ messageDigest: fixed.bytes("message_digest", 32) }),
    { key: ["messageDigest"] },
  ),
  organizations: table(
    "organizations",
    (fixed, live) => ({
      organization: fixed.text("organization"),
      owner: live.address("owner"),
      name: live.text("name"),
    }),
    { key: ["organization"], indices: [["owner", "organization"]] },
  ),
  paymentGroups: table(
    "payment_groups",
    (fixed, live) => ({
      organization: fixed.text("organization"),
      /** What channels name. */
      groupId: fixed.bytes("payment_group", 32),
      name: live.text("name"),
      /** The recipient of channels to this group. */
      paymentAddress: live.address("payment_address"),
      endpoints: live.lines("endpoints"),
    }),
    { key: ["organization", "groupId"] },
  ),
  services: table(
    "services",
    (fixed, live) => ({
      serviceId: fixed.integer("service_id"),
      provider: fixed.address("provider"),
      name: fixed.text("name"),
      /** The current version, from 1, and its row. */
      version: live.integer("version"),
      versionId: live.integer("version_id"),
      isWithdrawn: live.flag("is_withdrawn"),
    }),
    {
      key: ["serviceId"],
      indices: [
        ["provider", "name"],
        ["provider", "serviceId"],
      ],
    },
  ),
  /** Offers as published. */
  serviceVersions: table(
    "service_versions",
    (fixed) => ({
      versionId: fixed.integer("version_id"),
      serviceId: fixed.integer("service_id"),
      version: fixed.integer("version"),
      /** Input index × 256 + operation index: what came before what. */
      position: fixed.integer("position"),
      organization: fixed.text("organization"),
      groupId: fixed.bytesOrNone("payment_group", 32),
      tags: fixed.words("tags"),
      mode: fixed.oneOf("mode", DELIVERY_MODES),
      token: fixed.address("token"),
      /** A unit: a pull, or a session. */
      price: fixed.amount("price"),
      /** Whom escrows pay. */
      paymentAddress: fixed.address("payment_address"),
      endpoints: fixed.lines("endpoints"),
      /** The stream whose batches are sold; none where the data stays off the machine. */
      streamId: fixed.integerOrZero("stream_id"),
      /** A bit mask of a sealed stream's key groups that a buyer gets. */
      groups: fixed.integer("groups"),
    }),
    { key: ["versionId"], indices: [["serviceId", "version"]] },
  ),
  /** The current versions of services that are not withdrawn, in the order of discovery. */
  serviceTags: table(
    "service_tags",
    (fixed) => ({
      tag: fixed.text("tag"),
      mode: fixed.oneOf("mode", DELIVERY_MODES),
      token: fixed.address("token"),
      price: fixed.amount("price"),
      serviceId: fixed.integer("service_id"),
    }),
    { key: ["tag", "mode", "token", "price", "serviceId"] },
  ),
  /** Counted facts (spec §12.10): escrows by their end, batches disproved. */
  providers: table(
    "providers",
    (fixed, live) => ({
      provider: fixed.address("provider"),
      releasedCount: live.integer("released_count"),
      refundedCount: live.integer("refunded_count"),
      lapsedCount: live.integer("lapsed_count"),
      challengedCount: live.integer("challenged_count"),
    }),
    { key: ["provider"] },
  ),
  /**
   * What changes of an escrow, narrow because every transition writes it. No index has the status:
   * moving two entries with every transition would cost most of it.
   */
  escrows: table(
    "escrows",
    (fixed, live) => ({
      /** Only the tables know it, everybody else the escrow's id. */
      escrowNumber: fixed.integer("escrow_number"),
      status: live.oneOf("status", ESCROW_STATUSES),
      buyer: fixed.address("buyer"),
      /** Null until somebody takes the intent. */
      provider: live.addressOrNull("provider"),
      versionId: live.integerOrNull("version_id"),
      held: live.amount("held"),
      /** What may yet be drawn from the buyer's balance. */
      fillLeft: live.amount("fill_left"),
      paidUnits: live.integer("paid_units"),
      refundedUnits: live.integer("refunded_units"),
      /** When the status lapses; null once it is terminal. */
      deadlineSec: live.integerOrNull("deadline"),
      /** When the running or anchored session started. */
      startedAtSec: live.integerOrNull("started_at"),
      /** The stream's next sequence when the session started; 0 otherwise. */
      fromSequence: live.integer("from_sequence"),
      /** A unit's batch has a higher identifier: batches from before are not sold, none twice. */
      lastBatchId: live.integer("last_batch_id"),
      /** Commitment or anchored root of the unit that is delivered or disputed. */
      proof: live.bytesOrNull("proof", 32),
      messageCount: live.integer("message_count"),
      validCount: live.integer("valid_count"),
    }),
    {
      key: ["escrowNumber"],
      indices: [
        ["buyer", "escrowNumber"],
        ["provider", "escrowNumber"],
      ],
    },
  ),
  /** Intents that wait for a provider, oldest first. */
  openIntents: table(
    "open_intents",
    (fixed) => ({ tag: fixed.text("tag"), escrowNumber: fixed.integer("escrow_number") }),
    { key: ["tag", "escrowNumber"] },
  ),
  /** What never changes of an escrow. The auto-fill limit does: it is the escrow's `fillLeft`. */
  escrowTerms: table(
    "escrow_terms",
    (fixed) => ({
      escrowNumber: fixed.integer("escrow_number"),
      escrowId: fixed.bytes("escrow_id", 16),
      ect: fixed.bytes("ect", 32),
      escrowKind: fixed.oneOf("escrow_kind", ["standard", "intent"]),
      mode: fixed.oneOf("mode", DELIVERY_MODES),
      /** Empty for a standard escrow. */
      tag: fixed.text("tag"),
      token: fixed.address("token"),
      /** The price of a standard escrow. */
      ceiling: fixed.amount("ceiling"),
      /** `computePosition` of the opening operation. */
      position: fixed.integer("position"),
      openedAtSec: fixed.integer("opened_at"),
      /** Who may take the intent; nobody named: anybody. */
      providers: fixed.addresses("providers"),
      unitCount: fixed.integer("unit_count"),
      deliveryTimeSec: fixed.integer("delivery_time"),
      answerTimeSec: fixed.integer("answer_time"),
      arbiter: fixed.address("arbiter"),
      arbitrationTimeSec: fixed.integer("arbitration_time"),
      durationSec: fixed.integer("duration"),
      expectedMsgs: fixed.integer("expected_msgs"),
      minMsgCount: fixed.integer("min_msg_count"),
      minValidBasisPoints: fixed.integer("min_valid_basis_points"),
      autoRenew: fixed.flag("auto_renew"),
      predicate: fixed.blob("predicate"),
    }),
    {
      key: ["escrowNumber"],
      // What nearly every transition asks for stands beside the id, which spares it the whole row.
      indices: [["escrowId", "unitCount", "deliveryTimeSec", "answerTimeSec"]],
    },
  ),
} as const;
