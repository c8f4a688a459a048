import { invariant } from "../../../dapp/engine/invariant.ts";
import type { Hex } from "../../../spec/outputs.ts";
import type { EpochStatus } from "../../chain/epoch-status.ts";
import { type Database, fromHex, toBytes, toNumber } from "./node-database.ts";
import { readTotals } from "./result-rows.ts";

/** What decides an epoch's status besides its own row. */
interface Progress {
  readonly headNumber: number;
  readonly processedCount: number;
  readonly epochLength: number;
  readonly nowMs: number;
}

/** Opens the epoch of an input, or counts the input into it. */
export function addInputToEpoch(
  database: Database,
  epochIndex: number,
  inputIndex: number,
  nowMs: number,
): void {
  database.run(
    `INSERT INTO epochs (epoch_index, input_index_lower_bound, input_index_upper_bound, status,
       created_at_ms, updated_at_ms) VALUES (?, ?, ?, 'OPEN', ?, ?)
     ON CONFLICT DO UPDATE SET input_index_upper_bound = excluded.input_index_upper_bound,
       updated_at_ms = excluded.updated_at_ms`,
    epochIndex,
    inputIndex,
    inputIndex + 1,
    nowMs,
    nowMs,
  );
}

/** The open epochs that end at or below a block. */
export function listEndedEpochs(database: Database, block: number, epochLength: number): number[] {
  return database.listNumbers(
    "SELECT epoch_index FROM epochs WHERE status = 'OPEN' AND epoch_index < ? ORDER BY epoch_index",
    Math.floor((block + 1) / epochLength),
  );
}

/**
 * Brings an epoch's status up to date: it follows from the head, the results, the chain's claims
 * and what we have sent, and from nothing else, so that going back is going forward. An epoch
 * without inputs has no row, whatever was claimed for it.
 */
export function settleEpoch(database: Database, epochIndex: number, progress: Progress): void {
  const row = database.get("SELECT * FROM epochs WHERE epoch_index = ?", epochIndex);
  if (row === undefined) return;
  const lastBlock = (epochIndex + 1) * progress.epochLength - 1;
  const inputCount = toNumber(row.input_index_upper_bound);
  const isClosed = progress.headNumber >= lastBlock;
  const isComputed = isClosed && progress.processedCount >= inputCount;
  const totals = isComputed ? readTotals(database, inputCount) : undefined;
  const root = totals?.outputsMerkleRoot ?? null;
  const unclaimed = isClosed ? "CLOSED" : "OPEN";
  const claimed = row.submitted_transaction === null ? "CLAIM_COMPUTED" : "CLAIM_SUBMITTED";
  const status = root === null ? unclaimed : (getVerdict(database, epochIndex, root) ?? claimed);
  database.run(
    `UPDATE epochs SET status = ?, output_count = ?, outputs_merkle_root = ?, updated_at_ms = ?
     WHERE epoch_index = ? AND (status <> ? OR outputs_merkle_root IS NOT ?)`,
    status,
    totals?.outputs ?? null,
    root,
    progress.nowMs,
    epochIndex,
    status,
    root,
  );
}

/** What the chain's accepted claim, if there is one, makes of ours. */
function getVerdict(
  database: Database,
  epochIndex: number,
  root: Uint8Array,
): EpochStatus | undefined {
  const claim = database.get(
    "SELECT outputs_merkle_root FROM accepted_claims WHERE epoch_index = ?",
    epochIndex,
  );
  if (claim === undefined) return undefined;
  const isOurs = Buffer.compare(toBytes(claim.outputs_merkle_root), root) === 0;
  return isOurs ? "CLAIM_ACCEPTED" : "CLAIM_REJECTED";
}

/** Notes what was sent. The chain's word, where it has spoken already, stands above it. */
export function writeSubmission(
  database: Database,
  epochIndex: number,
  transactionHash: Hex,
  nowMs: number,
): void {
  const epoch = database.get("SELECT status FROM epochs WHERE epoch_index = ?", epochIndex);
  invariant(
    typeof epoch?.status === "string" && epoch.status.startsWith("CLAIM_"),
    "a claim is computed before it is sent",
  );
  database.run(
    `UPDATE epochs SET submitted_transaction = ?, updated_at_ms = ?,
       status = CASE status WHEN 'CLAIM_COMPUTED' THEN 'CLAIM_SUBMITTED' ELSE status END
     WHERE epoch_index = ?`,
    fromHex(transactionHash, 32),
    nowMs,
    epochIndex,
  );
}

/** What we sent for these epochs is not known to be on the chain any more. */
export function forgetSubmissions(database: Database, epochIndices: readonly number[]): void {
  for (const epochIndex of epochIndices) {
    database.run(
      "UPDATE epochs SET submitted_transaction = NULL WHERE epoch_index = ?",
      epochIndex,
    );
  }
}

/** Forgets the inputs from `inputCount` on; gives the epochs whose last block is above `block`. */
export function truncateEpochs(
  database: Database,
  inputCount: number,
  block: number,
  epochLength: number,
): number[] {
  database.run("DELETE FROM epochs WHERE input_index_lower_bound >= ?", inputCount);
  const firstOpen = Math.floor((block + 1) / epochLength);
  const reopened = database.listNumbers(
    "SELECT epoch_index FROM epochs WHERE epoch_index >= ? ORDER BY epoch_index",
    firstOpen,
  );
  database.run(
    `UPDATE epochs SET input_index_upper_bound = min(input_index_upper_bound, ?)
     WHERE epoch_index >= ?`,
    inputCount,
    firstOpen,
  );
  return reopened;
}
