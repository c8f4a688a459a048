import { invariant } from "../../../dapp/engine/invariant.ts";
import type { Hex } from "../../../spec/outputs.ts";
import type { BlockReference, ChainInput, ChainSegment } from "../../chain/chain-input.ts";
import {
  countInputsUpTo,
  deleteClaimsAbove,
  insertAcceptedClaim,
  insertExecution,
  insertInput,
} from "./chain-rows.ts";
import {
  addInputToEpoch,
  forgetSubmissions,
  listEndedEpochs,
  settleEpoch,
  truncateEpochs,
  writeSubmission,
} from "./epoch-rows.ts";
import type { Database } from "./node-database.ts";
import { NO_COUNTS, readCounts, writeCounts, writeHead } from "./node-row.ts";
import {
  type StoredEpoch,
  type StoredResult,
  type StoredSnapshot,
  UNCLAIMED_EPOCHS,
} from "./node-store.ts";
import {
  deletePointsAbove,
  findCheckpoint,
  findSnapshot,
  putCheckpoint,
  putSnapshot,
} from "./restore-points.ts";
import { insertResults, truncateResults } from "./result-rows.ts";
import { selectItems } from "./row-kinds.ts";
import { NodeView } from "./sqlite-node-view.ts";

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
 * Writing: the node's loop. Every method is one transaction, durable when it returns; what it demands
 * of its arguments is asserted inside, so that a caller's bug leaves the file as it was.
 */
export class NodeStore extends NodeView {
  readonly #now: () => number;

  constructor(database: Database, now: () => number) {
    super(database);
    this.#now = now;
  }

  /** The block of the newest checkpoint at or below `number`. Oldest checkpoints may be pruned. */
  findCheckpoint(atOrBelow: number): BlockReference | undefined {
    return findCheckpoint(this.database, atOrBelow);
  }

  /** Records inputs (status `NONE`), claims, executions, and the head; opens and closes epochs. */
  appendSegment(segment: ChainSegment): void {
    this.database.transaction(() => {
      const { database, identity } = this;
      const { epochLength } = identity;
      const { head, inputs, claims, executions } = segment;
      const previous = this.getHead();
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
      addInputToEpoch(this.database, this.#getEpochIndex(input.blockNumber), input.index, nowMs);
      block = input.blockNumber;
      next += 1;
    }
  }

  /** Results of the next inputs in order; extends the output tree; finishes closed epochs. */
  commitResults(results: readonly StoredResult[]): void {
    if (results.length === 0) return;
    this.database.transaction(() => {
      const nowMs = this.#now();
      const counts = readCounts(this.database);
      writeCounts(this.database, insertResults(this.database, results, counts, nowMs));
      // Not all between the first and the last: a chain may have rested for millions of epochs.
      const blockOf = "SELECT block_number FROM inputs WHERE input_index = ?";
      const blocks = results.map(({ index }) => this.database.getNumber(blockOf, index));
      this.#settle(
        blocks.map((block) => this.#getEpochIndex(block)),
        nowMs,
      );
    });
  }

  /** Forgets everything of blocks above `head`: inputs, results, outputs, claims, snapshots. */
  rollBackTo(head: BlockReference): void {
    this.database.transaction(() => {
      const { database, identity } = this;
      const known = findCheckpoint(database, head.number);
      const isKnown = known?.number === head.number && known.hash === head.hash;
      invariant(isKnown, "a rollback ends at a recorded block");

      const inputCount = countInputsUpTo(database, head.number);
      const unclaimed = deleteClaimsAbove(database, head.number);
      const counts = truncateResults(database, inputCount, readCounts(database));
      database.run("DELETE FROM inputs WHERE input_index >= ?", inputCount);
      deletePointsAbove(database, head.number, inputCount);
      const reopened = truncateEpochs(database, inputCount, head.number, identity.epochLength);
      writeCounts(database, counts);
      writeHead(database, head);
      forgetSubmissions(database, [...unclaimed, ...reopened]);
      this.#settle([...unclaimed, ...reopened], this.#now());
    });
  }

  /** Forgets everything: the chain has none of our checkpoints. */
  reset(): void {
    this.database.transaction(() => {
      for (const table of HISTORY_TABLES) this.database.run(`DELETE FROM ${table}`);
      writeCounts(this.database, NO_COUNTS);
      writeHead(this.database, undefined);
    });
  }

  /** Epochs with a computed claim that the chain has not accepted yet, ascending. */
  listUnclaimedEpochs(limit: number): StoredEpoch[] {
    return selectItems(
      this.database,
      UNCLAIMED_EPOCHS,
      `WHERE status IN ('CLAIM_COMPUTED', 'CLAIM_SUBMITTED')
       ORDER BY epochs.epoch_index LIMIT ?`,
      limit,
    );
  }

  /** A claim was handed to the chain: `CLAIM_SUBMITTED`, until a log accepts it or is gone. */
  markClaimSubmitted(epochIndex: number, transactionHash: Hex): void {
    this.database.transaction(() => {
      writeSubmission(this.database, epochIndex, transactionHash, this.#now());
    });
  }

  /** The newest snapshot at or below an input count. */
  findSnapshot(inputCountMax: number): StoredSnapshot | undefined {
    return findSnapshot(this.database, inputCountMax);
  }

  /** Keeps a snapshot, and of the older ones those that a shallow reorganisation may need. */
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
      headNumber: this.getHead()?.number ?? -1,
      processedCount: readCounts(this.database).processed,
      epochLength: this.identity.epochLength,
      nowMs,
    };
    for (const epochIndex of new Set(epochIndices)) {
      settleEpoch(this.database, epochIndex, progress);
    }
  }

  #getEpochIndex(blockNumber: number): number {
    return Math.floor(blockNumber / this.identity.epochLength);
  }
}

function requireWithin(blockNumber: number, { head }: ChainSegment, from: number): void {
  invariant(
    blockNumber > from && blockNumber <= head.number,
    `a segment's logs are of its blocks: ${blockNumber} is not in (${from}, ${head.number}]`,
  );
}
