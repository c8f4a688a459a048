import { type DeclaredBody, declareOperation } from "./declare-operation.ts";
import { declareStruct, type StructOf } from "./field-layout.ts";
import { CLAIMS_MAX, LANE_MAX, LANES_RESERVED_MAX } from "./limits.ts";
import type { Fields } from "./wire-fields.ts";

/** Which bytes a payment's signature covers (spec §10.4). The order is the wire's code, from 0. */
const PAYMENT_FORMS = ["mpe", "eip712"] as const;
export type PaymentForm = (typeof PAYMENT_FORMS)[number];
/** Which payments a channel takes, fixed at opening. The order is the wire's code, from 0. */
export const CHANNEL_PAYMENTS = ["mpe", "eip712", "both"] as const;
export type ChannelPayments = (typeof CHANNEL_PAYMENTS)[number];

/** What an opening fixes, whoever pays for it. */
const channelTerms = (f: Fields) => ({
  /** Who may claim. */
  recipient: f.address(),
  /** Whose signature counts beside the sender's; not the zero address. */
  signer: f.address(),
  /** The recipient's payment group: 32 bytes that the machine does not read. */
  groupId: f.bytes(32),
  token: f.address(),
  /** Base units that move from the payer's balance into the channel. */
  value: f.amount(),
  /** The block from which on the sender may take back what is left. */
  expirationBlock: f.counter(),
  payments: f.choice(CHANNEL_PAYMENTS),
  /** Lanes that it has room for: 1 to this number. */
  lanes: f.count(LANES_RESERVED_MAX),
});
export type ChannelTerms = Readonly<ReturnType<typeof channelTerms>>;

const FLAG_SEND_BACK = 1;
const FLAG_EIP712 = 2;

/** A cumulative payment is redeemed whole, and has one form. */
const fitsLane = (claim: { lane: number; actual: bigint; form: PaymentForm }): boolean =>
  claim.lane === 0 || (claim.actual === 0n && claim.form === "eip712");

/**
 * One signed payment to redeem. Lane 0 is MPE's claim: `actual` of the signed `planned`, which
 * ends the channel's nonce. A lane from 1 on redeems a cumulative payment: `planned` is the signed
 * cumulative amount, `actual` is 0 and `form` "eip712", anything else is malformed.
 *
 * 80 to 100 bytes for amounts of everyday size, because one multi-claim carries many.
 */
const CLAIM = declareStruct("ChannelClaim", "claim", (f) => {
  const channelId = f.id("channel");
  const lane = f.count(LANE_MAX);
  const flags = f.flags(FLAG_SEND_BACK | FLAG_EIP712, "1 send back, 2 EIP-712");
  const claim = {
    channelId,
    lane,
    actual: f.amount(),
    planned: f.amount(),
    form: f.bitChoice(flags, FLAG_EIP712, PAYMENT_FORMS),
    /** Closes the channel: what is left goes to its sender. */
    isSendBack: f.bit(flags, FLAG_SEND_BACK),
    /** r ‖ s ‖ v by the channel's signer or sender. */
    signature: f.signature(),
  };
  return f.fit(claim, fitsLane);
});
export type ChannelClaim = StructOf<typeof CLAIM>;

/** Operations on payment channels (spec §10). */
export const CHANNEL_OPERATIONS = {
  /** Opens a channel of the actor. */
  open_channel: declareOperation(13, { notices: ["ChannelOpened"] }, (f) => ({
    kind: "open_channel",
    ...channelTerms(f),
  })),
  /** Opens a channel of `sender`, who signed for it; the actor pays. */
  open_channel_by_third_party: declareOperation(14, { notices: ["ChannelOpened"] }, (f) => ({
    kind: "open_channel_by_third_party",
    sender: f.address(),
    ...channelTerms(f),
    /** The sender's choice; makes otherwise equal messages differ. */
    messageNonce: f.amount(),
    form: f.choice(PAYMENT_FORMS),
    /** r ‖ s ‖ v by `sender` (spec §10.2). */
    signature: f.signature(),
  })),
  add_channel_funds: declareOperation(15, { notices: ["ChannelFunded"] }, (f) => ({
    kind: "add_channel_funds",
    channelId: f.id("channel"),
    amount: f.amount(),
  })),
  extend_channel: declareOperation(16, { notices: ["ChannelExtended"] }, (f) => ({
    kind: "extend_channel",
    channelId: f.id("channel"),
    expirationBlock: f.counter(),
  })),
  extend_and_add_channel_funds: declareOperation(17, { notices: ["ChannelExtended"] }, (f) => ({
    kind: "extend_and_add_channel_funds",
    channelId: f.id("channel"),
    expirationBlock: f.counter(),
    amount: f.amount(),
  })),
  claim_channel: declareOperation(18, { notices: ["ChannelClaimed", "LaneRedeemed"] }, (f) => ({
    kind: "claim_channel",
    ...CLAIM.read(f),
  })),
  /** Claims in order, all or none. */
  multi_claim: declareOperation(19, { notices: ["ChannelClaimed", "LaneRedeemed"] }, (f) => ({
    kind: "multi_claim",
    claims: f.structs(CLAIMS_MAX, CLAIM),
  })),
  /** The sender takes back what is left of an expired channel. */
  claim_channel_timeout: declareOperation(20, { notices: ["ChannelTimedOut"] }, (f) => ({
    kind: "claim_channel_timeout",
    channelId: f.id("channel"),
  })),
};

export type ChannelBody = DeclaredBody<typeof CHANNEL_OPERATIONS, keyof typeof CHANNEL_OPERATIONS>;
