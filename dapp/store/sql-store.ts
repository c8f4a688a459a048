import type { Crypto } from "../../spec/crypto.ts";
import { TABLES } from "../../spec/tables.ts";
import type { ChannelRows } from "../engine/channel-rows.ts";
import type { EscrowRows } from "../engine/escrow-rows.ts";
import { invariant } from "../engine/invariant.ts";
import type { ServiceRows } from "../engine/service-rows.ts";
import type { Store } from "../engine/store.ts";
import { type BatchRows, createBatchRows } from "./batch-rows.ts";
import { createChannelRows } from "./channel-rows.ts";
import { messageOf, openStateDatabase, STATE_SCHEMA, type StateDatabase } from "./database.ts";
import { createDeviceRows, type DeviceRows } from "./device-rows.ts";
import { createEscrowRows } from "./escrow-rows.ts";
import { createGrantRows, type GrantRows } from "./grant-rows.ts";
import { createLedgerRows, type LedgerRows } from "./ledger-rows.ts";
import { isOutOfMemory } from "./out-of-memory.ts";
import { rescanLanes } from "./rescan-root.ts";
import { RootLanes } from "./root-lanes.ts";
import type { Undoable } from "./row-cache.ts";
import { RowJournal } from "./row-journal.ts";
import { createServiceRows } from "./service-rows.ts";
import { attachSnapshot, SnapshotError, takeSnapshot } from "./snapshot.ts";
import { createStreamRows, type StreamRows } from "./stream-rows.ts";
import { createTransactions } from "./transactions.ts";

/** The engine's store over SQLite, and what a host needs besides. All of it outside transactions. */
export interface SqlStore extends Store {
  /** The state as a SQLite file that any tool can read. */
  snapshot(): Uint8Array;
  /**
   * Replaces the state by a snapshot's rows; the root is computed anew from a scan of them, so
   * compare it with the one that you expect. A refused snapshot changes nothing.
   *
   * @throws SnapshotError for a damaged file or one of another schema.
   * @throws OutOfMemory which says nothing of the file.
   */
  restore(snapshot: Uint8Array): void;
  /** The root from a scan of all rows, without the triggers' help: equal to `getRoot()`. */
  rescanRoot(): Uint8Array;
  /** Deletes every row, as after a warm-up on throw-away inputs. */
  reset(): void;
  /** Frees the database. Nothing else may be called afterwards. */
  close(): void;
}

export interface StoreOptions {
  /** How many devices, streams and lists of metrics stay in memory: changes costs, never results. */
  readonly cacheEntriesMax?: number;
}

export const CACHE_ENTRIES_MAX = 4_096;

export type Rows = LedgerRows &
  DeviceRows &
  StreamRows &
  BatchRows &
  GrantRows &
  ChannelRows &
  ServiceRows &
  EscrowRows;

/** All statements over the tables. What a rollback must undo besides rows joins `undoables`. */
export function createRows(
  database: StateDatabase,
  cacheEntriesMax: number,
  undoables: Undoable[],
): Rows {
  return {
    ...createLedgerRows(database),
    ...createDeviceRows(database, cacheEntriesMax, undoables),
    ...createStreamRows(database, cacheEntriesMax, undoables),
    ...createBatchRows(database, undoables),
    ...createGrantRows(database, undoables),
    ...createChannelRows(database, cacheEntriesMax, undoables),
    ...createServiceRows(database, cacheEntriesMax, undoables),
    ...createEscrowRows(database, cacheEntriesMax, undoables),
  };
}

/**
 * An empty state in memory, every statement prepared.
 *
 * @throws InvariantViolation from any method whenever SQLite fails or a call is out of order.
 * @throws OutOfMemory from any method. An open transaction can be rolled back then, as ever.
 * @example
 * const store = await openStore(await createNodeCrypto());
 * store.begin();
 * store.putBalance(account, token, 5n);
 * store.commit();
 * store.getRoot(); // equals store.rescanRoot()
 */
export async function openStore(crypto: Crypto, options: StoreOptions = {}): Promise<SqlStore> {
  const journal = new RowJournal(crypto);
  const database = await openStateDatabase(journal);
  const lanes = new RootLanes(crypto, journal);
  const undoables: Undoable[] = [];
  const rows = createRows(database, options.cacheEntriesMax ?? CACHE_ENTRIES_MAX, undoables);
  const { isOpen, ...transactions } = createTransactions(database, journal, lanes, undoables);

  function requireIdle(): void {
    invariant(!isOpen(), "the whole state is read or replaced between transactions only");
  }

  function clearCaches(): void {
    for (const undoable of undoables) undoable.clear();
  }

  /** Rows don't pass through the journal here: the scan that follows is the judge. */
  function replaceRows(copyRows: () => void): Uint16Array {
    transactions.begin();
    try {
      journal.setMode("ignoring");
      copyRows();
      const scanned = rescanLanes(crypto, database);
      transactions.commit();
      return scanned;
    } catch (cause) {
      transactions.rollback();
      if (isOutOfMemory(cause)) throw cause;
      throw new SnapshotError("damaged", messageOf(cause), { cause });
    }
  }

  return {
    ...rows,
    ...transactions,
    snapshot() {
      requireIdle();
      return takeSnapshot(database);
    },
    restore(snapshot) {
      requireIdle();
      const incoming = attachSnapshot(database, snapshot);
      try {
        lanes.replace(replaceRows(incoming.copyRows));
        clearCaches();
      } finally {
        incoming.detach();
      }
    },
    rescanRoot: () => lanes.computeRootOf(rescanLanes(crypto, database)),
    reset() {
      requireIdle();
      transactions.begin();
      for (const { name } of TABLES) database.run(`DELETE FROM ${STATE_SCHEMA}.${name}`);
      transactions.commit();
      clearCaches();
      invariant(lanes.isEmpty(), "removing every row gives back the empty root");
    },
    close: () => database.close(),
  };
}
