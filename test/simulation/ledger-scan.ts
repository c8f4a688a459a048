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
    const places = [
      sumUp(file, "SELECT hex(token), amount FROM balances"),
      sumUp(file, "SELECT hex(token), value FROM channels"),
      sumUp(file, "SELECT hex(token), held FROM escrows JOIN escrow_terms USING (escrow_number)"),
    ];
    const columns = "deposited, withdrawn, in_balances, in_channels, in_escrows";
    for (const [token, ...cells] of rowsOf(file, `SELECT hex(token), ${columns} FROM tokens`)) {
      const [deposited, withdrawn, ...held] = cells.map((cell) =>
        readBigEndian(cell as Uint8Array),
      );
      const sums = places.map((place) => place.get(token as string) ?? 0n);
      assert.deepEqual(sums, held, "balances, channels and escrows add up");
      const inside = held.reduce((sum, amount) => sum + amount, 0n);
      assert.equal(deposited, inside + withdrawn!, "money is conserved");
      for (const place of places) place.delete(token as string);
    }
    const unknown = places.flatMap((place) => [...place.values()]);
    assert.deepEqual(unknown, [], "whatever is held has a token");
  } finally {
    file.close();
  }
}

function sumUp(file: initSqlJs.Database, select: string): Map<string, bigint> {
  const sums = new Map<string, bigint>();
  for (const [token, amount] of rowsOf(file, select)) {
    const sum = sums.get(token as string) ?? 0n;
    sums.set(token as string, sum + readBigEndian(amount as Uint8Array));
  }
  return sums;
}

function rowsOf(file: initSqlJs.Database, select: string): unknown[][] {
  return file.exec(select)[0]?.values ?? [];
}
