import assert from "node:assert/strict";
import type { Store } from "../../dapp/engine/store.ts";
import { openStateDatabase, type StateDatabase, type Write } from "../../dapp/store/database.ts";
import { rescanRows } from "../../dapp/store/rescan-rows.ts";
import type { Undoable } from "../../dapp/store/row-cache.ts";
import { RowJournal } from "../../dapp/store/row-journal.ts";
import { RowSums } from "../../dapp/store/row-sums.ts";
import { CACHE_ENTRIES_MAX, createRows } from "../../dapp/store/sql-store.ts";
import { createTransactions } from "../../dapp/store/transactions.ts";
import type { Crypto } from "../../spec/crypto.ts";

/** A store that goes back over any number of inputs at once. Both methods between transactions. */
export interface RewindableStore extends Store {
  /** What `rewind` goes back to from now on. */
  mark(): void;
  /** Back to the mark, at the cost of what was written since. */
  rewind(): void;
  /** The root from a scan of all rows. */
  rescanRoot(): Uint8Array;
}

/**
 * The parts of the engine's store, put together over a transaction that stays open from the mark
 * on: SQLite then keeps the pages as they were and puts them back, instead of deleting and inserting
 * every row as a snapshot's restore does. The engine's own transactions become savepoints inside.
 */
export async function openRewindableStore(
  crypto: Crypto,
  cacheEntriesMax = CACHE_ENTRIES_MAX,
): Promise<RewindableStore> {
  const journal = new RowJournal(crypto);
  const database = await openStateDatabase(journal);
  const sums = new RowSums(crypto, journal);
  const undoables: Undoable[] = [];
  const rows = createRows(database, cacheEntriesMax, undoables);
  const { isOpen, ...transactions } = createTransactions(
    withInnerTransactions(database),
    journal,
    sums,
    undoables,
  );
  let marked = rescanRows(crypto, database);
  database.run("BEGIN");

  return {
    ...rows,
    ...transactions,
    mark() {
      assert.ok(!isOpen(), "a mark is set between transactions");
      database.run("COMMIT");
      marked = rescanRows(crypto, database);
      database.run("BEGIN");
    },
    rewind() {
      assert.ok(!isOpen(), "a rewind happens between transactions");
      database.run("ROLLBACK");
      database.run("BEGIN");
      sums.replace(marked);
      // Cold caches are read again from the rows; identifiers too.
      for (const undoable of undoables) undoable.clear();
    },
    rescanRoot: () => sums.computeRootOf(rescanRows(crypto, database).lanes),
  };
}

/** SQLite knows one transaction at a time; a savepoint does the same one level further in. */
const INNER_STEPS: Readonly<Record<string, readonly string[]>> = {
  BEGIN: ["SAVEPOINT input"],
  COMMIT: ["RELEASE input"],
  ROLLBACK: ["ROLLBACK TO input", "RELEASE input"],
};

function withInnerTransactions(database: StateDatabase): Pick<StateDatabase, "prepareWrite"> {
  return {
    prepareWrite(sql): Write {
      const steps = (INNER_STEPS[sql] ?? [sql]).map((step) => database.prepareWrite(step));
      return {
        run(parameters) {
          for (const step of steps) step.run(parameters);
        },
        runOnOneRow: () => assert.fail("a transaction's step changes no row itself"),
      };
    },
  };
}
