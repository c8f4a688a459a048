import type { Application } from "../../dapp/application.ts";
import { hex } from "../../dapp/engine/operation-context.ts";
import type { Crypto } from "../../spec/crypto.ts";
import { encodeOutput, type Hex } from "../../spec/outputs.ts";
import type { HistoryInput } from "../history/history-lines.ts";
import { OutputTree } from "./output-tree.ts";

/** What somebody says the state or the outputs are once an input has been applied. */
export interface Claim {
  readonly inputIndex: number;
  readonly root?: Hex;
  readonly outputsMerkleRoot?: Hex;
}

/** The first place where a claim and the re-execution differ (kind 5 of our errors: a value). */
export interface Divergence {
  readonly inputIndex: number;
  readonly subject: "root" | "outputsMerkleRoot" | "rescannedRoot" | "missingInput";
  readonly expected: string;
  readonly actual: string;
}

export interface ReplayResult {
  readonly inputs: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly outputs: number;
  readonly root: Hex;
  readonly outputsMerkleRoot: Hex;
  readonly claims: readonly (Claim & { readonly holds: boolean })[];
  /** The earliest one; `undefined` when every claim holds and the rescan gives the root. */
  readonly divergence: Divergence | undefined;
}

/** The parts a replay needs of a store. */
export interface ReplayedState {
  getRoot(): Uint8Array;
  rescanRoot(): Uint8Array;
}

/**
 * Re-executes a history from the empty state, checks every claim where it applies, and in the end
 * scans all rows to prove the incremental root.
 */
export function replayHistory(
  crypto: Crypto,
  application: Application,
  state: ReplayedState,
  inputs: Iterable<HistoryInput>,
  claims: readonly Claim[] = [],
): ReplayResult {
  const tree = new OutputTree(crypto);
  const claimsByInput = groupClaims(claims);
  const judged: (Claim & { holds: boolean })[] = [];
  let divergence: Divergence | undefined;
  const judge = (claim: Claim): boolean => {
    const found = findDivergence(claim, state, tree);
    divergence ??= found;
    return found === undefined;
  };

  let inputCount = 0;
  let accepted = 0;
  for (const { at, payload } of inputs) {
    const result = application.advance(at, payload);
    if (result.status === "accepted") accepted += 1;
    for (const output of result.outputs) tree.append(encodeOutput(output));
    for (const claim of claimsByInput.get(inputCount) ?? []) {
      judged.push({ ...claim, holds: judge(claim) });
    }
    inputCount += 1;
  }
  for (const claim of claims) {
    if (claim.inputIndex < inputCount) continue;
    judged.push({ ...claim, holds: false });
    divergence ??= {
      inputIndex: claim.inputIndex,
      subject: "missingInput",
      expected: `input ${claim.inputIndex}`,
      actual: `a history of ${inputCount} inputs`,
    };
  }
  const root = hex(state.getRoot());
  const rescanned = hex(state.rescanRoot());
  if (rescanned !== root) {
    const inputIndex = Math.max(0, inputCount - 1);
    const subject = "rescannedRoot";
    divergence ??= { inputIndex, subject, expected: rescanned, actual: root };
  }
  return {
    inputs: inputCount,
    accepted,
    rejected: inputCount - accepted,
    outputs: tree.count,
    root,
    outputsMerkleRoot: hex(tree.computeRoot()),
    claims: judged,
    divergence,
  };
}

function groupClaims(claims: readonly Claim[]): Map<number, Claim[]> {
  const groups = new Map<number, Claim[]>();
  for (const claim of claims) {
    const group = groups.get(claim.inputIndex);
    if (group === undefined) groups.set(claim.inputIndex, [claim]);
    else group.push(claim);
  }
  return groups;
}

function findDivergence(
  claim: Claim,
  state: ReplayedState,
  tree: OutputTree,
): Divergence | undefined {
  const { inputIndex } = claim;
  const root = hex(state.getRoot());
  if (claim.root !== undefined && claim.root !== root) {
    return { inputIndex, subject: "root", expected: claim.root, actual: root };
  }
  if (claim.outputsMerkleRoot === undefined) return undefined;
  const outputs = hex(tree.computeRoot());
  return claim.outputsMerkleRoot === outputs
    ? undefined
    : {
        inputIndex,
        subject: "outputsMerkleRoot",
        expected: claim.outputsMerkleRoot,
        actual: outputs,
      };
}
