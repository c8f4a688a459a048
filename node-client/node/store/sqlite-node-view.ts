import type { Hex } from "../../../spec/outputs.ts";
import type { BlockReference } from "../../chain/chain-input.ts";
import { type Database, fromHex } from "./node-database.ts";
import { readCounts, readHead, readIdentity } from "./node-row.ts";
import {
  EPOCHS,
  type EpochFilter,
  INPUTS,
  type IndexBounds,
  type InputFilter,
  type NodeIdentity,
  OUTPUTS,
  type OutputFilter,
  REPORTS,
  type ReportFilter,
  type StoredEpoch,
  type StoredInput,
  type StoredOutput,
  type StoredReport,
} from "./node-store.ts";
import { OutputNodes } from "./output-nodes.ts";
import { readTotals } from "./result-rows.ts";
import {
  type Columns,
  EMPTY_RANGE,
  type IndexRange,
  type ItemOf,
  intersectRanges,
  listItems,
  type Page,
  type Paged,
  type RowKind,
  selectItems,
} from "./row-kinds.ts";

/** Executed ones are found by their index: they are few. */
const IS_EXECUTED = `output_index IN (SELECT output_index FROM executions)
  AND hash = (SELECT output_hash FROM executions
    WHERE executions.output_index = outputs.output_index)`;

/**
 * Reading: what the API serves. Every method is one consistent look at committed rows, and nothing
 * that a rollback could make wrong is cached between calls.
 */
export class NodeView {
  protected readonly database: Database;
  /** Fixed when the file is made. */
  protected readonly identity: NodeIdentity;
  readonly #outputNodes: OutputNodes;

  constructor(database: Database) {
    this.database = database;
    this.identity = readIdentity(database);
    this.#outputNodes = new OutputNodes(database);
  }

  getIdentity(): NodeIdentity {
    return this.identity;
  }

  /** The last block whose logs are recorded; `undefined` before the first. */
  getHead(): BlockReference | undefined {
    return readHead(this.database);
  }

  /** Recorded inputs. */
  getInputCount(): number {
    return readCounts(this.database).inputs;
  }

  /** Inputs with a status other than `NONE`: always a prefix. */
  getProcessedInputCount(): number {
    return readCounts(this.database).processed;
  }

  getOutputCount(): number {
    return readCounts(this.database).outputs;
  }

  getInput(index: number): StoredInput | undefined {
    return this.#get(INPUTS, index);
  }

  listInputs(filter: InputFilter, page: Page): Paged<StoredInput> {
    const { sender } = filter;
    const range = bound(this.#getInputRange(filter), filter);
    const equal = { sender: sender && fromHex(sender, 20) };
    return listItems(this.database, INPUTS, { range, equal }, page);
  }

  /** Inputs from `from` on with status `NONE` or not, in order, at most `limit`. */
  listInputsFrom(from: number, limit: number): readonly StoredInput[] {
    const range = { start: from, end: from + limit };
    return listItems(this.database, INPUTS, { range }, { limit, offset: 0 }).items;
  }

  getOutput(index: number): StoredOutput | undefined {
    return this.#get(OUTPUTS, index);
  }

  listOutputs(filter: OutputFilter, page: Page): Paged<StoredOutput> {
    const { outputType, voucherAddress, executed } = filter;
    const equal = {
      output_type: outputType && fromHex(outputType, 4),
      destination: voucherAddress && fromHex(voucherAddress, 20),
    };
    const rows = {
      range: bound(this.#getResultRange("outputs", filter), filter),
      equal,
      only: executed === true ? IS_EXECUTED : undefined,
      except: executed === false ? IS_EXECUTED : undefined,
    };
    return listItems(this.database, OUTPUTS, rows, page);
  }

  /**
   * The 63 siblings of an output, bottom up, in the tree as its own epoch's claim commits to it;
   * `undefined` until that claim is computed.
   */
  getOutputSiblings(outputIndex: number): Hex[] | undefined {
    const output = this.getOutput(outputIndex);
    const epoch = output && this.getEpoch(output.epochIndex);
    if (epoch?.outputCount === undefined || epoch.outputsMerkleRoot === undefined) return undefined;
    return this.#outputNodes.getSiblings(outputIndex, epoch.outputCount, epoch.outputsMerkleRoot);
  }

  getReport(index: number): StoredReport | undefined {
    return this.#get(REPORTS, index);
  }

  listReports(filter: ReportFilter, page: Page): Paged<StoredReport> {
    const range = bound(this.#getResultRange("reports", filter), filter);
    return listItems(this.database, REPORTS, { range }, page);
  }

  getEpoch(index: number): StoredEpoch | undefined {
    return this.#get(EPOCHS, index);
  }

  listEpochs({ status, ...bounds }: EpochFilter, page: Page): Paged<StoredEpoch> {
    const range = bound({ start: 0, end: Number.MAX_SAFE_INTEGER }, bounds);
    return listItems(this.database, EPOCHS, { range, equal: { status } }, page);
  }

  /** How many epochs exist from index `from` up to, not including, `to`. */
  countEpochs(from: number, to: number): number {
    const sql = "SELECT count(*) FROM epochs WHERE epoch_index >= ? AND epoch_index < ?";
    return this.database.getNumber(sql, from, to);
  }

  getLastAcceptedEpochIndex(): number | undefined {
    const [index] = this.database.listNumbers(
      `SELECT epoch_index FROM epochs WHERE status = 'CLAIM_ACCEPTED'
       ORDER BY epoch_index DESC LIMIT 1`,
    );
    return index;
  }

  #get<Of extends Columns>(kind: RowKind<Of>, index: number): ItemOf<Of> | undefined {
    return selectItems(this.database, kind, `WHERE ${kind.table}.${kind.key} = ?`, index)[0];
  }

  #getInputRange({ epochIndex, inputIndex }: ReportFilter): IndexRange {
    let range: IndexRange = { start: 0, end: readCounts(this.database).inputs };
    if (epochIndex !== undefined) {
      const epoch = this.getEpoch(epochIndex);
      if (epoch === undefined) return EMPTY_RANGE;
      const { inputIndexLowerBound: start, inputIndexUpperBound: end } = epoch;
      range = intersectRanges(range, { start, end });
    }
    if (inputIndex === undefined) return range;
    return intersectRanges(range, { start: inputIndex, end: inputIndex + 1 });
  }

  #getResultRange(kind: "outputs" | "reports", filter: ReportFilter): IndexRange {
    const counts = readCounts(this.database);
    if (filter.epochIndex === undefined && filter.inputIndex === undefined) {
      return { start: 0, end: counts[kind] };
    }
    const inputs = this.#getInputRange(filter);
    const end = Math.min(inputs.end, counts.processed);
    if (inputs.start >= end) return EMPTY_RANGE;
    const before = readTotals(this.database, inputs.start);
    return { start: before[kind], end: readTotals(this.database, end)[kind] };
  }
}

/** The indices of a range that lie within a filter's bounds. */
function bound(range: IndexRange, { from = 0, to }: IndexBounds): IndexRange {
  return intersectRanges(range, { start: from, end: to === undefined ? range.end : to + 1 });
}
