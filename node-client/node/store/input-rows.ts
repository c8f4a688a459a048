import { invariant } from "../../../dapp/engine/invariant.ts";
import type { ChainInput } from "../../chain/chain-input.ts";
import type { IndexRange, RowFilter, RowKind } from "./list-rows.ts";
import {
  type Database,
  fromHex,
  type Row,
  toBytes,
  toHex,
  toNumber,
  toOptionalHex,
  toOptionalNumber,
} from "./node-database.ts";
import type { InputFilter, InputStatus, StoredInput } from "./node-store.ts";

/** Where `EvmAdvance(chainId, app, msgSender, …)` has the sender's 20 bytes. */
const SENDER_OFFSET = 4 + 2 * 32 + 12;
/** The selector of `EvmAdvance` and its eight words with the payload's length. */
const BLOB_BYTES_MIN = 4 + 9 * 32;

/** Inputs, each with its result if there is one. */
export const INPUTS: RowKind<StoredInput> = {
  select: `SELECT inputs.input_index, block_number, block_hash, transaction_hash, created_at_ms,
    status, outputs_merkle_root, output_count, updated_at_ms, exception, blob
  FROM inputs LEFT JOIN results ON results.input_index = inputs.input_index`,
  table: "inputs",
  key: "input_index",
  toItem: toStoredInput,
};

/** Records an input without a result. */
export function insertInput(database: Database, input: ChainInput, createdAtMs: number): void {
  invariant(input.blob.length >= BLOB_BYTES_MIN, "an input's blob is a call of EvmAdvance");
  database.insert("inputs", {
    input_index: input.index,
    block_number: input.blockNumber,
    block_hash: fromHex(input.blockHash, 32),
    transaction_hash: fromHex(input.transactionHash, 32),
    sender: input.blob.subarray(SENDER_OFFSET, SENDER_OFFSET + 20),
    created_at_ms: createdAtMs,
    blob: input.blob,
  });
}

/** What a filter leaves of a range of inputs. */
export const toInputRows = ({ sender }: InputFilter, range: IndexRange): RowFilter => ({
  range,
  conditions: sender === undefined ? [] : ["sender = ?"],
  values: sender === undefined ? [] : [fromHex(sender, 20)],
});

/** How many inputs came in blocks up to `number`, because their indices rise with the blocks. */
export function countInputsUpTo(database: Database, number: number): number {
  const row = database.get(
    `SELECT input_index FROM inputs WHERE block_number <= ?
     ORDER BY block_number DESC, input_index DESC LIMIT 1`,
    number,
  );
  return row === undefined ? 0 : toNumber(row.input_index) + 1;
}

/** The block of an input that is recorded. */
export function getInputBlock(database: Database, index: number): number {
  return database.getNumber("SELECT block_number FROM inputs WHERE input_index = ?", index);
}

/** Forgets the inputs from `count` on; their results must be forgotten before. */
export function truncateInputs(database: Database, count: number): void {
  database.run("DELETE FROM inputs WHERE input_index >= ?", count);
}

function toStoredInput(row: Row, epochLength: number): StoredInput {
  const blockNumber = toNumber(row.block_number);
  const createdAtMs = toNumber(row.created_at_ms);
  return {
    index: toNumber(row.input_index),
    epochIndex: Math.floor(blockNumber / epochLength),
    blockNumber,
    blockHash: toHex(row.block_hash),
    transactionHash: toHex(row.transaction_hash),
    blob: toBytes(row.blob),
    status: (row.status ?? "NONE") as InputStatus,
    outputsMerkleRoot: toOptionalHex(row.outputs_merkle_root),
    outputCount: toOptionalNumber(row.output_count),
    exception: row.exception === null ? undefined : toBytes(row.exception),
    createdAtMs,
    updatedAtMs: toOptionalNumber(row.updated_at_ms) ?? createdAtMs,
  };
}
