import type { Metric } from "../../spec/readings.ts";
import type { DeliveryMode } from "../../spec/service-operations.ts";
import type { KeyOf, RowOf, UniqueOf } from "../../spec/table-columns.ts";
import type { Cell, STATE } from "../../spec/tables.ts";

/**
 * The state as the engine sees it: rows of spec/tables.ts. Writes go through at once and take
 * copies. What a read gives belongs to the store, which may keep it: nobody writes into a row or
 * its bytes. Only `dapp/store` knows SQL.
 */
type State = typeof STATE;

/** A row of the table that the store has under that name. */
export type Row<Name extends keyof State> = RowOf<State[Name]>;

export type TokenRow = Row<"tokens">;
export type DeviceRow = Row<"devices">;
export type StreamRow = Row<"streams">;
export type BatchRow = Row<"batches">;
export type BatchBodyRow = Row<"batchBodies">;
export type GrantRow = Row<"grants">;
export type ChannelRow = Row<"channels">;
export type LaneRow = Row<"channelLanes">;
export type OrganizationRow = Row<"organizations">;
export type ServiceRow = Row<"services">;
export type ServiceVersionRow = Row<"serviceVersions">;
export type ProviderRow = Row<"providers">;
export type EscrowRow = Row<"escrows">;
export type EscrowTermsRow = Row<"escrowTerms">;

/** Of a batch, what escrows ask for. */
export const BATCH_HEAD = [
  "batchId",
  "streamId",
  "epoch",
  "firstSequence",
  "readingCount",
  "commitment",
  "acceptedAtSec",
  "disprovedGroup",
] as const;
export type BatchHead = Pick<BatchRow, (typeof BATCH_HEAD)[number]>;

interface AgingBatch extends Pick<BatchRow, "batchId" | "acceptedAtSec"> {
  /** The first sequence after it. */
  readonly endSequence: number;
}

/** Of a batch, what its archiving asks for. */
interface ArchivableBatch extends AgingBatch {
  readonly bodyByteCount: number;
}

/** Of a batch, what its fold asks for. */
type FoldableBatch = AgingBatch & Pick<BatchRow, "batchHash" | "disprovedGroup">;

/** Of an escrow's terms, what nearly every transition asks for: the index by its id has all of it. */
export const ESCROW_HEAD = [
  "escrowNumber",
  "unitCount",
  "deliveryTimeSec",
  "answerTimeSec",
] as const;
export type EscrowHead = Pick<EscrowTermsRow, (typeof ESCROW_HEAD)[number]>;

/** Of an escrow's terms, what some transitions ask for besides. */
export const ESCROW_RULES = [
  "mode",
  "tag",
  "token",
  "arbiter",
  "arbitrationTimeSec",
  "durationSec",
  "expectedMsgs",
  "minMsgCount",
  "minValidBasisPoints",
  "autoRenew",
  "predicate",
] as const;
export type EscrowRules = Pick<EscrowTermsRow, (typeof ESCROW_RULES)[number]>;

/** Rows in the order of one column, which with the columns asked for is an index. */
export interface Page<Property> {
  readonly by: Property;
  /** Upwards from the row after this value, or downwards from this value on. */
  readonly from: { readonly after: Cell } | { readonly downFrom: Cell };
  readonly limit: number;
}

/** What can be done with any table. */
interface TableRows<T> {
  get(...key: KeyOf<T>): RowOf<T> | undefined;
  /** By the values of a whole index. */
  find(where: UniqueOf<T>): RowOf<T> | undefined;
  /** By the first columns of an index, `null` among them where it may be. */
  list(where: Partial<RowOf<T>>, page: Page<keyof RowOf<T> & string>): readonly RowOf<T>[];
  /** The identifier of the next row, where the key is one that is counted. */
  nextId(): number;
  insert(row: RowOf<T>): void;
  /** Changes a row that is there; what is fixed of it must be the same. */
  update(row: RowOf<T>): void;
  /** Inserts the row, or writes what is live of it over the one that has its key. */
  put(row: RowOf<T>): void;
  /** By the key; what else is given of the row is not looked at. */
  remove(row: Partial<RowOf<T>>): void;
}

/** What no table's declaration gives. */
export interface StoreReads {
  /** In declaration order. The same array object as long as it stays cached: metrics never change. */
  getMetrics(streamId: number): readonly Metric[];
  findEscrowHead(escrowId: Uint8Array): EscrowHead | undefined;
  /** Without the terms that only its opening and its acceptance ask for. */
  getEscrowRules(escrowNumber: number): EscrowRules | undefined;
  getBatchHead(batchId: number): BatchHead | undefined;
  /** Batches of a stream with a first sequence at or above `fromSequence`, ascending. */
  listBatchHeads(streamId: number, fromSequence: number, limit: number): readonly BatchHead[];
  /** Of those the ones whose interval of reading times meets [fromSec, toSec). */
  listBatchesInTime(
    streamId: number,
    fromSec: number,
    toSec: number,
    fromSequence: number,
    limit: number,
  ): readonly BatchRow[];
  /** The first stream of those that are to be tidied by then (spec §3.8). */
  findTidyDue(nowSec: number): number | undefined;
  /**
   * Batches of a stream with a first sequence at or above `fromSequence` that are to be archived,
   * ascending, up to and with the first that was accepted after `acceptedAtSec`; at most `limit`.
   */
  listArchivable(
    streamId: number,
    fromSequence: number,
    acceptedAtSec: number,
    limit: number,
  ): readonly ArchivableBatch[];
  /** As `listArchivable`, of those that are to fold. */
  listFoldable(
    streamId: number,
    fromSequence: number,
    acceptedAtSec: number,
    limit: number,
  ): readonly FoldableBatch[];
  /** Of the recipient, with an expiration below `beforeBlock`, emptied ones too, earliest first. */
  listExpiringChannels(
    recipient: Uint8Array,
    beforeBlock: number,
    after: { readonly expirationBlock: number; readonly channelId: number } | undefined,
    limit: number,
  ): readonly ChannelRow[];
  /** Cheapest first, then by identifier, up to `priceMax`, after the cursor. */
  discoverServices(
    tag: string,
    mode: DeliveryMode,
    token: Uint8Array,
    priceMax: bigint,
    after: { readonly price: bigint; readonly serviceId: number } | undefined,
    limit: number,
  ): readonly Row<"serviceTags">[];
}

/** Transactions: one an input; savepoints: one an operation. Both undo rows, sums and caches. */
export interface StoreTransactions {
  begin(): void;
  commit(): void;
  rollback(): void;
  openSavepoint(): void;
  releaseSavepoint(): void;
  rollbackSavepoint(): void;
  /** The root over the rows as written so far in this transaction: 32 bytes (spec §6). */
  getRoot(): Uint8Array;
  /** What those rows weigh (spec §14.1). */
  getWeight(): number;
}

/** Every table, by its name in `STATE`. */
export type StoreTables = { readonly [Name in keyof State]: TableRows<State[Name]> };

export interface Store extends StoreTables, StoreReads, StoreTransactions {}
