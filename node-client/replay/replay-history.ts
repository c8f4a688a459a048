import { hex } from "../../dapp/engine/operation-context.ts";
import type { Application } from "../../spec/application.ts";
import type { Crypto } from "../../spec/crypto.ts";
import { type AdvanceResult, encodeOutput, type Hex } from "../../spec/outputs.ts";
import { OutputTree } from "../chain/output-tree.ts";
import { groupBy } from "../group-by.ts";
import type { HistoryInput } from "../history/history-lines.ts";

/** In a claim's `inputIndex`: before the first input. */
export const GENESIS_INDEX = -1;

/** What somebody says the state or the outputs are once an input has been applied. */
export interface Claim {
  /** Or `GENESIS_INDEX`, where `root` is the genesis root (spec §6.7): it says of which key all is. */
  readonly inputIndex: number;
  readonly root?: Hex;
  readonly outputsMerkleRoot?: Hex;
}

/** The first place where a claim and the re-execution differ (kind 5 of our errors: a value). */
export interface Divergence {
  readonly inputIndex: number;
  readonly subject: "genesisRoot" | "root" | "outputsMerkleRoot" | "rescannedRoot" | "missingInput";
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
  /**
   * A claim that no other key could meet holds: it is of the state's root, or of outputs, with that
   * root in them.
   */
  readonly isKeyProved: boolean;
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
export class Replayer {
  readonly #application: Application;
  readonly #state: ReplayedState;
  readonly #tree: OutputTree;
  readonly #claims: readonly Claim[];
  readonly #claimsByInput: ReadonlyMap<number, readonly Claim[]>;
  readonly #judged: (Claim & { holds: boolean })[] = [];
  #divergence: Divergence | undefined;
  #inputCount = 0;
  #accepted = 0;
  #isKeyProved = false;

  constructor(
    crypto: Crypto,
    application: Application,
    state: ReplayedState,
    claims: readonly Claim[] = [],
  ) {
    this.#application = application;
    this.#state = state;
    this.#tree = new OutputTree(crypto);
    this.#claims = claims;
    this.#claimsByInput = groupBy(claims, ({ inputIndex }) => inputIndex);
    this.#judgeClaims(GENESIS_INDEX);
  }

  /** Inputs applied so far. */
  get inputCount(): number {
    return this.#inputCount;
  }

  /** Those of them that were accepted. */
  get acceptedCount(): number {
    return this.#accepted;
  }

  /** Outputs so far: the next one has this index. */
  get outputCount(): number {
    return this.#tree.count;
  }

  /** The outputs Merkle root so far: what a claim after the last input has to say. */
  computeOutputsMerkleRoot(): Hex {
    return hex(this.#tree.computeRoot());
  }

  /** Applies the next input. */
  apply({ at, payload }: HistoryInput): AdvanceResult {
    const result = this.#application.advance(at, payload);
    if (result.status === "accepted") this.#accepted += 1;
    for (const output of result.outputs) this.#tree.append(encodeOutput(output));
    this.#judgeClaims(this.#inputCount);
    this.#inputCount += 1;
    return result;
  }

  /** The verdict over all inputs applied so far. */
  finish(): ReplayResult {
    const inputs = this.#inputCount;
    const unreached = this.#claims.filter((claim) => claim.inputIndex >= inputs);
    const [first] = unreached;
    if (first !== undefined) {
      this.#divergence ??= {
        inputIndex: first.inputIndex,
        subject: "missingInput",
        expected: `input ${first.inputIndex}`,
        actual: `a history of ${inputs} inputs`,
      };
    }
    const root = hex(this.#state.getRoot());
    const rescanned = hex(this.#state.rescanRoot());
    if (rescanned !== root) {
      const inputIndex = Math.max(0, inputs - 1);
      const subject = "rescannedRoot";
      this.#divergence ??= { inputIndex, subject, expected: rescanned, actual: root };
    }
    return {
      inputs,
      accepted: this.#accepted,
      rejected: inputs - this.#accepted,
      outputs: this.#tree.count,
      root,
      outputsMerkleRoot: this.computeOutputsMerkleRoot(),
      isKeyProved: this.#isKeyProved,
      claims: [...this.#judged, ...unreached.map((claim) => ({ ...claim, holds: false }))],
      divergence: this.#divergence,
    };
  }

  #judgeClaims(inputIndex: number): void {
    for (const claim of this.#claimsByInput.get(inputIndex) ?? []) {
      const found = findDivergence(claim, this.#state, this.#tree);
      const holds = found === undefined;
      this.#judged.push({ ...claim, holds });
      this.#divergence ??= found;
      // Each accepted input leaves an output that names the root; what was refused leaves none.
      if (holds && (claim.root !== undefined || this.#accepted > 0)) this.#isKeyProved = true;
    }
  }
}

/** Replays a whole history on this thread. */
export function replayHistory(
  crypto: Crypto,
  application: Application,
  state: ReplayedState,
  inputs: Iterable<HistoryInput>,
  claims: readonly Claim[] = [],
): ReplayResult {
  const replayer = new Replayer(crypto, application, state, claims);
  for (const input of inputs) replayer.apply(input);
  return replayer.finish();
}

function findDivergence(
  claim: Claim,
  state: ReplayedState,
  tree: OutputTree,
): Divergence | undefined {
  const { inputIndex } = claim;
  const root = hex(state.getRoot());
  if (claim.root !== undefined && claim.root !== root) {
    const subject = inputIndex === GENESIS_INDEX ? "genesisRoot" : "root";
    return { inputIndex, subject, expected: claim.root, actual: root };
  }
  const { outputsMerkleRoot: expected } = claim;
  if (expected === undefined) return undefined;
  const actual = hex(tree.computeRoot());
  if (expected === actual) return undefined;
  return { inputIndex, subject: "outputsMerkleRoot", expected, actual };
}
