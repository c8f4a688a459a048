import { invariant } from "../../../dapp/engine/invariant.ts";
import type { ChainInput } from "../../chain/chain-input.ts";
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
import type { InputFilter, InputStatus, Page, Paged, StoredInput } from "./node-store.ts";
import { computePageRange, getOrder, type IndexRange } from "./page-range.ts";

/** Where `EvmAdvance(chainId, app, msgSender, …)` has the sender's 20 bytes. */
const SENDER_OFFSET = 4 + 2 * 32 + 12;
/** The selector of `EvmAdvance` and its eight words with the payload's length. */
const BLOB_BYTES_MIN = 4 + 9 * 32;

const COLUMNS = `inputs.input_index, block_number, block_hash, transaction_hash, created_at_ms,
  status, outputs_merkle_root, output_count, updated_at_ms, exception, blob`;
const FROM = "FROM inputs LEFT JOIN results ON results.input_index = inputs.input_index";

/** Records an input without a result. */
export function insertInput(database: Database, input: ChainInput, createdAtMs: number): void {
  invariant(input.blob.length >= BLOB_BYTES_MIN, "an input's blob is a call of EvmAdvance");
  database.run(
    `INSERT INTO inputs (input_index, block_number, block_hash, transaction_hash, sender,
       created_at_ms, blob) VALUES (?, ?, ?, ?, ?, ?, ?)`,
    input.index,
    input.blockNumber,
    fromHex(input.blockHash, 32),
    fromHex(input.transactionHash, 32),
    input.blob.subarray(SENDER_OFFSET, SENDER_OFFSET + 20),
    createdAtMs,
    input.blob,
  );
}

export function getInput(
  database: Database,
  index: number,
  epochLength: number,
): StoredInput | undefined {
  const row = database.get(`SELECT ${COLUMNS} ${FROM} WHERE inputs.input_index = ?`, index);
  return row && toStoredInput(row, epochLength);
}

/** The inputs of a range, at most `page`'s part of it, by a walk over the primary key. */
function listRange(
  database: Database,
  { start, end }: IndexRange,
  page: Page,
  epochLength: number,
): StoredInput[] {
  if (start >= end) return [];
  const rows = database.all(
    `SELECT ${COLUMNS} ${FROM} WHERE inputs.input_index >= ? AND inputs.input_index < ?
     ORDER BY inputs.input_index ${getOrder(page)}`,
    start,
    end,
  );
  return rows.map((row) => toStoredInput(row, epochLength));
}

/** `range` holds the indices that the filter's epoch leaves. */
export function listInputs(
  database: Database,
  { sender }: InputFilter,
  range: IndexRange,
  page: Page,
  epochLength: number,
): Paged<StoredInput> {
  if (sender === undefined) {
    const shown = computePageRange(range, page);
    const items = listRange(database, shown, page, epochLength);
    return { items, totalCount: range.end - range.start };
  }
  const where = "sender = ? AND input_index >= ? AND input_index < ?";
  const values = [fromHex(sender, 20), range.start, range.end] as const;
  // The page is cut out of the index alone; only what it shows is read.
  const rows = database.all(
    `SELECT ${COLUMNS} ${FROM} WHERE inputs.input_index IN
       (SELECT input_index FROM inputs WHERE ${where}
        ORDER BY input_index ${getOrder(page)} LIMIT ? OFFSET ?)
     ORDER BY inputs.input_index ${getOrder(page)}`,
    ...values,
    page.limit,
    page.offset,
  );
  return {
    items: rows.map((row) => toStoredInput(row, epochLength)),
    totalCount: database.getNumber(`SELECT count(*) FROM inputs WHERE ${where}`, ...values),
  };
}

/** At most `limit` inputs from `from` on, ascending. */
export function listInputsFrom(
  database: Database,
  from: number,
  limit: number,
  epochLength: number,
): StoredInput[] {
  return listRange(database, { start: from, end: from + limit }, { limit, offset: 0 }, epochLength);
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
