import { invariant } from "../../../dapp/engine/invariant.ts";
import type { Hex } from "../../../spec/outputs.ts";
import type { BlockReference, ChainInput, ChainSegment } from "../../chain/chain-input.ts";
import { deleteCheckpointsAbove, findCheckpoint, putCheckpoint } from "./checkpoints.ts";
import { deleteClaimsAbove, insertAcceptedClaim, insertExecution } from "./claim-rows.ts";
import {
  addInputToEpoch,
  forgetSubmissions,
  listEndedEpochs,
  settleEpoch,
  truncateEpochs,
  writeSubmission,
} from "./epoch-rows.ts";
import {
  countInputsUpTo,
  getInputBlock,
  INPUTS,
  insertInput,
  toInputRows,
  truncateInputs,
} from "./input-rows.ts";
import type { Database } from "./node-database.ts";
import { readCounts, readHeadRow, writeCounts, writeHead } from "./node-row.ts";
import type { NodeStore, StoredResult, StoredSnapshot } from "./node-store.ts";
import { listUnclaimedEpochRows } from "./read-epochs.ts";
import { insertResults, truncateResults } from "./result-rows.ts";
import { findSnapshot, putSnapshot, truncateSnapshots } from "./snapshots.ts";
import { SqliteNodeView } from "./sqlite-node-view.ts";

/** Emptied in this order: what refers before what is referred to. */
const HISTORY_TABLES = [
  "snapshots",
  "executions",
  "accepted_claims",
  "epochs",
  "reports",
  "output_nodes",
  "outputs",
  "results",
  "inputs",
  "checkpoints",
] as const;

/**
 * `NodeStore` over one SQLite file. Every method is one transaction; what it demands of its
 * arguments is asserted inside, so that a caller's bug leaves the file as it was. Nothing that a
 * rollback could make wrong is cached between calls.
 */
export class SqliteNodeStore extends SqliteNodeView implements NodeStore {
  readonly #now: () => number;

  constructor(database: Database, now: () => number) {
    super(database);
    this.#now = now;
  }

  findCheckpoint(atOrBelow: number): BlockReference | undefined {
    return findCheckpoint(this.database, atOrBelow);
  }

  appendSegment(segment: ChainSegment): void {
    this.database.transaction(() => {
      const { database, identity } = this;
      const { epochLength } = identity;
      const { head, inputs, claims, executions } = segment;
      const previous = readHeadRow(database);
      // Inputs may be older than the application, and a reorganised chain may be shorter than it.
      const from = previous?.number ?? -1;
      invariant(head.number > from, "the head rises");
      for (const { blockNumber } of [...claims, ...executions])
        requireWithin(blockNumber, segment, from);

      const nowMs = this.#now();
      const counts = readCounts(database);
      this.#insertInputs(inputs, counts.inputs, from, segment, nowMs);
      writeCounts(database, { ...counts, inputs: counts.inputs + inputs.length });
      for (const execution of executions) insertExecution(database, execution);
      const claimed = claims.map((claim) => insertAcceptedClaim(database, claim, epochLength));
      writeHead(database, head);
      putCheckpoint(database, head, previous?.number);
      this.#settle([...listEndedEpochs(database, head.number, epochLength), ...claimed], nowMs);
    });
  }

  #insertInputs(
    inputs: readonly ChainInput[],
    inputCount: number,
    from: number,
    segment: ChainSegment,
    nowMs: number,
  ): void {
    let next = inputCount;
    let block = from + 1;
    for (const input of inputs) {
      invariant(input.index === next, `inputs are contiguous: ${input.index} is not ${next}`);
      requireWithin(input.blockNumber, segment, from);
      invariant(input.blockNumber >= block, "blocks rise with the inputs");
      insertInput(this.database, input, nowMs);
      const epochIndex = Math.floor(input.blockNumber / this.identity.epochLength);
      addInputToEpoch(this.database, epochIndex, input.index, nowMs);
      block = input.blockNumber;
      next += 1;
    }
  }

  listInputsFrom(from: number, limit: number) {
    const range = { start: from, end: from + limit };
    return [...this.list(INPUTS, toInputRows({}, range), { limit, offset: 0 }).items];
  }

  commitResults(results: readonly StoredResult[]): void {
    if (results.length === 0) return;
    this.database.transaction(() => {
      const counts = readCounts(this.database);
      const nowMs = this.#now();
      const after = insertResults(this.database, results, counts, nowMs);
      writeCounts(this.database, after);
      // Not all between the first and the last: a chain may have rested for millions of epochs.
      const touched = results.map(({ index }) => this.#getEpochIndex(index));
      this.#settle(touched, nowMs);
    });
  }

  rollBackTo(head: BlockReference): void {
    this.database.transaction(() => {
      const { database, identity } = this;
      const known = findCheckpoint(database, head.number);
      const isKnown = known?.number === head.number && known.hash === head.hash;
      invariant(isKnown, "a rollback ends at a recorded block");

      const inputCount = countInputsUpTo(database, head.number);
      const unclaimed = deleteClaimsAbove(database, head.number);
      const counts = truncateResults(database, inputCount, readCounts(database));
      truncateInputs(database, inputCount);
      truncateSnapshots(database, inputCount);
      const reopened = truncateEpochs(database, inputCount, head.number, identity.epochLength);
      deleteCheckpointsAbove(database, head.number);
      writeCounts(database, counts);
      writeHead(database, head);
      forgetSubmissions(database, [...unclaimed, ...reopened]);
      this.#settle([...unclaimed, ...reopened], this.#now());
    });
  }

  reset(): void {
    this.database.transaction(() => {
      for (const table of HISTORY_TABLES) this.database.run(`DELETE FROM ${table}`);
      writeCounts(this.database, { inputs: 0, processed: 0, outputs: 0, reports: 0 });
      writeHead(this.database, undefined);
    });
  }

  listUnclaimedEpochs(limit: number) {
    return listUnclaimedEpochRows(this.database, limit, this.identity.epochLength);
  }

  markClaimSubmitted(epochIndex: number, transactionHash: Hex): void {
    this.database.transaction(() => {
      writeSubmission(this.database, epochIndex, transactionHash, this.#now());
    });
  }

  findSnapshot(inputCountMax: number): StoredSnapshot | undefined {
    return findSnapshot(this.database, inputCountMax);
  }

  putSnapshot(snapshot: StoredSnapshot): void {
    this.database.transaction(() => {
      const { processed } = readCounts(this.database);
      invariant(snapshot.inputCount <= processed, "a snapshot holds processed inputs only");
      putSnapshot(this.database, snapshot);
    });
  }

  close(): void {
    this.database.close();
  }

  #settle(epochIndices: readonly number[], nowMs: number): void {
    const progress = {
      headNumber: readHeadRow(this.database)?.number ?? -1,
      processedCount: readCounts(this.database).processed,
      epochLength: this.identity.epochLength,
      nowMs,
    };
    for (const epochIndex of new Set(epochIndices)) {
      settleEpoch(this.database, epochIndex, progress);
    }
  }

  #getEpochIndex(inputIndex: number): number {
    return Math.floor(getInputBlock(this.database, inputIndex) / this.identity.epochLength);
  }
}

function requireWithin(blockNumber: number, { head }: ChainSegment, from: number): void {
  invariant(
    blockNumber > from && blockNumber <= head.number,
    `a segment's logs are of its blocks: ${blockNumber} is not in (${from}, ${head.number}]`,
  );
}
