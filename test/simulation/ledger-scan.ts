import assert from "node:assert/strict";
import initSqlJs from "sql.js";
import { readRow } from "../../dapp/store/row-cells.ts";
import { columnList } from "../../dapp/store/statements.ts";
import { ETHER } from "../../spec/portals.ts";
import type { TypedTable } from "../../spec/table-columns.ts";
import { type Cell, type RowOf, STATE } from "../../spec/tables.ts";

const sql = await initSqlJs();

/**
 * Conservation from the rows alone, in a copy of the state: for every token the sum of its balances
 * is what the token's row says, and deposits are balances plus withdrawals.
 */
export function scanLedger(snapshot: Uint8Array): void {
  const file = new sql.Database(snapshot);
  try {
    const held = new Map(listRows(file, STATE.escrows).map((row) => [row.escrowNumber, row.held]));
    const places = [
      sumUp(listRows(file, STATE.balances).map(({ token, amount }) => [token, amount])),
      sumUp(listRows(file, STATE.channels).map(({ token, value }) => [token, value])),
      sumUp(
        listRows(file, STATE.escrowTerms).map((row) => [row.token, held.get(row.escrowNumber)!]),
      ),
      sumUp(listRows(file, STATE.bonds).map((row) => [ETHER, row.locked + row.released])),
    ];
    for (const row of listRows(file, STATE.tokens)) {
      const token = nameOf(row.token);
      const sums = places.map((place) => place.get(token) ?? 0n);
      const told = [row.inBalances, row.inChannels, row.inEscrows, row.inBonds];
      assert.deepEqual(sums, told, "balances, channels, escrows and bonds add up");
      const inside = told.reduce((sum, amount) => sum + amount, 0n);
      assert.equal(row.deposited, inside + row.withdrawn, "money is conserved");
      for (const place of places) place.delete(token);
    }
    // A balance's row may be there before its token.
    const unknown = places.flatMap((place) => [...place.values()]).filter((sum) => sum !== 0n);
    assert.deepEqual(unknown, [], "whatever is held has a token");
  } finally {
    file.close();
  }
}

const nameOf = (token: Uint8Array): string => Buffer.from(token).toString("hex");

function sumUp(amounts: readonly (readonly [Uint8Array, bigint])[]): Map<string, bigint> {
  const sums = new Map<string, bigint>();
  for (const [token, amount] of amounts) {
    sums.set(nameOf(token), (sums.get(nameOf(token)) ?? 0n) + amount);
  }
  return sums;
}

function listRows<T extends TypedTable>(file: initSqlJs.Database, table: T): RowOf<T>[] {
  const [found] = file.exec(`SELECT ${columnList(table)} FROM ${table.name}`);
  return (found?.values ?? []).map((cells) => readRow(table, cells as Cell[]));
}
