import type { Crypto } from "../../spec/crypto.ts";
import {
  BATCH_READINGS,
  type BenchHistory,
  encodeBenchHistory,
  tileWeather,
} from "./bench-history.ts";
import type { BenchContext } from "./figure-series.ts";
import { measureRatio, openTimed } from "./timed-application.ts";

/** Readings in the state that a large one is compared with. */
const SMALL_READINGS = 10_000;
/** Inputs timed on each state in each run. */
const INPUTS_PER_RUN = 200;

/** Bytes of the state's pages, indices and all, that a reading takes up. */
export async function measureStateBytes(
  crypto: Crypto,
  { setup, batches, readingCount }: BenchHistory,
): Promise<number> {
  const { store, apply } = await openTimed(crypto);
  try {
    apply(setup);
    const before = store.countBytes();
    apply(batches);
    return (store.countBytes() - before) / readingCount;
  } finally {
    store.close();
  }
}

/**
 * How much dearer an input becomes with the state: the mean time of the same kind of inputs on a
 * large state over that on a small one, taken in turns so that both meet the same machine.
 */
export async function measureGrowth(
  { crypto, stations, quick, runs }: BenchContext,
  deviceCount: number,
): Promise<number[]> {
  const largeBatches = Math.ceil((quick ? 100_000 : 1_000_000) / BATCH_READINGS);
  const smallBatches = Math.ceil(SMALL_READINGS / BATCH_READINGS);
  const batchesPerDevice = Math.ceil((largeBatches + runs * INPUTS_PER_RUN) / deviceCount);
  const readings = tileWeather(stations, deviceCount, batchesPerDevice * BATCH_READINGS);
  const { setup, batches } = encodeBenchHistory(crypto, readings);

  const large = await openTimed(crypto);
  const small = await openTimed(crypto);
  try {
    large.apply(setup);
    small.apply(setup);
    large.apply(batches.slice(0, largeBatches));
    small.apply(batches.slice(0, smallBatches));
    const smallSnapshot = small.store.snapshot();
    const ratios: number[] = [];
    for (let run = 0; run < runs; run++) {
      const from = run * INPUTS_PER_RUN;
      const firsts = { large: largeBatches + from, small: smallBatches };
      const inputsOf = (state: "large" | "small", turn: number) =>
        batches.slice(firsts[state] + turn, firsts[state] + turn + 1);
      ratios.push(measureRatio(large, small, INPUTS_PER_RUN, inputsOf));
      small.store.restore(smallSnapshot);
    }
    return ratios;
  } finally {
    large.store.close();
    small.store.close();
  }
}
