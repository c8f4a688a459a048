import { invariant } from "../../../dapp/engine/invariant.ts";
import { type Database, fromHex, toBytes, toHex, toNumber } from "./node-database.ts";
import type { StoredSnapshot } from "./node-store.ts";

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
  const kept = listSnapshots(database);
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

/** Forgets the snapshots that know inputs from `inputCount` on. */
export function truncateSnapshots(database: Database, inputCount: number): void {
  database.run("DELETE FROM snapshots WHERE input_count > ?", inputCount);
}

/** Input counts, newest first. */
function listSnapshots(database: Database): number[] {
  return database
    .all("SELECT input_count FROM snapshots ORDER BY input_count DESC")
    .map((row) => toNumber(row.input_count));
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
