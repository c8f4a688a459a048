import assert from "node:assert/strict";
import initSqlJs from "sql.js";
import { readBigEndian } from "../../spec/words.ts";

const sql = await initSqlJs();

/**
 * Conservation from the rows alone, in a copy of the state: for every token the sum of its balances
 * is what the token's row says, and deposits are balances plus withdrawals.
 */
export function scanLedger(snapshot: Uint8Array): void {
  const file = new sql.Database(snapshot);
  try {
    const sums = new Map<string, bigint>();
    for (const [token, amount] of rowsOf(file, "SELECT hex(token), amount FROM balances")) {
      const sum = sums.get(token as string) ?? 0n;
      sums.set(token as string, sum + readBigEndian(amount as Uint8Array));
    }
    const select = "SELECT hex(token), deposited, withdrawn, in_balances FROM tokens";
    for (const [token, ...cells] of rowsOf(file, select)) {
      const [deposited, withdrawn, inBalances] = cells.map((cell) =>
        readBigEndian(cell as Uint8Array),
      );
      assert.equal(sums.get(token as string) ?? 0n, inBalances, "balances add up");
      assert.equal(deposited, inBalances! + withdrawn!, "money is conserved");
      sums.delete(token as string);
    }
    assert.deepEqual([...sums.values()], [], "every balance has a token");
  } finally {
    file.close();
  }
}

function rowsOf(file: initSqlJs.Database, select: string): unknown[][] {
  return file.exec(select)[0]?.values ?? [];
}
