import type { IndexRange, RowFilter, RowKind } from "./list-rows.ts";
import {
  fromHex,
  type Row,
  toBytes,
  toHex,
  toNumber,
  toOptionalHex,
  type Value,
} from "./node-database.ts";
import type { OutputFilter, StoredOutput, StoredReport } from "./node-store.ts";

/** An execution counts for our output only if it executed the same bytes. */
export const OUTPUTS: RowKind<StoredOutput> = {
  select: `SELECT outputs.output_index, outputs.input_index, hash, raw,
    inputs.block_number, updated_at_ms, executions.transaction_hash AS execution
  FROM outputs
  JOIN inputs ON inputs.input_index = outputs.input_index
  JOIN results ON results.input_index = outputs.input_index
  LEFT JOIN executions ON executions.output_index = outputs.output_index
    AND executions.output_hash = outputs.hash`,
  table: "outputs",
  key: "output_index",
  toItem: toStoredOutput,
};

/** Executed ones are found by their index: they are few. */
const IS_EXECUTED = `output_index IN (SELECT output_index FROM executions)
  AND hash = (SELECT output_hash FROM executions
    WHERE executions.output_index = outputs.output_index)`;

export const REPORTS: RowKind<StoredReport> = {
  select: `SELECT report_index, reports.input_index, raw, inputs.block_number, updated_at_ms
  FROM reports
  JOIN inputs ON inputs.input_index = reports.input_index
  JOIN results ON results.input_index = reports.input_index`,
  table: "reports",
  key: "report_index",
  toItem: toStoredReport,
};

/** What a filter leaves of a range of outputs. */
export function toOutputRows(
  { outputType, voucherAddress, executed }: OutputFilter,
  range: IndexRange,
): RowFilter {
  const conditions: string[] = [];
  const values: Value[] = [];
  if (outputType !== undefined) {
    conditions.push("output_type = ?");
    values.push(fromHex(outputType, 4));
  }
  if (voucherAddress !== undefined) {
    conditions.push("destination = ?");
    values.push(fromHex(voucherAddress, 20));
  }
  if (executed === true) conditions.push(IS_EXECUTED);
  return { range, conditions, values, except: executed === false ? IS_EXECUTED : undefined };
}

function toStoredOutput(row: Row, epochLength: number): StoredOutput {
  return {
    index: toNumber(row.output_index),
    inputIndex: toNumber(row.input_index),
    epochIndex: Math.floor(toNumber(row.block_number) / epochLength),
    raw: toBytes(row.raw),
    hash: toHex(row.hash),
    executionTransactionHash: toOptionalHex(row.execution),
    createdAtMs: toNumber(row.updated_at_ms),
  };
}

function toStoredReport(row: Row, epochLength: number): StoredReport {
  return {
    index: toNumber(row.report_index),
    inputIndex: toNumber(row.input_index),
    epochIndex: Math.floor(toNumber(row.block_number) / epochLength),
    raw: toBytes(row.raw),
    createdAtMs: toNumber(row.updated_at_ms),
  };
}
