import type { Crypto } from "../../spec/crypto.ts";
import type { DeviceReadings } from "../files/read-readings.ts";
import { BATCH_READINGS, encodeBenchHistory, tileWeather } from "./bench-history.ts";
import { measureRatio, openTimed } from "./timed-application.ts";

interface GrowthOptions {
  readonly deviceCount: number;
  /** Readings in the state that is large, and in the one it is compared with. */
  readonly largeReadings: number;
  readonly smallReadings: number;
  readonly runs: number;
  /** Inputs timed on each state in each run. */
  readonly inputsPerRun: number;
}

/**
 * How much dearer an input becomes with the state: the mean time of the same kind of inputs on a
 * large state over that on a small one, taken in turns so that both meet the same machine.
 */
export async function measureGrowth(
  crypto: Crypto,
  stations: readonly DeviceReadings[],
  options: GrowthOptions,
): Promise<number[]> {
  const timedCount = options.runs * options.inputsPerRun;
  const largeBatches = Math.ceil(options.largeReadings / BATCH_READINGS);
  const smallBatches = Math.ceil(options.smallReadings / BATCH_READINGS);
  const batchesPerDevice = Math.ceil((largeBatches + timedCount) / options.deviceCount);
  const readings = tileWeather(stations, options.deviceCount, batchesPerDevice * BATCH_READINGS);
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
    for (let run = 0; run < options.runs; run++) {
      const from = run * options.inputsPerRun;
      const firsts = { large: largeBatches + from, small: smallBatches };
      const inputsOf = (state: "large" | "small", turn: number) =>
        batches.slice(firsts[state] + turn, firsts[state] + turn + 1);
      ratios.push(measureRatio(large, small, options.inputsPerRun, inputsOf));
      small.store.restore(smallSnapshot);
    }
    return ratios;
  } finally {
    large.store.close();
    small.store.close();
  }
}
