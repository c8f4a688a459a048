import type { Crypto } from "../../spec/crypto.ts";
import type { InputContext } from "../../spec/input.ts";
import type { DeviceReadings } from "../files/read-readings.ts";
import type { HistoryInput } from "../history/history-lines.ts";
import type { GuestCommand } from "../node/machine/guest-process.ts";
import { HttpMachine } from "../node/machine/http-machine.ts";
import {
  BATCH_READINGS,
  type BenchHistory,
  encodeBenchHistory,
  MACHINE_SECRET,
  tileWeather,
} from "./bench-history.ts";
import { computeMedian, readPeakRssMb } from "./figure-series.ts";

const ROOT_QUERY = Buffer.from('{"query":"root"}');

/** Work with a dApp, `args` run by Node, until it ends. */
async function withDapp<Result>(
  guest: Pick<GuestCommand, "args" | "env">,
  work: (machine: HttpMachine) => Promise<Result>,
): Promise<Result> {
  const machine = await HttpMachine.start({ guest: { command: process.execPath, ...guest } });
  try {
    return await work(machine);
  } finally {
    await machine.close();
  }
}

/** The built dApp, `dist/dapp/index.cjs`. */
const ourDapp = (dappPath: string): Pick<GuestCommand, "args" | "env"> => ({
  args: [dappPath],
  env: { TALLYROLL_MACHINE_KEY: Buffer.from(MACHINE_SECRET).toString("hex") },
});

/** Milliseconds that each input took, one after the other. */
async function timeInputs(machine: HttpMachine, inputs: Iterable<HistoryInput>): Promise<number[]> {
  const timesMs: number[] = [];
  for (const { at, payload } of inputs) {
    const beganMs = performance.now();
    const { status } = await machine.advance(at, payload);
    timesMs.push(performance.now() - beganMs);
    if (status !== "accepted") throw new Error("an input of the benchmark was refused");
  }
  return timesMs;
}

/** One run of the real bundle over the rollup HTTP API, in a process of its own. */
export async function measureHttpRun(dappPath: string, history: BenchHistory) {
  const begunMs = performance.now();
  return await withDapp(ourDapp(dappPath), async (machine) => {
    // The first answer comes when the dApp has warmed up and asked for its first input.
    await machine.inspect(ROOT_QUERY);
    const startMs = performance.now() - begunMs;
    await timeInputs(machine, history.setup);
    const firstMs = performance.now();
    await timeInputs(machine, history.batches);
    const seconds = (performance.now() - firstMs) / 1_000;
    return {
      readingsPerSec: history.readingCount / seconds,
      inputsPerSec: history.batches.length / seconds,
      // From starting the process until it asks for its first input, warm-up included.
      startMs,
      // The most memory the process ever held.
      peakRssMb: readPeakRssMb(machine.guestPid),
    };
  });
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
  const timesMs = await withDapp(ourDapp(dappPath), async (machine) => {
    await machine.inspect(ROOT_QUERY);
    return await timeInputs(machine, [...setup, ...batches]);
  });
  return [0, 1, 2].map((kind) => {
    const start = kind * FIRST_INPUT_DEVICES;
    const [first, ...warm] = timesMs.slice(start, start + FIRST_INPUT_DEVICES);
    return first! / computeMedian(warm);
  });
}

/** The size of a batch of 128 weather readings, and of the notice that commits to it. */
const PAYLOAD_BYTES = 920;
const NOTICE_BYTES = 292;
/** Both ends have compiled their loops by then. */
const WARM_UP_INPUTS = 1_000;
const TIMED_INPUTS = 3_000;

/**
 * How many inputs a second the rollup HTTP API alone allows: a dApp that does nothing but emit
 * notices of 292 bytes, in a process of its own, fed inputs of 920 bytes one after the other.
 *
 * @param guestPath The built guest, `dist/bench/empty-dapp.cjs`.
 * @throws MachineLost when the guest cannot be started.
 */
export async function measureEmptyRoundTrips(
  guestPath: string,
  noticesPerInput: number,
): Promise<number> {
  const args = [guestPath, String(noticesPerInput), String(NOTICE_BYTES)];
  return await withDapp({ args }, async (machine) => {
    await advanceMany(machine, WARM_UP_INPUTS, noticesPerInput);
    const startMs = performance.now();
    await advanceMany(machine, TIMED_INPUTS, noticesPerInput);
    return Math.round((TIMED_INPUTS * 1_000) / (performance.now() - startMs));
  });
}

async function advanceMany(machine: HttpMachine, count: number, notices: number): Promise<void> {
  const payload = new Uint8Array(PAYLOAD_BYTES).fill(7);
  const at: InputContext = {
    chainId: 31_337n,
    app: new Uint8Array(20).fill(0xaa),
    sender: new Uint8Array(20).fill(0xbb),
    blockNumber: 1,
    timestampSec: 1_700_000_000,
    prevRandao: new Uint8Array(32),
    inputIndex: 0,
  };
  for (let inputIndex = 0; inputIndex < count; inputIndex++) {
    const { outputs } = await machine.advance({ ...at, inputIndex }, payload);
    if (outputs.length !== notices) throw new Error(`${outputs.length} notices of ${notices}`);
  }
}
