import type { EpochStatus } from "../../chain/epoch-status.ts";
import { EMPTY_RANGE, getOrder, type IndexRange, type RowKind } from "./list-rows.ts";
import {
  type Database,
  type Row,
  toHex,
  toNumber,
  toOptionalHex,
  toOptionalNumber,
  type Value,
} from "./node-database.ts";
import type { EpochFilter, Page, Paged, StoredEpoch } from "./node-store.ts";

const selectEpochs = (source: string): string =>
  `SELECT epochs.epoch_index, input_index_lower_bound, input_index_upper_bound, status,
    output_count, epochs.outputs_merkle_root, submitted_transaction, created_at_ms, updated_at_ms,
    accepted_claims.transaction_hash AS accepted_transaction
  FROM ${source} LEFT JOIN accepted_claims ON accepted_claims.epoch_index = epochs.epoch_index`;

export const EPOCHS: RowKind<StoredEpoch> = {
  select: selectEpochs("epochs"),
  table: "epochs",
  key: "epoch_index",
  toItem: toStoredEpoch,
};

/** Epochs are few beside inputs: here alone an OFFSET and a count walk over an index. */
export function listEpochRows(
  database: Database,
  { status, from = 0, to = Number.MAX_SAFE_INTEGER }: EpochFilter,
  page: Page,
  epochLength: number,
): Paged<StoredEpoch> {
  const conditions = ["epochs.epoch_index BETWEEN ? AND ?"];
  const values: Value[] = [from, to];
  if (status !== undefined) {
    conditions.push("status = ?");
    values.push(status);
  }
  const where = `WHERE ${conditions.join(" AND ")}`;
  const rows = database.all(
    `${EPOCHS.select} ${where} ORDER BY epochs.epoch_index ${getOrder(page)} LIMIT ? OFFSET ?`,
    ...values,
    page.limit,
    page.offset,
  );
  return {
    items: rows.map((row) => toStoredEpoch(row, epochLength)),
    totalCount: database.getNumber(`SELECT count(*) FROM epochs ${where}`, ...values),
  };
}

/** Epochs that have a computed root which the chain has not judged, ascending. */
export function listUnclaimedEpochRows(
  database: Database,
  limit: number,
  epochLength: number,
): StoredEpoch[] {
  const rows = database.all(
    // Named, because the planner would sort all that another index finds.
    `${selectEpochs("epochs INDEXED BY epochs_unclaimed")}
     WHERE status IN ('CLAIM_COMPUTED', 'CLAIM_SUBMITTED')
     ORDER BY epochs.epoch_index LIMIT ?`,
    limit,
  );
  return rows.map((row) => toStoredEpoch(row, epochLength));
}

export function findLastAccepted(database: Database): number | undefined {
  const row = database.get(
    `SELECT epoch_index FROM epochs WHERE status = 'CLAIM_ACCEPTED'
     ORDER BY epoch_index DESC LIMIT 1`,
  );
  return row && toNumber(row.epoch_index);
}

/** How many epochs there are from `from` up to, not including, `to`. */
export function countEpochRows(database: Database, from: number, to: number): number {
  return database.getNumber(
    "SELECT count(*) FROM epochs WHERE epoch_index >= ? AND epoch_index < ?",
    from,
    to,
  );
}

/** Inputs of an epoch; none if it has no row. */
export function getEpochInputs(database: Database, index: number): IndexRange {
  const row = database.get(
    `SELECT input_index_lower_bound, input_index_upper_bound FROM epochs WHERE epoch_index = ?`,
    index,
  );
  if (row === undefined) return EMPTY_RANGE;
  return {
    start: toNumber(row.input_index_lower_bound),
    end: toNumber(row.input_index_upper_bound),
  };
}

function toStoredEpoch(row: Row, epochLength: number): StoredEpoch {
  const index = toNumber(row.epoch_index);
  const status = row.status as EpochStatus;
  const isJudged = status === "CLAIM_ACCEPTED" || status === "CLAIM_REJECTED";
  return {
    index,
    firstBlock: index * epochLength,
    lastBlock: (index + 1) * epochLength - 1,
    inputIndexLowerBound: toNumber(row.input_index_lower_bound),
    inputIndexUpperBound: toNumber(row.input_index_upper_bound),
    status,
    outputCount: toOptionalNumber(row.output_count),
    outputsMerkleRoot: toOptionalHex(row.outputs_merkle_root),
    claimTransactionHash: isJudged
      ? toHex(row.accepted_transaction)
      : toOptionalHex(row.submitted_transaction),
    createdAtMs: toNumber(row.created_at_ms),
    updatedAtMs: toNumber(row.updated_at_ms),
  };
}
