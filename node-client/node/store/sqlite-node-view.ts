import type { Hex } from "../../../spec/outputs.ts";
import type { BlockReference } from "../../chain/chain-input.ts";
import { INPUTS, toInputRows } from "./input-rows.ts";
import {
  boundRange,
  EMPTY_RANGE,
  type IndexRange,
  intersectRanges,
  listItems,
  type RowFilter,
  type RowKind,
  readItem,
} from "./list-rows.ts";
import type { Database } from "./node-database.ts";
import { readCounts, readHeadRow, readIdentity } from "./node-row.ts";
import type {
  EpochFilter,
  InputFilter,
  NodeIdentity,
  NodeView,
  OutputFilter,
  Page,
  Paged,
  ReportFilter,
} from "./node-store.ts";
import { OutputNodes } from "./output-nodes.ts";
import { OUTPUTS, REPORTS, toOutputRows } from "./output-rows.ts";
import {
  countEpochRows,
  EPOCHS,
  findLastAccepted,
  getEpochInputs,
  listEpochRows,
} from "./read-epochs.ts";
import { getResultRange } from "./result-rows.ts";

/** The reading half of the store: what the API serves. */
export class SqliteNodeView implements NodeView {
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

  getHead(): BlockReference | undefined {
    return readHeadRow(this.database);
  }

  getInputCount(): number {
    return readCounts(this.database).inputs;
  }

  getProcessedInputCount(): number {
    return readCounts(this.database).processed;
  }

  getOutputCount(): number {
    return readCounts(this.database).outputs;
  }

  getInput(index: number) {
    return readItem(this.database, INPUTS, index, this.identity.epochLength);
  }

  listInputs(filter: InputFilter, page: Page) {
    const range = boundRange(this.#getInputRange(filter.epochIndex, undefined), filter);
    return this.list(INPUTS, toInputRows(filter, range), page);
  }

  getOutput(index: number) {
    return readItem(this.database, OUTPUTS, index, this.identity.epochLength);
  }

  listOutputs(filter: OutputFilter, page: Page) {
    const range = boundRange(this.#getResultRange("outputs", filter), filter);
    return this.list(OUTPUTS, toOutputRows(filter, range), page);
  }

  getOutputSiblings(outputIndex: number): Hex[] | undefined {
    const output = this.getOutput(outputIndex);
    const epoch = output && this.getEpoch(output.epochIndex);
    if (epoch?.outputCount === undefined || epoch.outputsMerkleRoot === undefined) return undefined;
    return this.#outputNodes.getSiblings(outputIndex, epoch.outputCount, epoch.outputsMerkleRoot);
  }

  getReport(index: number) {
    return readItem(this.database, REPORTS, index, this.identity.epochLength);
  }

  listReports(filter: ReportFilter, page: Page) {
    const range = boundRange(this.#getResultRange("reports", filter), filter);
    return this.list(REPORTS, { range, conditions: [], values: [] }, page);
  }

  getEpoch(index: number) {
    return readItem(this.database, EPOCHS, index, this.identity.epochLength);
  }

  listEpochs(filter: EpochFilter, page: Page) {
    return listEpochRows(this.database, filter, page, this.identity.epochLength);
  }

  countEpochs(from: number, to: number): number {
    return countEpochRows(this.database, from, to);
  }

  getLastAcceptedEpochIndex(): number | undefined {
    return findLastAccepted(this.database);
  }

  protected list<Item>(kind: RowKind<Item>, rows: RowFilter, page: Page): Paged<Item> {
    return listItems(this.database, kind, rows, page, this.identity.epochLength);
  }

  #getInputRange(epochIndex: number | undefined, inputIndex: number | undefined): IndexRange {
    let range: IndexRange = { start: 0, end: readCounts(this.database).inputs };
    if (epochIndex !== undefined) {
      range = intersectRanges(range, getEpochInputs(this.database, epochIndex));
    }
    if (inputIndex !== undefined) {
      range = intersectRanges(range, { start: inputIndex, end: inputIndex + 1 });
    }
    return range;
  }

  #getResultRange(kind: "outputs" | "reports", filter: ReportFilter): IndexRange {
    const { processed, outputs, reports } = readCounts(this.database);
    if (filter.epochIndex === undefined && filter.inputIndex === undefined) {
      return { start: 0, end: kind === "outputs" ? outputs : reports };
    }
    const inputs = this.#getInputRange(filter.epochIndex, filter.inputIndex);
    if (inputs.start >= inputs.end) return EMPTY_RANGE;
    return getResultRange(this.database, kind, inputs, processed);
  }
}
