import { openStateDatabase } from "../../dapp/store/database.ts";
import { RowJournal } from "../../dapp/store/row-journal.ts";
import { RowSums } from "../../dapp/store/row-sums.ts";
import { createTransactions } from "../../dapp/store/transactions.ts";
import type { Crypto } from "../../spec/crypto.ts";

/** A state below the store: triggers, journal and lanes, to be written to by plain SQL. */
export async function openBareState(crypto: Crypto) {
  const journal = new RowJournal(crypto);
  const database = await openStateDatabase(journal);
  const sums = new RowSums(crypto, journal);
  return { database, journal, ...createTransactions(database, journal, sums, []) };
}
