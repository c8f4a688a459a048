import type { Crypto } from "../../spec/crypto.ts";
import { STATE, TABLES, type Table } from "../../spec/tables.ts";
import { invariant } from "../engine/invariant.ts";
import type { Row, Store, StoreReads, StoreTables } from "../engine/store.ts";
import { messageOf, openStateDatabase, STATE_SCHEMA, type StateDatabase } from "./database.ts";
import { isOutOfMemory } from "./out-of-memory.ts";
import { rescanRows } from "./rescan-rows.ts";
import { NextId, RowCache, type Undoable } from "./row-cache.ts";
import type { Values } from "./row-cells.ts";
import { RowJournal } from "./row-journal.ts";
import { RowSums, type RowTotals } from "./row-sums.ts";
import { isRowidTable } from "./schema.ts";
import { attachSnapshot, SnapshotError, takeSnapshot } from "./snapshot.ts";
import { createStoreReads, keepEscrows, keepMetricLists } from "./store-reads.ts";
import { type AnyRows, createTableRows } from "./table-rows.ts";
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
  /** Bytes of the pages that hold the state, indices and all. */
  countBytes(): number;
  /**
   * Deletes every row, as after a warm-up on throw-away inputs. Another application is to be made
   * over it: it begins the state.
   */
  reset(): void;
  /** Frees the database. Nothing else may be called afterwards. */
  close(): void;
}

export interface StoreOptions {
  /** How many rows of a cached table stay in memory: changes costs, never results. */
  readonly cacheEntriesMax?: number;
}

export const CACHE_ENTRIES_MAX = 4_096;

/** Tables that operations ask for again and again, whose rows are small. */
const CACHED: readonly (keyof typeof STATE)[] = [
  "machine",
  "devices",
  "streams",
  "channels",
  "services",
  "serviceVersions",
  "escrows",
];

/** The access to every table. What a rollback must undo besides rows joins `undoables`. */
export function createRows(
  database: StateDatabase,
  cacheEntriesMax: number,
  undoables: Undoable[],
): StoreTables & StoreReads {
  const tables: Record<string, AnyRows> = {};
  const caches = new Map<string, RowCache<Values>>(
    CACHED.map((name) => [name, new RowCache(cacheEntriesMax)]),
  );
  for (const [name, table] of Object.entries(STATE)) {
    const memory = {
      nextId: isRowidTable(table) ? createNextId(database, table) : undefined,
      cache: caches.get(name),
    };
    undoables.push(...Object.values(memory).filter((each) => each !== undefined));
    tables[name] = createTableRows(database, table, memory);
  }
  // The rows follow from the declarations, which the compiler can't see through the loop.
  const typed: unknown = tables;
  const rows = typed as StoreTables;
  const keepEscrow = (row: Row<"escrows">) =>
    caches.get("escrows")?.fill(row.escrowNumber, Object.freeze<Values>(row));
  return {
    ...rows,
    ...keepMetricLists(rows.metrics, cacheEntriesMax, undoables),
    ...keepEscrows(database, rows.escrowTerms, keepEscrow, cacheEntriesMax, undoables),
    ...createStoreReads(database),
  };
}

function createNextId(database: StateDatabase, { name, key, firstId }: Table): NextId {
  const select = database.prepareRead(`SELECT max(${key[0]}) FROM ${name}`);
  return new NextId(() => (select.first([])?.[0] as number | null) ?? firstId - 1);
}

/**
 * An empty state in memory.
 *
 * @throws InvariantViolation from any method whenever SQLite fails or a call is out of order.
 * @throws OutOfMemory from any method. An open transaction can be rolled back then, as ever.
 * @example
 * const store = await openStore(await createNodeCrypto());
 * store.begin();
 * store.balances.put({ account, token, amount: 5n });
 * store.commit();
 * store.getRoot(); // equals store.rescanRoot()
 */
export async function openStore(crypto: Crypto, options: StoreOptions = {}): Promise<SqlStore> {
  const journal = new RowJournal(crypto);
  const database = await openStateDatabase(journal);
  const sums = new RowSums(crypto, journal);
  const undoables: Undoable[] = [];
  const rows = createRows(database, options.cacheEntriesMax ?? CACHE_ENTRIES_MAX, undoables);
  const { isOpen, ...transactions } = createTransactions(database, journal, sums, undoables);

  function requireIdle(): void {
    invariant(!isOpen(), "the whole state is read or replaced between transactions only");
  }

  function clearCaches(): void {
    for (const undoable of undoables) undoable.clear();
  }

  /** Rows don't pass through the journal here: the scan that follows is the judge. */
  function replaceRows(copyRows: () => void): RowTotals {
    transactions.begin();
    try {
      journal.setMode("ignoring");
      copyRows();
      const scanned = rescanRows(crypto, database);
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
        sums.replace(replaceRows(incoming.copyRows));
        clearCaches();
      } finally {
        incoming.detach();
      }
    },
    countBytes: () => database.countBytes(),
    rescanRoot: () => sums.computeRootOf(rescanRows(crypto, database).lanes),
    reset() {
      requireIdle();
      transactions.begin();
      for (const { name } of TABLES) database.run(`DELETE FROM ${STATE_SCHEMA}.${name}`);
      transactions.commit();
      clearCaches();
      invariant(sums.isEmpty(), "removing every row gives back the empty root");
    },
    close: () => database.close(),
  };
}
