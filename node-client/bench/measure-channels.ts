import { createApplication } from "../../dapp/engine/create-application.ts";
import { openStore, type SqlStore } from "../../dapp/store/sql-store.ts";
import type { Crypto } from "../../spec/crypto.ts";
import type { HistoryInput } from "../history/history-lines.ts";
import { MACHINE_SECRET } from "./bench-history.ts";
import { ChannelHistory, CLAIMS_PER_INPUT } from "./channel-history.ts";

/** Inputs on each state before any is timed. */
const WARM_UP_INPUTS = 20;

export interface ChannelFigures {
  /** Claims a second on one core, one figure a run: multi-claims of 50, the engine in process. */
  readonly claimsPerSec: readonly number[];
  /** Payload bytes of a multi-claim over its claims. */
  readonly bytesPerClaim: number;
}

/**
 * How fast the machine redeems payments, each of another channel and under a signature of its own,
 * and what they cost in calldata.
 *
 * @param options.runs Figures to give.
 * @param options.inputsPerRun Multi-claims of 50 in each.
 */
export async function measureChannels(
  crypto: Crypto,
  options: { readonly runs: number; readonly inputsPerRun: number },
): Promise<ChannelFigures> {
  const bench = await openChannels(crypto, 1_000);
  try {
    const claimsPerSec: number[] = [];
    let payloadBytes = 0;
    for (let run = 0; run < options.runs; run++) {
      const inputs = bench.nextInputs(options.inputsPerRun);
      for (const { payload } of inputs) payloadBytes += payload.length;
      const claimCount = inputs.length * CLAIMS_PER_INPUT;
      claimsPerSec.push((claimCount * 1_000) / bench.apply(inputs));
    }
    const claimCount = options.runs * options.inputsPerRun * CLAIMS_PER_INPUT;
    return { claimsPerSec, bytesPerClaim: payloadBytes / claimCount };
  } finally {
    bench.store.close();
  }
}

export interface ChannelGrowthOptions {
  /** Channels stored in the state that is large, and in the one it is compared with. */
  readonly largeChannels: number;
  readonly smallChannels: number;
  readonly runs: number;
  /** Multi-claims of 50 timed on each state in each run. */
  readonly inputsPerRun: number;
}

/**
 * How much dearer a multi-claim becomes with the channels that are stored: the mean time on a large
 * state over that on a small one, taken in turns so that both meet the same machine.
 */
export async function measureChannelGrowth(
  crypto: Crypto,
  options: ChannelGrowthOptions,
): Promise<number[]> {
  const large = await openChannels(crypto, options.largeChannels);
  const small = await openChannels(crypto, options.smallChannels);
  try {
    const ratios: number[] = [];
    for (let run = 0; run < options.runs; run++) {
      const largeInputs = large.nextInputs(options.inputsPerRun);
      const smallInputs = small.nextInputs(options.inputsPerRun);
      let largeMs = 0;
      let smallMs = 0;
      // Input by input: whatever slows the machine for a while slows both.
      for (let i = 0; i < options.inputsPerRun; i++) {
        smallMs += small.apply(smallInputs.slice(i, i + 1));
        largeMs += large.apply(largeInputs.slice(i, i + 1));
      }
      ratios.push(largeMs / smallMs);
    }
    return ratios;
  } finally {
    large.store.close();
    small.store.close();
  }
}

interface ChannelBench {
  readonly store: SqlStore;
  /** The next multi-claims, signed before anything is timed. */
  nextInputs(count: number): readonly HistoryInput[];
  /** Milliseconds that the inputs took. */
  apply(inputs: Iterable<HistoryInput>): number;
}

/** A warm application with that many channels. */
async function openChannels(crypto: Crypto, channelCount: number): Promise<ChannelBench> {
  const store = await openStore(crypto);
  const application = createApplication(store, crypto, MACHINE_SECRET);
  const history = new ChannelHistory(crypto, channelCount);
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
  const nextInputs = (count: number): readonly HistoryInput[] =>
    Array.from({ length: count }, () => history.nextMultiClaim());
  apply(history.openAll());
  apply(nextInputs(WARM_UP_INPUTS));
  return { store, nextInputs, apply };
}
