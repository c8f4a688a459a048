import { createApplication } from "../../dapp/engine/create-application.ts";
import { openStore, type SqlStore } from "../../dapp/store/sql-store.ts";
import type { Crypto } from "../../spec/crypto.ts";
import type { DeviceReadings } from "../files/read-readings.ts";
import type { HistoryInput } from "../history/history-lines.ts";
import {
  BATCH_READINGS,
  encodeBenchHistory,
  MACHINE_SECRET,
  tileWeather,
} from "./bench-history.ts";

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

  const large = await openTimed(crypto, setup);
  const small = await openTimed(crypto, setup);
  try {
    large.apply(batches.slice(0, largeBatches));
    small.apply(batches.slice(0, smallBatches));
    const smallSnapshot = small.store.snapshot();
    const ratios: number[] = [];
    for (let run = 0; run < options.runs; run++) {
      const from = run * options.inputsPerRun;
      const largeInputs = batches.slice(
        largeBatches + from,
        largeBatches + from + options.inputsPerRun,
      );
      const smallInputs = batches.slice(smallBatches, smallBatches + options.inputsPerRun);
      let largeMs = 0;
      let smallMs = 0;
      // Input by input: whatever slows the machine for a while slows both.
      for (let i = 0; i < options.inputsPerRun; i++) {
        smallMs += small.apply(smallInputs.slice(i, i + 1));
        largeMs += large.apply(largeInputs.slice(i, i + 1));
      }
      ratios.push(largeMs / smallMs);
      small.store.restore(smallSnapshot);
    }
    return ratios;
  } finally {
    large.store.close();
    small.store.close();
  }
}

interface TimedApplication {
  readonly store: SqlStore;
  /** Milliseconds that the inputs took. */
  apply(inputs: readonly HistoryInput[]): number;
}

async function openTimed(
  crypto: Crypto,
  setup: readonly HistoryInput[],
): Promise<TimedApplication> {
  const store = await openStore(crypto);
  const application = createApplication(store, crypto, MACHINE_SECRET);
  const apply = (inputs: readonly HistoryInput[]): number => {
    const beganMs = performance.now();
    for (const { at, payload } of inputs) {
      const { status } = application.advance(at, payload);
      if (status !== "accepted") throw new Error("an input of the benchmark was refused");
    }
    return performance.now() - beganMs;
  };
  apply(setup);
  return { store, apply };
}
