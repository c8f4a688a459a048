import { invariant } from "../../../dapp/engine/invariant.ts";
import { type Database, toBytes, toNumber } from "./node-database.ts";
import type { Counts, StoredResult } from "./node-store.ts";
import { EMPTY_OUTPUTS_ROOT, keccak256, OutputNodes } from "./output-nodes.ts";

/** A voucher's and a delegate call voucher's first argument is the destination. */
const SELECTORS_WITH_DESTINATION = new Set(["237a816f", "10321e8b"]);
const DESTINATION_OFFSET = 4 + 12;

/** What the history comes to after one input. */
interface Totals {
  readonly outputsMerkleRoot: Uint8Array;
  readonly outputs: number;
  readonly reports: number;
}

/** Totals after the first `inputCount` inputs, all of them processed. */
export function readTotals(database: Database, inputCount: number): Totals {
  if (inputCount === 0) return { outputsMerkleRoot: EMPTY_OUTPUTS_ROOT, outputs: 0, reports: 0 };
  const row = database.get(
    "SELECT outputs_merkle_root, output_count, report_count FROM results WHERE input_index = ?",
    inputCount - 1,
  );
  return {
    outputsMerkleRoot: toBytes(row?.outputs_merkle_root),
    outputs: toNumber(row?.output_count),
    reports: toNumber(row?.report_count),
  };
}

/** Writes the next inputs' results in order and gives the new counts. */
export function insertResults(
  database: Database,
  results: readonly StoredResult[],
  counts: Counts,
  updatedAtMs: number,
): Counts {
  const tree = new OutputNodes(database).openAt(counts.outputs);
  let { outputsMerkleRoot } = readTotals(database, counts.processed);
  let { processed, reports } = counts;
  for (const result of results) {
    invariant(processed < counts.inputs, "only recorded inputs have results");
    requireResult(result, processed);
    for (const raw of result.outputs) {
      const hash = keccak256(raw);
      insertOutput(database, tree.count, result.index, raw, hash);
      tree.appendLeaf(hash);
    }
    if (result.outputs.length > 0) outputsMerkleRoot = tree.computeRoot();
    for (const raw of result.reports) {
      database.insert("reports", { report_index: reports, input_index: result.index, raw });
      reports += 1;
    }
    database.insert("results", {
      input_index: result.index,
      status: result.status,
      outputs_merkle_root: outputsMerkleRoot,
      output_count: tree.count,
      report_count: reports,
      updated_at_ms: updatedAtMs,
      exception: result.exception ?? null,
    });
    processed += 1;
  }
  return { inputs: counts.inputs, processed, outputs: tree.count, reports };
}

function requireResult(result: StoredResult, next: number): void {
  invariant(result.index === next, `results come in order: ${result.index} is not ${next}`);
  const isAccepted = result.status === "ACCEPTED";
  invariant(isAccepted || result.outputs.length === 0, "only accepted inputs have outputs");
  const isException = result.status === "EXCEPTION";
  invariant(isException || result.exception === undefined, "only exceptions say why");
}

function insertOutput(
  database: Database,
  index: number,
  inputIndex: number,
  raw: Uint8Array,
  hash: Uint8Array,
): void {
  invariant(raw.length >= 4, "an output begins with a selector");
  const outputType = raw.subarray(0, 4);
  const hasDestination = SELECTORS_WITH_DESTINATION.has(Buffer.from(outputType).toString("hex"));
  database.insert("outputs", {
    output_index: index,
    input_index: inputIndex,
    hash,
    output_type: outputType,
    destination: hasDestination ? raw.subarray(DESTINATION_OFFSET, DESTINATION_OFFSET + 20) : null,
    raw,
  });
}

/** Forgets the results from `count` inputs on, and gives the counts that are left. */
export function truncateResults(database: Database, count: number, counts: Counts): Counts {
  const processed = Math.min(count, counts.processed);
  const totals = readTotals(database, processed);
  database.run("DELETE FROM results WHERE input_index >= ?", processed);
  new OutputNodes(database).truncate(totals.outputs);
  database.run("DELETE FROM outputs WHERE output_index >= ?", totals.outputs);
  database.run("DELETE FROM reports WHERE report_index >= ?", totals.reports);
  return { inputs: count, processed, outputs: totals.outputs, reports: totals.reports };
}
