import { SALT_BYTES } from "./batch.ts";
import { type DeclaredBody, declareOperation } from "./declare-operation.ts";
import {
  EPOCH_MAX,
  KEY_GROUPS_MAX,
  METRICS_MAX,
  PAYLOAD_BYTES_MAX,
  READINGS_PER_INPUT_MAX,
  RETENTION_SEC_MAX,
  SEQUENCE_MAX,
  TIME_SEC_MAX,
} from "./limits.ts";
import { METRIC } from "./readings.ts";
import type { Fields } from "./wire-fields.ts";

/** Multicodec prefix and raw public key, the bytes inside a `did:key` (spec §3.1). */
const deviceKey = (f: Fields) => f.bytes(34, 35);
/** The device's signature over (chain, app, owner, key). */
const possession = (f: Fields) => f.bytes(64);
const epoch = (f: Fields) => f.count(EPOCH_MAX);
/** One a key group. */
const keyHashes = (f: Fields) => f.list(KEY_GROUPS_MAX, (entry) => entry.bytes(32));

/** Operations of spec §1 to §5 and §13: money, devices, streams. */
export const CORE_OPERATIONS = {
  /** Moves `amount` base units of `token` (zero address: Ether) from the actor to `to`. */
  transfer: declareOperation(1, { notices: ["Transferred"] }, (f) => ({
    kind: "transfer",
    token: f.address(),
    to: f.address(),
    amount: f.amount(),
  })),
  /** Takes `amount` base units out of the application, by voucher to `recipient`. */
  withdraw: declareOperation(2, { notices: ["Withdrawn"] }, (f) => ({
    kind: "withdraw",
    token: f.address(),
    recipient: f.address(),
    amount: f.amount(),
  })),
  register_device: declareOperation(3, { notices: ["DeviceRegistered"] }, (f) => ({
    kind: "register_device",
    key: deviceKey(f),
    possession: possession(f),
  })),
  rotate_device_key: declareOperation(4, { notices: ["DeviceKeyRotated"] }, (f) => ({
    kind: "rotate_device_key",
    deviceId: f.id("device"),
    key: deviceKey(f),
    possession: possession(f),
  })),
  revoke_device: declareOperation(5, { notices: ["DeviceRevoked"] }, (f) => ({
    kind: "revoke_device",
    deviceId: f.id("device"),
  })),
  declare_stream: declareOperation(6, { notices: ["StreamDeclared"] }, (f) => ({
    kind: "declare_stream",
    deviceId: f.id("device"),
    name: f.text(),
    isSealed: f.flag(),
    /** How long its batches' bodies stay in the state; 0: for ever (spec §3.8). */
    retentionSec: f.seconds(RETENTION_SEC_MAX, "retention"),
    metrics: f.structs(METRICS_MAX, METRIC),
    /** Of a sealed stream's epoch 0; none for an open stream. */
    epochKeyHashes: keyHashes(f),
  })),
  /** A signed batch. */
  submit: declareOperation(7, { notices: ["SubmissionAccepted"], by: "device" }, (f) => ({
    kind: "submit",
    /** No reference: its signature covers the stream's own number. */
    streamId: f.counter(),
    epoch: epoch(f),
    firstSequence: f.count(SEQUENCE_MAX),
    count: f.count(READINGS_PER_INPUT_MAX),
    /**
     * Not 0 declares a break: the sequence after the last one that the device still needs, signed
     * in place of the previous hash.
     */
    breakFloor: f.count(SEQUENCE_MAX),
    /** salt (16) ‖ ephemeral key (32) ‖ layer 2 ciphertext and tag. */
    sealed: f.bytes(16 + 32 + 16, PAYLOAD_BYTES_MAX, "salt 16 ‖ ephemeral 32 ‖ layer 2"),
  })),
  register_encryption_key: declareOperation(8, { notices: ["EncryptionKeyRegistered"] }, (f) => ({
    kind: "register_encryption_key",
    /** The account's X25519 public key, to which owners wrap epoch keys. */
    key: f.bytes(32, 32, "X25519"),
  })),
  rotate_epoch: declareOperation(9, { notices: ["EpochRotated"] }, (f) => ({
    kind: "rotate_epoch",
    streamId: f.id("stream"),
    /** The epoch that begins: the current one plus 1. */
    epoch: epoch(f),
    epochKeyHashes: keyHashes(f),
  })),
  grant: declareOperation(10, { notices: ["Granted"] }, (f) => ({
    kind: "grant",
    /** No reference: the wrapped keys are sealed to the stream's own number. */
    streamId: f.counter(),
    epoch: epoch(f),
    /** Bit mask of key groups. */
    groups: f.count(2 ** KEY_GROUPS_MAX - 1, "bit mask"),
    buyer: f.address(),
    expiresAtSec: f.seconds(TIME_SEC_MAX, "expiresAt"),
    /** Ephemeral key (32) ‖ one sealed epoch key (48) for every bit set in `groups`. */
    wrappedKeys: f.bytes(32, 32 + 48 * KEY_GROUPS_MAX, "32, and 48 a group"),
  })),
  /** Ends a buyer's grant: from the next epoch on its keys are not the buyer's. */
  revoke_grant: declareOperation(11, { notices: ["GrantRevoked"] }, (f) => ({
    kind: "revoke_grant",
    streamId: f.id("stream"),
    epoch: epoch(f),
    buyer: f.address(),
  })),
  /** Reveals one key group's batch key, so that the machine can judge the sealed columns. */
  challenge: declareOperation(12, { notices: ["BatchDisproved"] }, (f) => ({
    kind: "challenge",
    batchId: f.id("batch"),
    group: f.count(KEY_GROUPS_MAX - 1),
    batchKey: f.bytes(32),
    /** Of an archived batch, whose body the challenger brings along; none of another. */
    salt: f.optionalBytes(SALT_BYTES),
    body: f.bytes(0, PAYLOAD_BYTES_MAX),
  })),
  /** Asks for a notice whenever the actor's balance of `token` falls below `threshold`; 0: never. */
  set_low_balance: declareOperation(40, { notices: ["LowBalanceSet"] }, (f) => ({
    kind: "set_low_balance",
    token: f.address(),
    threshold: f.amount(),
  })),
  /** Archives and folds what is due beyond what this input's head took (spec §3.8). */
  poke_retention: declareOperation(41, { notices: ["RetentionPoked"] }, () => ({
    kind: "poke_retention",
  })),
  /** Brings to the actor's balance what is released of their bond (spec §14.3). */
  withdraw_bond: declareOperation(42, { notices: ["BondWithdrawn"] }, () => ({
    kind: "withdraw_bond",
  })),
};

/** Of a challenge whose batch has its body in the state. */
export const NOT_BROUGHT = { salt: new Uint8Array(0), body: new Uint8Array(0) };

export type Submit = DeclaredBody<typeof CORE_OPERATIONS, "submit">;
