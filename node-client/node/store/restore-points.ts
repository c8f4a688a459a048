import { invariant } from "../../../dapp/engine/invariant.ts";
import type { BlockReference } from "../../chain/chain-input.ts";
import { type Database, fromHex, toBytes, toHex, toNumber } from "./node-database.ts";
import type { StoredSnapshot } from "./node-store.ts";

/** What a reorganisation goes back to: known blocks, and states of the machine. */

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

/** SQLite handles a row in one piece: small ones keep its memory small whatever the state's size. */
const CHUNK_BYTES = 1024 * 1024;
const SNAPSHOTS_MAX = 4;

/** Writes a snapshot and thins the older ones. */
export function putSnapshot(database: Database, { inputCount, root, state }: StoredSnapshot): void {
  database.run("DELETE FROM snapshots WHERE input_count = ?", inputCount);
  const row = { input_count: inputCount, root: fromHex(root, 32), state_bytes: state.length };
  database.insert("snapshots", row);
  for (let offset = 0; offset < state.length; offset += CHUNK_BYTES) {
    const bytes = state.subarray(offset, offset + CHUNK_BYTES);
    const position = offset / CHUNK_BYTES;
    database.insert("snapshot_chunks", { input_count: inputCount, position, bytes });
  }
  const kept = database.listNumbers("SELECT input_count FROM snapshots ORDER BY input_count DESC");
  const spare = kept.length > SNAPSHOTS_MAX ? chooseSpare(kept) : undefined;
  if (spare !== undefined) database.run("DELETE FROM snapshots WHERE input_count = ?", spare);
}

/** The newest snapshot at or below an input count. */
export function findSnapshot(
  database: Database,
  inputCountMax: number,
): StoredSnapshot | undefined {
  const row = database.get(
    `SELECT input_count, root, state_bytes FROM snapshots WHERE input_count <= ?
     ORDER BY input_count DESC LIMIT 1`,
    inputCountMax,
  );
  if (row === undefined) return undefined;
  const inputCount = toNumber(row.input_count);
  const state = new Uint8Array(toNumber(row.state_bytes));
  const chunkCount = Math.ceil(state.length / CHUNK_BYTES);
  for (let position = 0; position < chunkCount; position++) {
    const chunk = database.get(
      "SELECT bytes FROM snapshot_chunks WHERE input_count = ? AND position = ?",
      inputCount,
      position,
    );
    invariant(chunk !== undefined, "a snapshot is written with all its chunks");
    state.set(toBytes(chunk.bytes), position * CHUNK_BYTES);
  }
  return { inputCount, root: toHex(row.root), state };
}

/** Forgets the blocks above one, and the snapshots that know more inputs than came up to it. */
export function deletePointsAbove(database: Database, block: number, inputCount: number): void {
  database.run("DELETE FROM checkpoints WHERE number > ?", block);
  database.run("DELETE FROM snapshots WHERE input_count > ?", inputCount);
}

/**
 * Which snapshot to drop: the one whose absence opens the smallest gap beside how far back the gap
 * lies. So the distances grow with the age: a shallow reorganisation finds a close snapshot, a deep
 * one still finds some. The newest stays; before the oldest lies the empty state of no inputs.
 */
function chooseSpare(newestFirst: readonly number[]): number | undefined {
  const newest = newestFirst[0] ?? 0;
  let spare: number | undefined;
  let smallest = Number.POSITIVE_INFINITY;
  for (let i = 1; i < newestFirst.length; i++) {
    const older = newestFirst[i + 1] ?? 0;
    const gap = (newestFirst[i - 1]! - older) / (newest - older);
    if (gap >= smallest) continue;
    smallest = gap;
    spare = newestFirst[i];
  }
  return spare;
}
