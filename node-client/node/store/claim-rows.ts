import { invariant } from "../../../dapp/engine/invariant.ts";
import type { AcceptedClaim, ExecutedOutput } from "../../chain/chain-input.ts";
import { keccak256 } from "./keccak256.ts";
import { type Database, fromHex, toNumber } from "./node-database.ts";

/**
 * Keeps an accepted claim, also of an epoch that we have not computed yet, and gives its epoch.
 * The consensus accepts one an epoch, for the epoch's last block only.
 */
export function insertAcceptedClaim(
  database: Database,
  claim: AcceptedClaim,
  epochLength: number,
): number {
  const blocks = claim.lastProcessedBlockNumber + 1;
  invariant(blocks % epochLength === 0, "a claim is made for an epoch's last block");
  const epochIndex = blocks / epochLength - 1;
  database.insert("accepted_claims", {
    epoch_index: epochIndex,
    outputs_merkle_root: fromHex(claim.outputsMerkleRoot, 32),
    block_number: claim.blockNumber,
    transaction_hash: fromHex(claim.transactionHash, 32),
  });
  return epochIndex;
}

/** Keeps an execution, also of an output that we have not computed yet. */
export function insertExecution(database: Database, execution: ExecutedOutput): void {
  database.insert("executions", {
    output_index: execution.outputIndex,
    output_hash: keccak256(execution.output),
    block_number: execution.blockNumber,
    transaction_hash: fromHex(execution.transactionHash, 32),
  });
}

/** Forgets what was accepted and executed above `block`; gives the epochs it concerns. */
export function deleteClaimsAbove(database: Database, block: number): number[] {
  database.run("DELETE FROM executions WHERE block_number > ?", block);
  return database
    .all("DELETE FROM accepted_claims WHERE block_number > ? RETURNING epoch_index", block)
    .map((row) => toNumber(row.epoch_index));
}
