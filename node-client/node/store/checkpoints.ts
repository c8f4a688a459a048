import type { BlockReference } from "../../chain/chain-input.ts";
import { type Database, fromHex, toHex, toNumber } from "./node-database.ts";

/**
 * Blocks whose hash we recorded, by which a reorganisation is found. Every one of the last 256
 * blocks' stays; older ones are thinned so that the gaps grow with the age: of blocks `256 × 2^k`
 * back, one in `2^k` stays. That is at most 128 rows for each doubling of the chain's length, and
 * whoever rolls back goes too far by less than a hundredth of the way.
 */
const DENSE_BLOCKS = 256;

/** Records the head and thins what has become old since the previous one. */
export function putCheckpoint(
  database: Database,
  head: BlockReference,
  previousHead: number | undefined,
): void {
  database.insert("checkpoints", { number: head.number, hash: fromHex(head.hash, 32) });
  const before = previousHead ?? 0;
  for (let age = DENSE_BLOCKS, step = 2; age <= head.number; age *= 2, step *= 2) {
    // The first of each step stays, so a longer step's survivors are among a shorter one's.
    database.run(
      `DELETE FROM checkpoints WHERE number <= ? AND number > ? AND EXISTS
         (SELECT 1 FROM checkpoints AS older WHERE older.number < checkpoints.number
            AND older.number >= checkpoints.number - checkpoints.number % ?)`,
      head.number - age,
      before - age,
      step,
    );
  }
}

/** The newest recorded block at or below `number`. */
export function findCheckpoint(database: Database, number: number): BlockReference | undefined {
  const row = database.get(
    "SELECT number, hash FROM checkpoints WHERE number <= ? ORDER BY number DESC LIMIT 1",
    number,
  );
  return row && { number: toNumber(row.number), hash: toHex(row.hash) };
}

/** Forgets the blocks above `number`. */
export function deleteCheckpointsAbove(database: Database, number: number): void {
  database.run("DELETE FROM checkpoints WHERE number > ?", number);
}
