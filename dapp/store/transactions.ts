import { invariant } from "../engine/invariant.ts";
import type { StoreTransactions } from "../engine/store.ts";
import type { StateDatabase } from "./database.ts";
import type { Undoable } from "./row-cache.ts";
import type { RowJournal } from "./row-journal.ts";
import type { RowSums } from "./row-sums.ts";

interface Transactions extends StoreTransactions {
  isOpen(): boolean;
}

/** Where a savepoint goes back to: the journal's length and a mark of every undoable. */
interface Place {
  readonly journalLength: number;
  readonly marks: readonly number[];
}

/**
 * Transactions and savepoints over rows, their sums and caches at once. SQLite undoes the rows; what
 * lives in JavaScript it knows nothing of, so everything here goes back together.
 */
export function createTransactions(
  database: Pick<StateDatabase, "prepareWrite">,
  journal: RowJournal,
  sums: RowSums,
  undoables: readonly Undoable[],
): Transactions {
  const begin = database.prepareWrite("BEGIN");
  const commit = database.prepareWrite("COMMIT");
  const rollback = database.prepareWrite("ROLLBACK");
  const openSavepoint = database.prepareWrite("SAVEPOINT operation");
  const releaseSavepoint = database.prepareWrite("RELEASE operation");
  const rollbackToSavepoint = database.prepareWrite("ROLLBACK TO operation");

  let isOpen = false;
  const savepoints: Place[] = [];

  /**
   * After SQLITE_NOMEM, FULL, IOERR, BUSY or INTERRUPT, in a read too, SQLite may have rolled back by
   * itself; ROLLBACK is then refused. Whether it has is asked by a BEGIN, which no open transaction
   * admits.
   */
  function rollbackRows(): void {
    try {
      rollback.run();
    } catch {
      begin.run();
      rollback.run();
    }
  }

  function close(): void {
    isOpen = false;
    savepoints.length = 0;
    journal.setMode("closed");
  }

  function popSavepoint(): Place {
    const place = savepoints.pop();
    invariant(place !== undefined, "a savepoint is open");
    return place;
  }

  return {
    isOpen: () => isOpen,
    begin() {
      invariant(!isOpen, "transactions don't nest");
      begin.run();
      isOpen = true;
      journal.setMode("recording");
    },
    commit() {
      invariant(isOpen && savepoints.length === 0, "a commit ends a transaction of no savepoints");
      // What may fail, for lack of memory say, has to fail while the rows can still be undone.
      sums.prepareCommit();
      // COMMIT POINT: nothing below it fails.
      commit.run();
      sums.commit();
      for (const undoable of undoables) undoable.keep();
      close();
    },
    rollback() {
      invariant(isOpen, "a rollback ends a transaction");
      rollbackRows();
      sums.cut(0);
      for (const undoable of undoables) undoable.undoTo(0);
      close();
    },
    openSavepoint() {
      invariant(isOpen, "a savepoint is part of a transaction");
      openSavepoint.run();
      savepoints.push({
        journalLength: journal.length,
        marks: undoables.map((undoable) => undoable.mark()),
      });
    },
    releaseSavepoint() {
      popSavepoint();
      releaseSavepoint.run();
    },
    rollbackSavepoint() {
      const { journalLength, marks } = popSavepoint();
      rollbackToSavepoint.run();
      releaseSavepoint.run();
      sums.cut(journalLength);
      undoables.forEach((undoable, i) => {
        undoable.undoTo(marks[i]!);
      });
    },
    getRoot: () => sums.getRoot(),
    getWeight: () => sums.getWeight(),
  };
}
