import { hex } from "../../dapp/engine/operation-context.ts";
import type { Crypto } from "../../spec/crypto.ts";
import type { Hex } from "../../spec/outputs.ts";
import type { AcceptedClaim, ExecutedOutput } from "../chain/chain-input.ts";
import type { ChainReplayer } from "./chain-replayer.ts";

/** An accepted claim with the verdict over it. */
export interface JudgedClaim extends AcceptedClaim {
  readonly epochIndex: number;
  /** The last input that it covers; `undefined` where there is none. */
  readonly lastInputIndex: number | undefined;
  /** How many inputs that it covers were accepted: an output of each names the state's root. */
  readonly acceptedCount: number;
  readonly holds: boolean;
}

/** An executed output with the verdict over it: as a hash, its bytes are on the chain. */
export interface JudgedExecution extends Omit<ExecutedOutput, "output"> {
  /** keccak256 of the executed bytes. */
  readonly outputHash: Hex;
  readonly holds: boolean;
}

/** The first place where the chain and the re-execution differ (kind 5 of our errors: a value). */
export interface ChainDivergence {
  readonly subject: "inputHash" | "claim" | "executedOutput" | "rescannedRoot";
  /** Where the chain says it: a claim stands before what was executed under it. */
  readonly blockNumber: number;
  /** The input from which it follows; `undefined` where no input leads to it. */
  readonly inputIndex: number | undefined;
  /** Of claims. */
  readonly epochIndex?: number;
  /** Of executed outputs. */
  readonly outputIndex?: number;
  /** What the chain says. */
  readonly expected: string;
  /** What was found here. */
  readonly actual: string;
}

/** A claim holds if it says the outputs root after the last input that it covers. */
export function judgeClaim(
  claim: AcceptedClaim,
  replayer: ChainReplayer,
): { readonly claim: JudgedClaim; readonly divergence: ChainDivergence | undefined } {
  const epochIndex = replayer.getEpochIndex(claim.lastProcessedBlockNumber);
  const epoch = replayer.findEpoch(epochIndex);
  const expected = claim.outputsMerkleRoot;
  const actual = epoch?.outputsMerkleRoot ?? replayer.emptyOutputsMerkleRoot;
  const holds = expected === actual;
  const inputIndex = epoch?.lastInputIndex;
  const { blockNumber } = claim;
  const place = { blockNumber, inputIndex, epochIndex };
  return {
    claim: {
      ...{ ...claim, epochIndex, lastInputIndex: inputIndex, holds },
      acceptedCount: epoch?.acceptedCount ?? 0,
    },
    divergence: holds ? undefined : { subject: "claim", ...place, expected, actual },
  };
}

/** An execution holds if its bytes are those of the executable output at its index. */
export function judgeExecution(
  crypto: Crypto,
  { output, ...execution }: ExecutedOutput,
  replayer: ChainReplayer,
): { readonly execution: JudgedExecution; readonly divergence: ChainDivergence | undefined } {
  const { outputIndex, blockNumber } = execution;
  const expected = hex(crypto.keccak256(output));
  const found = replayer.findOutput(outputIndex);
  const actual = found.kind === "voucher" ? found.hash : NOT_EXECUTABLE[found.kind];
  const holds = expected === actual;
  // That there is no such output follows from all inputs.
  const inputIndex = found.kind === "none" ? replayer.lastInputIndex : found.inputIndex;
  const place = { blockNumber, inputIndex, outputIndex };
  return {
    execution: { ...execution, outputHash: expected, holds },
    divergence: holds ? undefined : { subject: "executedOutput", ...place, expected, actual },
  };
}

const NOT_EXECUTABLE = { notice: "a notice, which is not executable", none: "no output" } as const;
