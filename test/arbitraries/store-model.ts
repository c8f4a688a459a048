import type { ChannelRow, LaneRow } from "../../dapp/engine/channel-rows.ts";
import type { EscrowRow, EscrowTermsRow } from "../../dapp/engine/escrow-rows.ts";
import type {
  OrganizationRow,
  PaymentGroupRow,
  ProviderRow,
  ServiceRow,
  ServiceVersionRow,
} from "../../dapp/engine/service-rows.ts";
import type {
  AccountRow,
  BatchRow,
  DeviceRow,
  GrantRow,
  StreamRow,
  TokenRow,
} from "../../dapp/engine/store.ts";
import type { Metric } from "../../spec/readings.ts";
import type { Cell } from "../../spec/tables.ts";
import { encodeWord } from "../../spec/words.ts";
import { listChannelCells } from "./channel-steps.ts";
import { listEscrowCells } from "./escrow-steps.ts";
import { listServiceCells } from "./service-steps.ts";
import type { NamedRow } from "./state-rows.ts";

/** The state as Maps of plain rows: what the store must equal, whatever happened to it before. */
export class StoreModel {
  readonly tokens = new Map<string, TokenRow>();
  readonly accounts = new Map<string, AccountRow>();
  readonly balances = new Map<string, readonly [Uint8Array, Uint8Array, bigint]>();
  readonly lowBalances = new Map<string, readonly [Uint8Array, Uint8Array, bigint]>();
  readonly devices = new Map<number, DeviceRow>();
  readonly deviceKeys = new Map<string, readonly [Uint8Array, number]>();
  readonly streams = new Map<number, StreamRow>();
  readonly metrics = new Map<number, readonly Metric[]>();
  readonly epochKeys = new Map<string, readonly [number, number, number, Uint8Array]>();
  readonly batches = new Map<number, BatchRow>();
  readonly grants = new Map<number, GrantRow>();
  readonly channels = new Map<number, ChannelRow>();
  readonly lanes = new Map<string, LaneRow>();
  readonly messages = new Map<string, Uint8Array>();
  readonly organizations = new Map<string, OrganizationRow>();
  readonly paymentGroups = new Map<string, PaymentGroupRow>();
  readonly services = new Map<number, ServiceRow>();
  readonly versions = new Map<number, ServiceVersionRow>();
  readonly tagged = new Map<number, ServiceVersionRow>();
  readonly providers = new Map<string, ProviderRow>();
  readonly escrows = new Map<number, EscrowRow>();
  readonly escrowTerms = new Map<number, EscrowTermsRow>();

  /** Rows are never changed in place, so copying the Maps keeps a whole state. */
  clone(): StoreModel {
    const copy = new StoreModel();
    for (const name of Object.keys(this) as (keyof this)[]) {
      const target = copy[name as keyof StoreModel] as Map<unknown, unknown>;
      for (const [key, row] of this[name] as Map<unknown, unknown>) target.set(key, row);
    }
    return copy;
  }

  /** Every row as its table's cells, written out by hand: the order of spec/tables.ts. */
  *rows(): Iterable<NamedRow> {
    for (const { token, deposited, withdrawn, ...held } of this.tokens.values()) {
      const places = [held.inBalances, held.inChannels, held.inEscrows];
      yield ["tokens", [token, ...[deposited, withdrawn, ...places].map(encodeWord)]];
    }
    for (const row of this.accounts.values()) {
      yield ["accounts", [row.account, row.nonce, row.encryptionKey]];
    }
    for (const [account, token, amount] of this.balances.values()) {
      yield ["balances", [account, token, encodeWord(amount)]];
    }
    for (const [account, token, threshold] of this.lowBalances.values()) {
      yield ["low_balances", [account, token, encodeWord(threshold)]];
    }
    for (const { deviceId, owner, did, key, keyCount, isRevoked } of this.devices.values()) {
      yield ["devices", [deviceId, owner, did, key, keyCount, Number(isRevoked)]];
    }
    for (const cells of this.deviceKeys.values()) yield ["device_keys", cells];
    for (const row of this.streams.values()) yield ["streams", streamCells(row)];
    for (const [streamId, metrics] of this.metrics) {
      for (const [index, { name, unit, kind, ...m }] of metrics.entries()) {
        const numbers = [m.scale, m.minimum, m.maximum, m.group];
        yield ["metrics", [streamId, index, name, unit, kind, ...numbers]];
      }
    }
    for (const cells of this.epochKeys.values()) yield ["epoch_keys", cells];
    for (const row of this.batches.values()) yield ["batches", batchCells(row)];
    for (const row of this.grants.values()) {
      const { grantId, streamId, epoch, buyer, groups, expiresAtSec, wrappedKeys } = row;
      const head: Cell[] = [grantId, streamId, epoch, buyer, groups, expiresAtSec, wrappedKeys];
      yield ["grants", [...head, Number(row.isRevoked)]];
    }
    yield* listChannelCells(this);
    yield* listServiceCells(this);
    yield* listEscrowCells(this);
  }
}

const streamCells = (row: StreamRow): Cell[] => [
  ...[row.streamId, row.deviceId, row.name, row.visibility, row.groupCount, row.epoch],
  ...[row.nextSequence, row.batchCount, row.readingCount, row.breakCount, row.lastBatchHash],
];

const batchCells = (row: BatchRow): Cell[] => [
  ...[row.batchId, row.streamId, row.epoch, row.firstSequence, row.readingCount],
  ...[row.firstTimeSec, row.lastTimeSec, Number(row.isBreak), row.batchHash, row.previousHash],
  ...[row.commitment, row.salt, row.openingKey, row.body, row.disprovedGroup],
];
