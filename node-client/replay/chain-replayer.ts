import { hex } from "../../dapp/engine/operation-context.ts";
import type { Application } from "../../spec/application.ts";
import type { Crypto } from "../../spec/crypto.ts";
import { encodeOutput, type Hex } from "../../spec/outputs.ts";
import { findFirst } from "../find-first.ts";
import type { HistoryInput } from "../history/history-lines.ts";
import { type ReplayedState, Replayer, type ReplayResult } from "./replay-history.ts";

/** An epoch that has inputs, as far as it was re-executed. */
export interface ReplayedEpoch {
  readonly index: number;
  /** Its last input. */
  readonly lastInputIndex: number;
  /** Accepted inputs up to it, those of earlier epochs included. */
  readonly acceptedCount: number;
  /** After that input: what a claim of the epoch has to say. */
  readonly outputsMerkleRoot: Hex;
}

/** What the re-execution put at one place of the output tree. */
export type ReplayedOutput =
  /** `hash` is the keccak256 of the output's bytes. */
  | { readonly kind: "voucher"; readonly inputIndex: number; readonly hash: Hex }
  | { readonly kind: "notice"; readonly inputIndex: number }
  | { readonly kind: "none" };

/**
 * Re-executes the inputs of an application and keeps what claims and executed outputs can be
 * compared with: a root an epoch, a hash a voucher and a number an input. Outputs themselves are
 * not kept, so that any history can be replayed.
 */
export class ChainReplayer {
  readonly #crypto: Crypto;
  readonly #replayer: Replayer;
  readonly #epochLength: number;
  readonly #epochs: ReplayedEpoch[] = [];
  readonly #vouchers = new Map<number, Uint8Array>();
  /** How many outputs there were after each input. */
  readonly #outputEnds: number[] = [];
  #openEpoch: number | undefined;
  /** The outputs Merkle root before the first output. */
  readonly emptyOutputsMerkleRoot: Hex;

  constructor(crypto: Crypto, application: Application, state: ReplayedState, epochLength: number) {
    this.#crypto = crypto;
    this.#replayer = new Replayer(crypto, application, state);
    this.#epochLength = epochLength;
    this.emptyOutputsMerkleRoot = this.#replayer.computeOutputsMerkleRoot();
  }

  /** The last input applied; `undefined` before the first. */
  get lastInputIndex(): number | undefined {
    return this.#replayer.inputCount === 0 ? undefined : this.#replayer.inputCount - 1;
  }

  /** Applies the next input. */
  apply(input: HistoryInput): void {
    const epoch = this.getEpochIndex(input.at.blockNumber);
    if (epoch !== this.#openEpoch) this.#closeEpoch();
    this.#openEpoch = epoch;
    const first = this.#replayer.outputCount;
    const { outputs } = this.#replayer.apply(input);
    outputs.forEach((output, i) => {
      if (output.kind === "notice") return;
      this.#vouchers.set(first + i, this.#crypto.keccak256(encodeOutput(output)));
    });
    this.#outputEnds.push(this.#replayer.outputCount);
  }

  /** The epoch of a block. */
  getEpochIndex(blockNumber: number): number {
    return Math.floor(blockNumber / this.#epochLength);
  }

  /** The last block of an epoch. */
  getLastBlock(epochIndex: number): number {
    return (epochIndex + 1) * this.#epochLength - 1;
  }

  /** Every epoch that has inputs, in order. After `finish`, the last one is among them. */
  listEpochs(): readonly ReplayedEpoch[] {
    return this.#epochs;
  }

  /** The last epoch with inputs at or before this one: its root is what a claim has to say. */
  findEpoch(epochIndex: number): ReplayedEpoch | undefined {
    const after = findFirst(this.#epochs.length, (i) => this.#epochs[i]!.index > epochIndex);
    return this.#epochs[after - 1];
  }

  /** What was put at one place of the output tree. */
  findOutput(outputIndex: number): ReplayedOutput {
    const ends = this.#outputEnds;
    const inputIndex = findFirst(ends.length, (i) => ends[i]! > outputIndex);
    if (inputIndex === ends.length) return { kind: "none" };
    const hash = this.#vouchers.get(outputIndex);
    return hash === undefined
      ? { kind: "notice", inputIndex }
      : { kind: "voucher", inputIndex, hash: hex(hash) };
  }

  /** The figures over all inputs; scans every row. Nothing is applied afterwards. */
  finish(): ReplayResult {
    this.#closeEpoch();
    this.#openEpoch = undefined;
    return this.#replayer.finish();
  }

  #closeEpoch(): void {
    if (this.#openEpoch === undefined) return;
    this.#epochs.push({
      index: this.#openEpoch,
      lastInputIndex: this.#replayer.inputCount - 1,
      acceptedCount: this.#replayer.acceptedCount,
      outputsMerkleRoot: this.#replayer.computeOutputsMerkleRoot(),
    });
  }
}
