import { invariant } from "../../../dapp/engine/invariant.ts";
import type { AcceptedClaim, ChainInput, ExecutedOutput } from "../../chain/chain-input.ts";
import { type Database, fromHex, toNumber } from "./node-database.ts";
import { CHAIN_INPUT_COLUMNS } from "./node-store.ts";
import { keccak256 } from "./output-nodes.ts";
import { toRow } from "./row-kinds.ts";

/** What the chain's logs say, as rows. */

/** Where `EvmAdvance(chainId, app, msgSender, …)` has the sender's 20 bytes. */
const SENDER_OFFSET = 4 + 2 * 32 + 12;
/** The selector of `EvmAdvance` and its eight words with the payload's length. */
const BLOB_BYTES_MIN = 4 + 9 * 32;

/** Records an input without a result. */
export function insertInput(database: Database, input: ChainInput, createdAtMs: number): void {
  const { blob } = input;
  invariant(blob.length >= BLOB_BYTES_MIN, "an input's blob is a call of EvmAdvance");
  const sender = blob.subarray(SENDER_OFFSET, SENDER_OFFSET + 20);
  const row = toRow(CHAIN_INPUT_COLUMNS, input);
  database.insert("inputs", { ...row, sender, created_at_ms: createdAtMs });
}

/** How many inputs came in blocks up to `number`, because their indices rise with the blocks. */
export function countInputsUpTo(database: Database, number: number): number {
  const row = database.get(
    `SELECT input_index FROM inputs WHERE block_number <= ?
     ORDER BY block_number DESC, input_index DESC LIMIT 1`,
    number,
  );
  return row === undefined ? 0 : toNumber(row.input_index) + 1;
}

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
  return database.listNumbers(
    "DELETE FROM accepted_claims WHERE block_number > ? RETURNING epoch_index",
    block,
  );
}
