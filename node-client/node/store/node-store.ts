import type { Hex } from "../../../spec/outputs.ts";
import type { BlockReference, ChainInput, ChainSegment } from "../../chain/chain-input.ts";
import type { ApplicationFacts } from "../../chain/check-contracts.ts";
import type { EpochStatus } from "../../chain/epoch-status.ts";

/** What the node keeps in its SQLite file, and nothing of how. */

/** Which application of which chain a file belongs to: it serves no other. */
export interface NodeIdentity extends ApplicationFacts {
  readonly chainId: number;
  /** X25519 public key of the machine that the results were computed with. */
  readonly machineKey: Hex;
}

/** Statuses of the official node that ours can come to; `NONE` is not processed yet. */
export type InputStatus = "NONE" | "ACCEPTED" | "REJECTED" | "EXCEPTION";

/** What the machine made of one input. */
export interface StoredResult {
  readonly index: number;
  readonly status: Exclude<InputStatus, "NONE">;
  /** Bytes as `encodeOutput` gives them; empty unless accepted. */
  readonly outputs: readonly Uint8Array[];
  readonly reports: readonly Uint8Array[];
  /** What the dApp said when it stopped; of exceptions only. */
  readonly exception?: Uint8Array;
}

export interface StoredInput extends ChainInput {
  readonly epochIndex: number;
  readonly status: InputStatus;
  /** The outputs Merkle root after it, once it is processed. */
  readonly outputsMerkleRoot: Hex | undefined;
  /** Outputs of the application after it, once it is processed. */
  readonly outputCount: number | undefined;
  readonly exception: Uint8Array | undefined;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

export interface StoredOutput {
  /** Since genesis: the leaf of the output tree. */
  readonly index: number;
  readonly inputIndex: number;
  readonly epochIndex: number;
  readonly raw: Uint8Array;
  readonly hash: Hex;
  readonly executionTransactionHash: Hex | undefined;
  readonly createdAtMs: number;
}

export interface StoredReport {
  /** Since genesis, as the official node counts. */
  readonly index: number;
  readonly inputIndex: number;
  readonly epochIndex: number;
  readonly raw: Uint8Array;
  readonly createdAtMs: number;
}

/** An epoch exists from its first input on; blocks without inputs make none. */
export interface StoredEpoch {
  readonly index: number;
  readonly firstBlock: number;
  readonly lastBlock: number;
  readonly inputIndexLowerBound: number;
  /** Exclusive. */
  readonly inputIndexUpperBound: number;
  readonly status: EpochStatus;
  /** Outputs since genesis up to its end; once the claim is computed. */
  readonly outputCount: number | undefined;
  readonly outputsMerkleRoot: Hex | undefined;
  /** Of our sending, or of the event when it was accepted. */
  readonly claimTransactionHash: Hex | undefined;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

/** A restorable machine's state after so many inputs. */
export interface StoredSnapshot {
  readonly inputCount: number;
  readonly root: Hex;
  readonly state: Uint8Array;
}

export interface Page {
  readonly limit: number;
  readonly offset: number;
  readonly descending?: boolean;
}

/** `items` of all that match; `totalCount` counts those. */
export interface Paged<T> {
  readonly items: readonly T[];
  readonly totalCount: number;
}

/** Bounds of an item's own index, both inclusive. */
export interface IndexBounds {
  readonly from?: number;
  readonly to?: number;
}

export interface EpochFilter extends IndexBounds {
  readonly status?: EpochStatus;
}

export interface InputFilter extends IndexBounds {
  readonly epochIndex?: number;
  /** Lower case. */
  readonly sender?: Hex;
}

export interface OutputFilter extends IndexBounds {
  readonly epochIndex?: number;
  readonly inputIndex?: number;
  /** The first four bytes of an output: notice, voucher or delegate call voucher. */
  readonly outputType?: Hex;
  /** The destination of a voucher or delegate call voucher, lower case. */
  readonly voucherAddress?: Hex;
  /** Whether the chain has executed it. */
  readonly executed?: boolean;
}

export interface ReportFilter extends IndexBounds {
  readonly epochIndex?: number;
  readonly inputIndex?: number;
}

/** Reading: what the API serves. Every method is one consistent look at committed rows. */
export interface NodeView {
  getIdentity(): NodeIdentity;
  /** The last block whose logs are recorded; `undefined` before the first. */
  getHead(): BlockReference | undefined;
  /** Recorded inputs. */
  getInputCount(): number;
  /** Inputs with a status other than `NONE`: always a prefix. */
  getProcessedInputCount(): number;
  getOutputCount(): number;
  getInput(index: number): StoredInput | undefined;
  listInputs(filter: InputFilter, page: Page): Paged<StoredInput>;
  getOutput(index: number): StoredOutput | undefined;
  listOutputs(filter: OutputFilter, page: Page): Paged<StoredOutput>;
  /**
   * The 63 siblings of an output, bottom up, in the tree as its own epoch's claim commits to it;
   * `undefined` until that claim is computed.
   */
  getOutputSiblings(outputIndex: number): Hex[] | undefined;
  getReport(index: number): StoredReport | undefined;
  listReports(filter: ReportFilter, page: Page): Paged<StoredReport>;
  getEpoch(index: number): StoredEpoch | undefined;
  listEpochs(filter: EpochFilter, page: Page): Paged<StoredEpoch>;
  /** How many epochs exist from index `from` up to, not including, `to`. */
  countEpochs(from: number, to: number): number;
  getLastAcceptedEpochIndex(): number | undefined;
}

/** Writing: the node's loop. Every method is one transaction, durable when it returns. */
export interface NodeStore extends NodeView {
  /** The block of the newest checkpoint at or below `number`. Oldest checkpoints may be pruned. */
  findCheckpoint(atOrBelow: number): BlockReference | undefined;
  /** Records inputs (status `NONE`), claims, executions, and the head; opens and closes epochs. */
  appendSegment(segment: ChainSegment): void;
  /** Inputs from `from` on with status `NONE` or not, in order, at most `limit`. */
  listInputsFrom(from: number, limit: number): StoredInput[];
  /** Results of the next inputs in order; extends the output tree; finishes closed epochs. */
  commitResults(results: readonly StoredResult[]): void;
  /** Forgets everything of blocks above `head`: inputs, results, outputs, claims, snapshots. */
  rollBackTo(head: BlockReference): void;
  /** Forgets everything: the chain has none of our checkpoints. */
  reset(): void;
  /** Epochs with a computed claim that the chain has not accepted yet, ascending. */
  listUnclaimedEpochs(limit: number): StoredEpoch[];
  /** A claim was handed to the chain: `CLAIM_SUBMITTED`, until a log accepts it or is gone. */
  markClaimSubmitted(epochIndex: number, transactionHash: Hex): void;
  /** The newest snapshot at or below an input count. */
  findSnapshot(inputCountMax: number): StoredSnapshot | undefined;
  /** Keeps a snapshot, and of the older ones those that a shallow reorganisation may need. */
  putSnapshot(snapshot: StoredSnapshot): void;
  close(): void;
}
