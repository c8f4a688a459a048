/** Bodies of the payment channels' operations (spec §10). */

/** Which bytes a payment's signature covers (spec §10.4). */
export type PaymentForm = "mpe" | "eip712";
/** Which payments a channel takes, fixed at opening. The order is the wire's code, from 0. */
export const CHANNEL_PAYMENTS = ["mpe", "eip712", "both"] as const;
export type ChannelPayments = (typeof CHANNEL_PAYMENTS)[number];

/** What an opening fixes, whoever pays for it. */
export interface ChannelTerms {
  /** Who may claim. */
  readonly recipient: Uint8Array;
  /** Whose signature counts beside the sender's; not the zero address. */
  readonly signer: Uint8Array;
  /** The recipient's payment group: 32 bytes that the machine does not read. */
  readonly groupId: Uint8Array;
  readonly token: Uint8Array;
  /** Base units that move from the payer's balance into the channel. */
  readonly value: bigint;
  /** The block from which on the sender may take back what is left. */
  readonly expirationBlock: number;
  readonly payments: ChannelPayments;
}

/** Opens a channel of the actor. */
export interface OpenChannel extends ChannelTerms {
  readonly kind: "open_channel";
}

/** Opens a channel of `sender`, who signed for it; the actor pays. */
export interface OpenChannelByThirdParty extends ChannelTerms {
  readonly kind: "open_channel_by_third_party";
  readonly sender: Uint8Array;
  /** The sender's choice; makes otherwise equal messages differ. */
  readonly messageNonce: bigint;
  readonly form: PaymentForm;
  /** r ‖ s ‖ v by `sender` (spec §10.2). */
  readonly signature: Uint8Array;
}

export interface AddChannelFunds {
  readonly kind: "add_channel_funds";
  readonly channelId: number;
  readonly amount: bigint;
}

export interface ExtendChannel {
  readonly kind: "extend_channel";
  readonly channelId: number;
  readonly expirationBlock: number;
}

export interface ExtendAndAddChannelFunds {
  readonly kind: "extend_and_add_channel_funds";
  readonly channelId: number;
  readonly expirationBlock: number;
  readonly amount: bigint;
}

/**
 * One signed payment to redeem. Lane 0 is MPE's claim: `actual` of the signed `planned`, which
 * ends the channel's nonce. A lane from 1 on redeems a cumulative payment: `planned` is the signed
 * cumulative amount, `actual` is 0 and `form` "eip712", anything else is malformed.
 */
export interface ChannelClaim {
  readonly channelId: number;
  readonly lane: number;
  readonly actual: bigint;
  readonly planned: bigint;
  readonly form: PaymentForm;
  /** Closes the channel: what is left goes to its sender. */
  readonly isSendBack: boolean;
  /** r ‖ s ‖ v by the channel's signer or sender. */
  readonly signature: Uint8Array;
}

export interface ClaimChannel extends ChannelClaim {
  readonly kind: "claim_channel";
}

/** Claims in order, all or none. */
export interface MultiClaim {
  readonly kind: "multi_claim";
  readonly claims: readonly ChannelClaim[];
}

/** The sender takes back what is left of an expired channel. */
export interface ClaimChannelTimeout {
  readonly kind: "claim_channel_timeout";
  readonly channelId: number;
}

export type ChannelBody =
  | OpenChannel
  | OpenChannelByThirdParty
  | AddChannelFunds
  | ExtendChannel
  | ExtendAndAddChannelFunds
  | ClaimChannel
  | MultiClaim
  | ClaimChannelTimeout;
