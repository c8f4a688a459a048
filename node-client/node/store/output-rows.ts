import {
  type Database,
  fromHex,
  type Row,
  toBytes,
  toHex,
  toNumber,
  toOptionalHex,
  type Value,
} from "./node-database.ts";
import type { OutputFilter, Page, Paged, StoredOutput, StoredReport } from "./node-store.ts";
import { computePageRange, getOrder, type IndexRange } from "./page-range.ts";

/** An execution counts for our output only if it executed the same bytes. */
const OUTPUTS = `SELECT outputs.output_index, outputs.input_index, hash, raw,
    inputs.block_number, updated_at_ms, executions.transaction_hash AS execution
  FROM outputs
  JOIN inputs ON inputs.input_index = outputs.input_index
  JOIN results ON results.input_index = outputs.input_index
  LEFT JOIN executions ON executions.output_index = outputs.output_index
    AND executions.output_hash = outputs.hash`;

/** Executed ones are found by their index: they are few. */
const IS_EXECUTED = `output_index IN (SELECT output_index FROM executions)
  AND hash = (SELECT output_hash FROM executions
    WHERE executions.output_index = outputs.output_index)`;

const REPORTS = `SELECT report_index, reports.input_index, raw, inputs.block_number, updated_at_ms
  FROM reports
  JOIN inputs ON inputs.input_index = reports.input_index
  JOIN results ON results.input_index = reports.input_index`;

export function getOutput(
  database: Database,
  index: number,
  epochLength: number,
): StoredOutput | undefined {
  const row = database.get(`${OUTPUTS} WHERE outputs.output_index = ?`, index);
  return row && toStoredOutput(row, epochLength);
}

/** `range` holds the indices that the filter's epoch and input leave. */
export function listOutputs(
  database: Database,
  filter: OutputFilter,
  range: IndexRange,
  page: Page,
  epochLength: number,
): Paged<StoredOutput> {
  const { outputType, voucherAddress, executed } = filter;
  const order = getOrder(page);
  const toItem = (row: Row): StoredOutput => toStoredOutput(row, epochLength);
  if (outputType === undefined && voucherAddress === undefined && executed === undefined) {
    const { start, end } = computePageRange(range, page);
    const rows = database.all(
      `${OUTPUTS} WHERE outputs.output_index >= ? AND outputs.output_index < ?
       ORDER BY outputs.output_index ${order}`,
      start,
      end,
    );
    return { items: rows.map(toItem), totalCount: range.end - range.start };
  }

  const conditions = ["output_index >= ?", "output_index < ?"];
  const values: Value[] = [range.start, range.end];
  if (outputType !== undefined) {
    conditions.push("output_type = ?");
    values.push(fromHex(outputType, 4));
  }
  if (voucherAddress !== undefined) {
    conditions.push("destination = ?");
    values.push(fromHex(voucherAddress, 20));
  }
  const count = (where: string): number =>
    database.getNumber(`SELECT count(*) FROM outputs WHERE ${where}`, ...values);
  const base = conditions.join(" AND ");
  const executedOnly = `${base} AND ${IS_EXECUTED}`;
  let [where, totalCount] = [base, () => count(base)];
  if (executed === true) [where, totalCount] = [executedOnly, () => count(executedOnly)];
  if (executed === false) {
    where = `${base} AND NOT (${IS_EXECUTED})`;
    totalCount = () => count(base) - count(executedOnly);
  }
  // The page is cut out of the index alone; only what it shows is read.
  const rows = database.all(
    `${OUTPUTS} WHERE outputs.output_index IN
       (SELECT output_index FROM outputs WHERE ${where}
        ORDER BY output_index ${order} LIMIT ? OFFSET ?)
     ORDER BY outputs.output_index ${order}`,
    ...values,
    page.limit,
    page.offset,
  );
  return { items: rows.map(toItem), totalCount: totalCount() };
}

export function getReport(
  database: Database,
  index: number,
  epochLength: number,
): StoredReport | undefined {
  const row = database.get(`${REPORTS} WHERE report_index = ?`, index);
  return row && toStoredReport(row, epochLength);
}

/** `range` holds the indices that the filter leaves. */
export function listReports(
  database: Database,
  range: IndexRange,
  page: Page,
  epochLength: number,
): Paged<StoredReport> {
  const { start, end } = computePageRange(range, page);
  const rows = database.all(
    `${REPORTS} WHERE report_index >= ? AND report_index < ?
     ORDER BY report_index ${getOrder(page)}`,
    start,
    end,
  );
  const items = rows.map((row) => toStoredReport(row, epochLength));
  return { items, totalCount: range.end - range.start };
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
