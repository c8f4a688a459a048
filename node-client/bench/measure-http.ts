import type { Crypto } from "../../spec/crypto.ts";
import type { DeviceReadings } from "../files/read-readings.ts";
import { HttpMachine } from "../node/machine/http-machine.ts";
import {
  BATCH_READINGS,
  type BenchHistory,
  encodeBenchHistory,
  MACHINE_SECRET,
  tileWeather,
} from "./bench-history.ts";
import { readPeakRssMb } from "./peak-rss.ts";
import { computeMedian } from "./spread.ts";

/** One run of the real bundle over the rollup HTTP API, in a process of its own. */
interface HttpRun {
  readonly readingsPerSec: number;
  readonly inputsPerSec: number;
  /** From starting the process until it asks for its first input, warm-up included. */
  readonly startMs: number;
  /** The most memory the process ever held. */
  readonly peakRssMb: number;
}

const ROOT_QUERY = Buffer.from('{"query":"root"}');

/** Starts the built dApp; `dist/dapp/index.cjs`. */
function startDapp(dappPath: string): Promise<HttpMachine> {
  return HttpMachine.start({
    guest: {
      command: process.execPath,
      args: [dappPath],
      env: { TALLYROLL_MACHINE_KEY: Buffer.from(MACHINE_SECRET).toString("hex") },
    },
  });
}

export async function measureHttpRun(dappPath: string, history: BenchHistory): Promise<HttpRun> {
  const begunMs = performance.now();
  const machine = await startDapp(dappPath);
  try {
    // The first answer comes when the dApp has warmed up and asked for its first input.
    await machine.inspect(ROOT_QUERY);
    const startMs = performance.now() - begunMs;
    for (const { at, payload } of history.setup) await machine.advance(at, payload);
    const firstMs = performance.now();
    for (const { at, payload } of history.batches) {
      const { status } = await machine.advance(at, payload);
      if (status !== "accepted") throw new Error("a batch of the benchmark was refused");
    }
    const seconds = (performance.now() - firstMs) / 1_000;
    return {
      readingsPerSec: history.readingCount / seconds,
      inputsPerSec: history.batches.length / seconds,
      startMs,
      peakRssMb: readPeakRssMb(machine.guestPid),
    };
  } finally {
    await machine.close();
  }
}

/** Devices whose set-up and first batch are timed, one operation an input. */
const FIRST_INPUT_DEVICES = 40;
/** A first input comes once a process: of a single process one spike, here or there, would be the figure. */
const FIRST_INPUT_PROCESSES = 5;

/**
 * The first input of each kind in a fresh process over the median of the later ones of its kind:
 * the worst of the very first input (a registration), the first declaration and the first batch,
 * each as its median over several processes.
 */
export async function measureFirstInput(
  crypto: Crypto,
  dappPath: string,
  stations: readonly DeviceReadings[],
): Promise<number> {
  const readings = tileWeather(stations, FIRST_INPUT_DEVICES, BATCH_READINGS);
  const history = encodeBenchHistory(crypto, readings, undefined, 1);
  const runs: number[][] = [];
  for (let i = 0; i < FIRST_INPUT_PROCESSES; i++) runs.push(await timeFirsts(dappPath, history));
  return Math.max(...[0, 1, 2].map((kind) => computeMedian(runs.map((ratios) => ratios[kind]!))));
}

/** By kind: its first input in a process over the median of the others. */
async function timeFirsts(dappPath: string, { setup, batches }: BenchHistory): Promise<number[]> {
  const machine = await startDapp(dappPath);
  try {
    await machine.inspect(ROOT_QUERY);
    const timesMs: number[] = [];
    for (const { at, payload } of [...setup, ...batches]) {
      const beganMs = performance.now();
      const { status } = await machine.advance(at, payload);
      timesMs.push(performance.now() - beganMs);
      if (status !== "accepted") throw new Error("an input of the benchmark was refused");
    }
    return [0, 1, 2].map((kind) => {
      const start = kind * FIRST_INPUT_DEVICES;
      const [first, ...warm] = timesMs.slice(start, start + FIRST_INPUT_DEVICES);
      return first! / computeMedian(warm);
    });
  } finally {
    await machine.close();
  }
}
