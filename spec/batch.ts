import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import type { Crypto } from "./crypto.ts";
import { encodeLeaves } from "./leaves.ts";
import type { Column } from "./readings.ts";
import { encodeWord, writeUint } from "./words.ts";

const CONTEXT_DOMAIN = utf8ToBytes("tallyroll/batch-context/2");
const BATCH_DOMAIN = utf8ToBytes("tallyroll/batch/2");
const LAYER_2_DOMAIN = utf8ToBytes("tallyroll/layer-2/2");
const LAYER_1_DOMAIN = utf8ToBytes("tallyroll/layer-1/2");
const COLUMN_DOMAIN = utf8ToBytes("tallyroll/column/2");
const KEY_HASH_DOMAIN = utf8ToBytes("tallyroll/batch-key/2");
const EMPTY = new Uint8Array(0);

export const SALT_BYTES = 16;
export const BATCH_KEY_BYTES = 32;

/** What is known of a batch before anything of it is opened. */
export interface BatchContext {
  readonly chainId: bigint;
  readonly app: Uint8Array;
  readonly deviceId: number;
  readonly streamId: number;
  readonly epoch: number;
  readonly firstSequence: number;
  readonly count: number;
  /** 16 fresh random bytes a batch: every key below follows from it and is used once. */
  readonly salt: Uint8Array;
}

/** What a device signs, beside the context (spec §3.4). */
export interface BatchDigests {
  readonly firstTimeSec: number;
  readonly lastTimeSec: number;
  /** The stream's last accepted batch, 32 zero bytes for the first one, or a break's floor. */
  readonly previousHash: Uint8Array;
  readonly commitment: Uint8Array;
  /** SHA-256 of the body inside layer 2. */
  readonly bodyHash: Uint8Array;
}

/** The context's bytes: associated data of both layers. 100 bytes after the domain. */
export function encodeBatchContext(context: BatchContext): Uint8Array {
  const head = CONTEXT_DOMAIN.length;
  const bytes = new Uint8Array(head + 32 + 20 + 8 + 8 + 4 + 8 + 4 + SALT_BYTES);
  bytes.set(CONTEXT_DOMAIN);
  bytes.set(encodeWord(context.chainId), head);
  bytes.set(context.app, head + 32);
  writeUint(bytes, head + 52, 8, context.deviceId);
  writeUint(bytes, head + 60, 8, context.streamId);
  writeUint(bytes, head + 68, 4, context.epoch);
  writeUint(bytes, head + 72, 8, context.firstSequence);
  writeUint(bytes, head + 80, 4, context.count);
  bytes.set(context.salt, head + 84);
  return bytes;
}

/**
 * What stands in place of the previous hash (spec §3.4): that of the stream's last accepted batch,
 * or, in a declared break (floor > 0), the floor as a word. No hash is so small a number.
 */
export const previousHashOf = (breakFloor: number, lastBatchHash: Uint8Array | null): Uint8Array =>
  breakFloor === 0 && lastBatchHash !== null ? lastBatchHash : encodeWord(BigInt(breakFloor));

/** The bytes a device signs; their SHA-256 is the batch hash (spec §3.4). */
export function encodeSignedBatch(contextBytes: Uint8Array, digests: BatchDigests): Uint8Array {
  const times = new Uint8Array(16);
  writeUint(times, 0, 8, digests.firstTimeSec);
  writeUint(times, 8, 8, digests.lastTimeSec);
  const { previousHash, commitment, bodyHash } = digests;
  return concatBytes(BATCH_DOMAIN, contextBytes, times, previousHash, commitment, bodyHash);
}

/** Layer 2's key and, for an open stream, the batch key from which the leaf salts follow. */
export function deriveLayer2Keys(
  crypto: Crypto,
  shared: Uint8Array,
  ephemeral: Uint8Array,
  machineKey: Uint8Array,
  salt: Uint8Array,
  contextBytes: Uint8Array,
): { readonly aeadKey: Uint8Array; readonly openingKey: Uint8Array } {
  const info = concatBytes(LAYER_2_DOMAIN, ephemeral, machineKey, contextBytes);
  const keys = crypto.hkdfSha256(shared, salt, info, 64);
  return { aeadKey: keys.subarray(0, 32), openingKey: keys.subarray(32) };
}

/** The batch key of one key group of a sealed stream: what a challenge reveals (spec §4.1). */
export function deriveBatchKey(
  crypto: Crypto,
  epochKey: Uint8Array,
  group: number,
  salt: Uint8Array,
  contextBytes: Uint8Array,
): Uint8Array {
  const info = concatBytes(LAYER_1_DOMAIN, Uint8Array.of(group), contextBytes);
  return crypto.hkdfSha256(epochKey, salt, info, BATCH_KEY_BYTES);
}

/** Layer 1's key and the key of the leaf salts, both from a batch key. */
export function deriveColumnKeys(
  crypto: Crypto,
  batchKey: Uint8Array,
): { readonly aeadKey: Uint8Array; readonly saltKey: Uint8Array } {
  const keys = crypto.hkdfSha256(batchKey, EMPTY, COLUMN_DOMAIN, 64);
  return { aeadKey: keys.subarray(0, 32), saltKey: keys.subarray(32) };
}

/** What the commitment says of a batch key: an AEAD alone does not commit to its key. */
export function computeBatchKeyHash(crypto: Crypto, batchKey: Uint8Array): Uint8Array {
  return crypto.sha256(concatBytes(KEY_HASH_DOMAIN, batchKey));
}

/** One key group's part of the commitment: 64 bytes, the group's leaf (spec §3.5). */
export interface GroupCommitment {
  readonly keyHash: Uint8Array;
  /** RFC 9162 root over the group's salted reading leaves. */
  readonly root: Uint8Array;
}

/** The salted leaves of a group under its salt key. */
export function computeGroupLeaves(
  crypto: Crypto,
  saltKey: Uint8Array,
  times: Float64Array,
  columns: readonly Column[],
): { readonly leaves: Uint8Array; readonly offsets: Uint32Array } {
  return encodeLeaves(crypto.chacha20Keystream(saltKey, SALT_BYTES * times.length), times, columns);
}

export function computeGroupRoot(
  crypto: Crypto,
  saltKey: Uint8Array,
  times: Float64Array,
  columns: readonly Column[],
): Uint8Array {
  const { leaves, offsets } = computeGroupLeaves(crypto, saltKey, times, columns);
  return crypto.merkleRoot(leaves, offsets);
}

/** The batch's commitment: RFC 9162 root over the group leaves, in group order. */
export function computeCommitment(crypto: Crypto, groups: readonly GroupCommitment[]): Uint8Array {
  const leaves = concatBytes(...groups.flatMap((group) => [group.keyHash, group.root]));
  const offsets = Uint32Array.from({ length: groups.length + 1 }, (_, i) => i * 64);
  return crypto.merkleRoot(leaves, offsets);
}
