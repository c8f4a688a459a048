import { createApplication } from "../../dapp/engine/create-application.ts";
import { openStore, type SqlStore } from "../../dapp/store/sql-store.ts";
import type { Crypto } from "../../spec/crypto.ts";
import type { HistoryInput } from "../history/history-lines.ts";
import { MACHINE_SECRET } from "./bench-history.ts";
import { EscrowHistory, TRANSITIONS_PER_INPUT } from "./escrow-history.ts";

/** Rounds on each state before any is timed. */
const WARM_UP_ROUNDS = 100;

export interface EscrowGrowthOptions {
  /** Escrows stored in the state that is large, and in the one it is compared with. */
  readonly largeEscrows: number;
  readonly smallEscrows: number;
  readonly runs: number;
  /** Rounds of 100 transitions timed on each state in each run. */
  readonly roundsPerRun: number;
}

/**
 * Escrow transitions a second on one core, one figure a run: inputs of 50 deliveries and inputs of
 * 50 acceptances in turn, each of another of 1,000 escrows, the engine in process.
 *
 * @param options.runs Figures to give.
 * @param options.roundsPerRun Pairs of inputs in each.
 */
export async function measureEscrows(
  crypto: Crypto,
  options: { readonly runs: number; readonly roundsPerRun: number },
): Promise<number[]> {
  const bench = await openEscrows(crypto, 1_000);
  try {
    return Array.from({ length: options.runs }, () => {
      const inputs = bench.nextInputs(options.roundsPerRun);
      return (inputs.length * TRANSITIONS_PER_INPUT * 1_000) / bench.apply(inputs);
    });
  } finally {
    bench.store.close();
  }
}

/**
 * How much dearer a transition becomes with the escrows that are stored: the time on a large state
 * over that on a small one, taken in turns so that both meet the same machine.
 */
export async function measureEscrowGrowth(
  crypto: Crypto,
  options: EscrowGrowthOptions,
): Promise<number[]> {
  const large = await openEscrows(crypto, options.largeEscrows);
  const small = await openEscrows(crypto, options.smallEscrows);
  try {
    return Array.from({ length: options.runs }, () => {
      let largeMs = 0;
      let smallMs = 0;
      // Round by round: whatever slows the machine for a while slows both.
      for (let round = 0; round < options.roundsPerRun; round++) {
        const [smallInputs, largeInputs] = [small.nextInputs(1), large.nextInputs(1)];
        smallMs += small.apply(smallInputs);
        largeMs += large.apply(largeInputs);
      }
      return largeMs / smallMs;
    });
  } finally {
    large.store.close();
    small.store.close();
  }
}

interface EscrowBench {
  readonly store: SqlStore;
  /** The inputs of the next rounds, made before anything is timed. */
  nextInputs(roundCount: number): readonly HistoryInput[];
  /** Milliseconds that the inputs took. */
  apply(inputs: Iterable<HistoryInput>): number;
}

/** A warm application with that many escrows. */
async function openEscrows(crypto: Crypto, escrowCount: number): Promise<EscrowBench> {
  const store = await openStore(crypto);
  const application = createApplication(store, crypto, MACHINE_SECRET);
  const history = new EscrowHistory(crypto, escrowCount);
  const apply = (inputs: Iterable<HistoryInput>): number => {
    const beganMs = performance.now();
    for (const { at, payload } of inputs) {
      const { status, reports } = application.advance(at, payload);
      if (status !== "accepted" || reports.length > 0) {
        throw new Error("an input of the benchmark was refused");
      }
    }
    return performance.now() - beganMs;
  };
  const nextInputs = (roundCount: number): readonly HistoryInput[] =>
    Array.from({ length: roundCount }, () => history.nextRound()).flat();
  apply(history.openAll());
  apply(nextInputs(WARM_UP_ROUNDS));
  return { store, nextInputs, apply };
}
