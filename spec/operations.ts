import type { ChannelBody } from "./channel-operations.ts";
import type { EscrowBody } from "./escrow-operations.ts";
import type { Metric } from "./readings.ts";
import type { ServiceBody } from "./service-operations.ts";

/** Kinds of operations on the wire (spec §1.4): never renumber, never reuse. */
export const OPERATION_KINDS = {
  transfer: 1,
  withdraw: 2,
  register_device: 3,
  rotate_device_key: 4,
  revoke_device: 5,
  declare_stream: 6,
  submit: 7,
  register_encryption_key: 8,
  rotate_epoch: 9,
  grant: 10,
  revoke_grant: 11,
  challenge: 12,
  open_channel: 13,
  open_channel_by_third_party: 14,
  add_channel_funds: 15,
  extend_channel: 16,
  extend_and_add_channel_funds: 17,
  claim_channel: 18,
  multi_claim: 19,
  claim_channel_timeout: 20,
  put_organization: 21,
  put_payment_group: 22,
  publish_service: 23,
  update_service: 24,
  withdraw_service: 25,
  open_escrow: 26,
  open_intent: 27,
  accept_intent: 28,
  deliver_unit: 29,
  start_session: 30,
  anchor_session: 31,
  redeem_receipt: 32,
  accept_unit: 33,
  reject_unit: 34,
  arbitrate: 35,
  end_escrow: 36,
  fund_escrow: 37,
  set_auto_fill: 38,
  poke_escrow: 39,
  set_low_balance: 40,
} as const satisfies Record<string, number>;

export type OperationKind = keyof typeof OPERATION_KINDS;

/** Moves `amount` base units of `token` (zero address: Ether) from the actor to `to`. */
export interface Transfer {
  readonly kind: "transfer";
  readonly token: Uint8Array;
  readonly to: Uint8Array;
  readonly amount: bigint;
}

/** Takes `amount` base units out of the application, by voucher to `recipient`. */
export interface Withdraw {
  readonly kind: "withdraw";
  readonly token: Uint8Array;
  readonly recipient: Uint8Array;
  readonly amount: bigint;
}

/** `key`: multicodec prefix and raw public key, the bytes inside a `did:key` (spec §3.1). */
export interface RegisterDevice {
  readonly kind: "register_device";
  readonly key: Uint8Array;
  /** The device's signature over (chain, app, owner, key). */
  readonly possession: Uint8Array;
}

export interface RotateDeviceKey {
  readonly kind: "rotate_device_key";
  readonly deviceId: number;
  readonly key: Uint8Array;
  readonly possession: Uint8Array;
}

export interface RevokeDevice {
  readonly kind: "revoke_device";
  readonly deviceId: number;
}

/** `epochKeyHashes`: one a key group for a sealed stream's epoch 0; none for an open stream. */
export interface DeclareStream {
  readonly kind: "declare_stream";
  readonly deviceId: number;
  readonly name: string;
  readonly isSealed: boolean;
  readonly metrics: readonly Metric[];
  readonly epochKeyHashes: readonly Uint8Array[];
}

/** A signed batch. `sealed` = salt (16) ‖ ephemeral key (32) ‖ layer 2 ciphertext and tag. */
export interface Submit {
  readonly kind: "submit";
  readonly streamId: number;
  readonly epoch: number;
  readonly firstSequence: number;
  readonly count: number;
  /** The device lost its chain: the signed previous hash is 32 zero bytes. */
  readonly isBreak: boolean;
  readonly sealed: Uint8Array;
}

/** The account's X25519 public key, to which owners wrap epoch keys. */
export interface RegisterEncryptionKey {
  readonly kind: "register_encryption_key";
  readonly key: Uint8Array;
}

export interface RotateEpoch {
  readonly kind: "rotate_epoch";
  readonly streamId: number;
  /** The epoch that begins: the current one plus 1. */
  readonly epoch: number;
  readonly epochKeyHashes: readonly Uint8Array[];
}

/** `wrappedKeys` = ephemeral key (32) ‖ one sealed epoch key (48) for every bit set in `groups`. */
export interface Grant {
  readonly kind: "grant";
  readonly streamId: number;
  readonly epoch: number;
  /** Bit mask of key groups. */
  readonly groups: number;
  readonly buyer: Uint8Array;
  readonly expiresAtSec: number;
  readonly wrappedKeys: Uint8Array;
}

/** Ends a buyer's grant: from the next epoch on its keys are not the buyer's. */
export interface RevokeGrant {
  readonly kind: "revoke_grant";
  readonly streamId: number;
  readonly epoch: number;
  readonly buyer: Uint8Array;
}

/** Reveals one key group's batch key, so that the machine can judge the sealed columns. */
export interface Challenge {
  readonly kind: "challenge";
  readonly batchId: number;
  readonly group: number;
  readonly batchKey: Uint8Array;
}

/** Asks for a notice whenever the actor's balance of `token` falls below `threshold`; 0: never. */
export interface SetLowBalance {
  readonly kind: "set_low_balance";
  readonly token: Uint8Array;
  readonly threshold: bigint;
}

/** Operations of spec §1 to §5: money, devices, streams. */
export type CoreBody =
  | Transfer
  | Withdraw
  | RegisterDevice
  | RotateDeviceKey
  | RevokeDevice
  | DeclareStream
  | Submit
  | RegisterEncryptionKey
  | RotateEpoch
  | Grant
  | RevokeGrant
  | Challenge
  | SetLowBalance;

export type OperationBody = CoreBody | ChannelBody | ServiceBody | EscrowBody;

/** Who stands behind an operation (spec §1.5). */
export type Authorization =
  | { readonly by: "sender" }
  | { readonly by: "device"; readonly signature: Uint8Array }
  | {
      readonly by: "account";
      readonly account: Uint8Array;
      /** Sequential from 0; a refused operation consumes none. */
      readonly nonce: number;
      /** Valid in blocks with a timestamp below it. */
      readonly deadlineSec: number;
      /** r ‖ s ‖ v over the operation's EIP-712 digest. */
      readonly signature: Uint8Array;
    };

export interface Operation {
  readonly authorization: Authorization;
  readonly body: OperationBody;
}
