import type { Hex } from "../../spec/outputs.ts";

/** A block as far as it identifies a chain's history. */
export interface BlockReference {
  readonly number: number;
  readonly hash: Hex;
}

/** One `InputAdded` of the InputBox for one application, as a log gave it. */
export interface ChainInput {
  readonly index: number;
  readonly blockNumber: number;
  readonly blockHash: Hex;
  readonly transactionHash: Hex;
  /** The EvmAdvance blob, whose keccak256 is the InputBox's input hash. */
  readonly blob: Uint8Array;
}

/** One `ClaimAccepted` of the application's consensus. */
export interface AcceptedClaim {
  readonly blockNumber: number;
  readonly transactionHash: Hex;
  readonly lastProcessedBlockNumber: number;
  readonly outputsMerkleRoot: Hex;
}

/** One `OutputExecuted` of the application. */
export interface ExecutedOutput {
  readonly blockNumber: number;
  readonly transactionHash: Hex;
  readonly outputIndex: number;
  /** The executed output's bytes. */
  readonly output: Uint8Array;
}

/** What was found between two heads of the chain. */
export interface ChainSegment {
  /** The block up to which the logs were read, inclusive: becomes the head and a checkpoint. */
  readonly head: BlockReference;
  /** Contiguous, beginning at the count of inputs that were known before. */
  readonly inputs: readonly ChainInput[];
  readonly claims: readonly AcceptedClaim[];
  readonly executions: readonly ExecutedOutput[];
}
