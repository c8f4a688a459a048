import type { Metric } from "../../spec/readings.ts";
import type { ChannelRows } from "./channel-rows.ts";
import type { EscrowRows } from "./escrow-rows.ts";
import type { ServiceRows } from "./service-rows.ts";

/**
 * The state as the engine sees it: rows of spec/tables.ts, by key. Reads give copies, writes go
 * through at once; only `dapp/store` knows SQL. Amounts are bigints here and 32-byte blobs there.
 */
export interface TokenRow {
  readonly token: Uint8Array;
  readonly deposited: bigint;
  readonly withdrawn: bigint;
  readonly inBalances: bigint;
  readonly inChannels: bigint;
  readonly inEscrows: bigint;
}

export interface AccountRow {
  readonly account: Uint8Array;
  readonly nonce: number;
  readonly encryptionKey: Uint8Array | null;
}

export interface DeviceRow {
  readonly deviceId: number;
  readonly owner: Uint8Array;
  readonly did: string;
  /** Multicodec-prefixed public key. */
  readonly key: Uint8Array;
  readonly keyCount: number;
  readonly isRevoked: boolean;
}

export type Visibility = "open" | "sealed";

export interface StreamRow {
  readonly streamId: number;
  readonly deviceId: number;
  readonly name: string;
  readonly visibility: Visibility;
  readonly groupCount: number;
  readonly epoch: number;
  readonly nextSequence: number;
  readonly batchCount: number;
  readonly readingCount: number;
  readonly breakCount: number;
  /** `null` until the first batch. */
  readonly lastBatchHash: Uint8Array | null;
}

export interface BatchRow {
  readonly batchId: number;
  readonly streamId: number;
  readonly epoch: number;
  readonly firstSequence: number;
  readonly readingCount: number;
  readonly firstTimeSec: number;
  readonly lastTimeSec: number;
  readonly isBreak: boolean;
  readonly batchHash: Uint8Array;
  readonly previousHash: Uint8Array;
  readonly commitment: Uint8Array;
  readonly salt: Uint8Array;
  /** Open streams only. */
  readonly openingKey: Uint8Array | null;
  readonly body: Uint8Array;
  readonly disprovedGroup: number | null;
}

export interface GrantRow {
  readonly grantId: number;
  readonly streamId: number;
  readonly epoch: number;
  readonly buyer: Uint8Array;
  /** Bit mask of key groups. */
  readonly groups: number;
  readonly expiresAtSec: number;
  readonly wrappedKeys: Uint8Array;
  readonly isRevoked: boolean;
}

export interface Store extends ChannelRows, ServiceRows, EscrowRows {
  getToken(token: Uint8Array): TokenRow | undefined;
  putToken(row: TokenRow): void;
  getAccount(account: Uint8Array): AccountRow | undefined;
  putAccount(row: AccountRow): void;
  getBalance(account: Uint8Array, token: Uint8Array): bigint;
  /** Keeps a zero balance as a row: whether one was ever held is not hidden. */
  putBalance(account: Uint8Array, token: Uint8Array, amount: bigint): void;
  /** The threshold of `set_low_balance`; 0 where none was set. */
  getLowBalance(account: Uint8Array, token: Uint8Array): bigint;
  putLowBalance(account: Uint8Array, token: Uint8Array, threshold: bigint): void;

  getDevice(deviceId: number): DeviceRow | undefined;
  getDeviceIdOfKey(key: Uint8Array): number | undefined;
  /** The identifier the next registered device gets, counted from 1. */
  getNextDeviceId(): number;
  insertDevice(row: DeviceRow): void;
  updateDevice(row: DeviceRow): void;
  insertDeviceKey(key: Uint8Array, deviceId: number): void;

  getStream(streamId: number): StreamRow | undefined;
  getStreamIdOfName(deviceId: number, name: string): number | undefined;
  getNextStreamId(): number;
  insertStream(row: StreamRow, metrics: readonly Metric[]): void;
  updateStream(row: StreamRow): void;
  /** In declaration order. The same array object as long as it stays cached: metrics never change. */
  getMetrics(streamId: number): readonly Metric[];
  getEpochKeyHash(streamId: number, epoch: number, group: number): Uint8Array | undefined;
  insertEpochKeyHash(streamId: number, epoch: number, group: number, keyHash: Uint8Array): void;

  getNextBatchId(): number;
  insertBatch(row: BatchRow): void;
  getBatch(batchId: number): BatchRow | undefined;
  /** Marks the batch disproved by the group's challenge. */
  setBatchDisproved(batchId: number, group: number): void;
  /** The batch whose first sequence is the highest at or below `sequence`. */
  getBatchAtSequence(streamId: number, sequence: number): BatchRow | undefined;
  /** Batches of a stream with a first sequence at or above `fromSequence`, ascending. */
  listBatches(streamId: number, fromSequence: number, limit: number): readonly BatchRow[];
  /** Batches of a stream with a first sequence at or below `toSequence`, newest first. */
  listLatestBatches(streamId: number, toSequence: number, limit: number): readonly BatchRow[];
  /** As `listBatches`, only those whose interval of reading times meets [fromSec, toSec). */
  listBatchesInTime(
    streamId: number,
    fromSec: number,
    toSec: number,
    fromSequence: number,
    limit: number,
  ): readonly BatchRow[];

  getNextGrantId(): number;
  getGrant(streamId: number, epoch: number, buyer: Uint8Array): GrantRow | undefined;
  insertGrant(row: GrantRow): void;
  updateGrant(row: GrantRow): void;
  listGrantsOfBuyer(buyer: Uint8Array, afterGrantId: number, limit: number): readonly GrantRow[];
  listStreamsOfDevice(deviceId: number, afterStreamId: number, limit: number): readonly StreamRow[];
  listDevicesOfOwner(owner: Uint8Array, afterDeviceId: number, limit: number): readonly DeviceRow[];

  /** Transactions: one an input; savepoints: one an operation. Both undo rows, lanes and caches. */
  begin(): void;
  commit(): void;
  rollback(): void;
  openSavepoint(): void;
  releaseSavepoint(): void;
  rollbackSavepoint(): void;
  /** The root over the rows as written so far in this transaction: 32 bytes (spec §6). */
  getRoot(): Uint8Array;
}
