import { hexToBytes } from "viem";
import { NOT_BROUGHT } from "../../../spec/core-operations.ts";
import { encodePossessionMessage } from "../../../spec/device-key.ts";
import { computeEpochKeyHash } from "../../../spec/grant-keys.ts";
import type { Metric } from "../../../spec/readings.ts";
import type { Acting } from "./define-action.ts";
import { ownAction } from "./own-action.ts";
import type { ArchivedBatch } from "./read-archived-batch.ts";

/** The device's end: its public key, and its signature. `createDeviceSigner` makes one. */
export interface PossessionSigner {
  /** Multicodec prefix and public key: the bytes inside a `did:key`. */
  readonly key: Uint8Array;
  sign(message: Uint8Array): Uint8Array;
}

export interface RegisterDeviceOptions {
  readonly device: PossessionSigner;
}

/**
 * Registers a device with its owner: the device signs that it agrees.
 *
 * @throws OperationRefused: device_key_invalid, device_key_used, device_possession_unproven.
 * @example
 * const device = createDeviceSigner("ed25519", systemRandom);
 * const { deviceId, did } = await registerDevice(client, { device });
 */
export const registerDevice = ownAction(
  "register_device",
  ({ device }: RegisterDeviceOptions, acting: Pick<Acting, "account" | "at">) =>
    provePossession(device, acting),
);

export interface RotateDeviceKeyOptions {
  readonly deviceId: number;
  /** With the new key. */
  readonly device: PossessionSigner;
}

/**
 * Gives a device another key. Its number, streams and batches stay; no key ever comes back.
 *
 * @throws OperationRefused: device_not_found, device_sender_not_owner, device_revoked,
 * device_key_invalid, device_key_used, device_possession_unproven.
 * @example
 * const device = createDeviceSigner("p256", systemRandom);
 * await rotateDeviceKey(client, { deviceId: 1, device });
 */
export const rotateDeviceKey = ownAction(
  "rotate_device_key",
  ({ deviceId, device }: RotateDeviceKeyOptions, acting: Pick<Acting, "account" | "at">) => ({
    deviceId,
    ...provePossession(device, acting),
  }),
);

/** A device's word that it belongs to the acting account. */
export const provePossession = (
  device: PossessionSigner,
  { account, at }: Pick<Acting, "account" | "at">,
): { readonly key: Uint8Array; readonly possession: Uint8Array } => ({
  key: device.key,
  possession: device.sign(encodePossessionMessage(at, hexToBytes(account), device.key)),
});

export interface RevokeDeviceOptions {
  readonly deviceId: number;
}

/**
 * Ends a device for good: it sends nothing more. What it sent stays, and can still be granted.
 *
 * @throws OperationRefused: device_not_found, device_sender_not_owner, device_revoked.
 * @example
 * await revokeDevice(client, { deviceId: 1 });
 */
export const revokeDevice = ownAction("revoke_device", ({ deviceId }: RevokeDeviceOptions) => ({
  deviceId,
}));

export interface DeclareStreamOptions {
  readonly deviceId: number;
  /** Unique among the device's streams. */
  readonly name: string;
  readonly metrics: readonly Metric[];
  /** The first epoch's keys, 32 bytes each, one a key group: makes the stream a sealed one. */
  readonly epochKeys?: readonly Uint8Array[];
  /** Seconds that its batches' bodies stay in the state; for ever unless given (or 0). */
  readonly retentionSec?: number;
}

/**
 * Declares what a device measures and who can read it: everybody who may query, or with
 * `epochKeys` only buyers. Only the keys' hashes are sent; never lose the keys.
 *
 * @throws OperationRefused: device_…, stream_name_…, stream_metrics_invalid, stream_groups_invalid.
 * @example
 * const { streamId } = await declareStream(client, { deviceId: 1, name: "roof", metrics });
 */
export const declareStream = ownAction(
  "declare_stream",
  (
    { deviceId, name, metrics, epochKeys, retentionSec = 0 }: DeclareStreamOptions,
    { crypto }: Pick<Acting, "crypto">,
  ) => ({
    ...{ deviceId, name, metrics, isSealed: epochKeys !== undefined, retentionSec },
    epochKeyHashes: (epochKeys ?? []).map((key) => computeEpochKeyHash(crypto, key)),
  }),
);

export interface RotateEpochOptions {
  readonly streamId: number;
  /** The epoch that begins: the stream's current one plus 1. */
  readonly epoch: number;
  /** Fresh keys, 32 bytes each, one a key group. */
  readonly epochKeys: readonly Uint8Array[];
}

/**
 * Begins a sealed stream's next epoch: earlier grants do not open its batches.
 *
 * @throws OperationRefused: stream_not_found, stream_not_sealed, device_sender_not_owner,
 * epoch_not_next, epoch_key_hashes_wrong.
 * @example
 * await rotateEpoch(client, { streamId: 2, epoch: 1, epochKeys: [systemRandom(32)] });
 */
export const rotateEpoch = ownAction(
  "rotate_epoch",
  ({ streamId, epoch, epochKeys }: RotateEpochOptions, { crypto }: Pick<Acting, "crypto">) => ({
    ...{ streamId, epoch },
    epochKeyHashes: epochKeys.map((key) => computeEpochKeyHash(crypto, key)),
  }),
);

export interface ChallengeOptions {
  readonly batchId: number;
  /** The key group that does not open. */
  readonly group: number;
  /** That group's batch key, as `SealedReadError.place` names it. It becomes public. */
  readonly batchKey: Uint8Array;
  /** Of a batch that is archived: `readArchivedBatch` has them. */
  readonly archived?: Pick<ArchivedBatch, "salt" | "body">;
}

/**
 * Proves that a sealed batch is not what its device committed to: the machine decrypts it with the
 * revealed key and records that it is false.
 *
 * @throws OperationRefused: batch_…, challenge_group_unknown, challenge_key_wrong, and
 * challenge_batch_honest where there is nothing to prove.
 * @example
 * await challenge(client, { batchId: 7, group: 0, batchKey });
 */
export const challenge = ownAction(
  "challenge",
  ({ batchId, group, batchKey, archived = NOT_BROUGHT }: ChallengeOptions) => ({
    ...{ batchId, group, batchKey },
    ...{ salt: archived.salt, body: archived.body },
  }),
);

/**
 * Has archived and folded what is due beyond what the head of its own input does. Anybody may, and
 * need not: every other input does its part by itself.
 *
 * @throws OperationRefused: retention_nothing_due.
 * @example
 * const { archivedCount, foldedCount } = await pokeRetention(client);
 */
export const pokeRetention = ownAction("poke_retention", () => ({}));
