import { expect, test } from "vitest";
import { createNodeCrypto } from "../dapp/crypto/node-crypto.ts";
import { openStateDatabase } from "../dapp/store/database.ts";
import { RootLanes } from "../dapp/store/root-lanes.ts";
import { RowCache } from "../dapp/store/row-cache.ts";
import { RowJournal } from "../dapp/store/row-journal.ts";
import { createRows } from "../dapp/store/sql-store.ts";
import { createTransactions } from "../dapp/store/transactions.ts";
import { TABLES } from "../spec/tables.ts";
import { openBareState } from "./arbitraries/bare-state.ts";

/** What keeps an input's cost the same however many rows there are. */

const crypto = await createNodeCrypto();

test("every statement finds its rows by an index", async () => {
  const { database } = await openBareState(crypto);
  createRows(database, 1, []);
  const reads = database.preparedSql.filter((sql) => /^(SELECT|UPDATE)/.test(sql));
  expect(reads.length).toBeGreaterThan(TABLES.length);
  for (const sql of reads) {
    for (const [, , , detail] of database.iterate(`EXPLAIN QUERY PLAN ${sql}`)) {
      expect(detail, sql).toMatch(/^SEARCH/);
    }
  }
});

test("rows are cached beyond the transaction that wrote them", async () => {
  const journal = new RowJournal(crypto);
  const database = await openStateDatabase(journal);
  const cache = new RowCache<string>(2);
  const lanes = new RootLanes(crypto, journal);
  const { begin, commit, rollback } = createTransactions(database, journal, lanes, [cache]);
  begin();
  cache.write(1, "one");
  commit();
  begin();
  cache.write(2, "two");
  rollback();
  expect([cache.get(1), cache.get(2)]).toEqual(["one", undefined]);
  cache.fill(2, "two");
  cache.fill(3, "three");
  expect([cache.get(1), cache.get(2), cache.get(3)]).toEqual([undefined, "two", "three"]);
});
