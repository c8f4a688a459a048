import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { createNodeCrypto } from "../../dapp/crypto/node-crypto.ts";
import { ClientError } from "../errors.ts";
import { loadSampleData } from "../files/sample-data.ts";
import { formatHistoryLine } from "../history/history-lines.ts";
import {
  type BenchHistory,
  encodeBenchHistory,
  readWeather,
  tileWeather,
} from "./bench-history.ts";
import { countWork } from "./count-work.ts";
import { type BenchContext, round, runScript, Series, type Spread } from "./figure-series.ts";
import { measureFiles } from "./measure-files.ts";
import { measureGrowth, measureStateBytes } from "./measure-growth.ts";
import { measureEmptyRoundTrips, measureFirstInput, measureHttpRun } from "./measure-http.ts";
import { measureRetention } from "./measure-retention.ts";
import { measureSettlement } from "./measure-settlement.ts";
import { measureEndToEnd, measureSingleInputs } from "./node-figures.ts";

/** What can be measured alone: the engine and its drivers, money, or the node on a chain. */
export type BenchPart =
  | ("engine" | "files" | "settlement" | "retention")
  | ("end-to-end" | "single-inputs");

export interface BenchOptions {
  readonly json: boolean;
  /** A tenth of the readings and three runs: to see that everything works. */
  readonly quick: boolean;
  /** Only these figures; all of them when it is empty. */
  readonly only: readonly BenchPart[];
  /** The folder of the sample data. */
  readonly data: string | undefined;
}

export interface BenchIo {
  print(text: string): void;
  progress(text: string): void;
}

/**
 * Measures every figure that the project promises, interleaved over several runs, and gives one
 * object: each figure as its median, the spread beside it under `spread`.
 *
 * @throws ClientError when the built files are missing.
 */
export async function runBench(
  options: BenchOptions,
  io: BenchIo,
): Promise<Record<string, unknown>> {
  const dist = findDist();
  const sample = loadSampleData("weather", {
    dataFolder: options.data,
    projectRoot: resolve(dist, ".."),
  });
  io.progress(`weather data: ${sample.source}`);
  const crypto = await createNodeCrypto();
  const stations = readWeather(sample.text);
  const series = new Series();
  const isWanted = (part: BenchPart): boolean =>
    options.only.length === 0 || options.only.includes(part);

  const { quick } = options;
  const runs = quick ? 3 : 5;
  const context = { dist, crypto, stations, quick, runs, series, progress: io.progress };
  const sizes = {
    ...(isWanted("engine") ? await measureEngine(context) : {}),
    ...(isWanted("settlement") ? await measureSettlement(context) : {}),
    ...(isWanted("retention") ? await measureRetention(context) : {}),
  };
  if (isWanted("files")) measureFiles(context);
  if (isWanted("end-to-end")) await measureEndToEnd(context);
  if (isWanted("single-inputs")) await measureSingleInputs(context);

  const spread = series.toSpreads();
  const medians = Object.fromEntries(
    Object.entries(spread).map(([name, { median }]) => [name, median]),
  );
  const result = {
    ...medians,
    ...sizes,
    spread,
    runs,
    cores: availableParallelism(),
    node: process.version,
    data: sample.source,
  };
  printTable(result, spread, io);
  if (options.json) io.print(JSON.stringify(result));
  return result;
}

/** The engine in its drivers without a chain; gives the figures that have no spread. */
async function measureEngine(context: BenchContext): Promise<Record<string, unknown>> {
  const { dist, crypto, stations, quick, runs, series, progress } = context;
  const dappPath = resolve(dist, "dapp/index.cjs");
  const guestPath = resolve(dist, "bench/empty-dapp.cjs");

  progress("encoding");
  const year = encodeBenchHistory(crypto, stations);
  const groups = (count: number): number[] => stations[0]!.metrics.map((_, m) => m % count);
  const sealed = encodeBenchHistory(crypto, stations, groups(1));
  const sealedByMetric = encodeBenchHistory(crypto, stations, groups(stations[0]!.metrics.length));
  const tiled = tileWeather(stations, stations.length, quick ? 8_760 : 175_200);
  const history = encodeBenchHistory(crypto, tiled);
  const historyPath = writeHistory(history);
  /** Readings per second of one replay in a fresh process. */
  const replayOnce = (threads: 1 | 2): number => {
    const args = [historyPath, String(history.readingCount), String(threads)];
    return runScript(dist, "replay-run.js", ...args)[0]!;
  };
  for (let run = 0; run < runs; run++) {
    progress(`run ${run + 1} of ${runs}: empty dApp, HTTP, replay on one and two threads`);
    for (const noticesPerInput of [1, 2]) {
      const perSec = await measureEmptyRoundTrips(guestPath, noticesPerInput);
      series.add(`empty_dapp_inputs_per_s_${noticesPerInput}_notices`, perSec);
    }
    const http = await measureHttpRun(dappPath, history);
    series.add("readings_per_s", http.readingsPerSec);
    series.add("inputs_per_s", http.inputsPerSec);
    series.add("start_ms", http.startMs);
    series.add("peak_rss_mb", http.peakRssMb);
    series.add("replay_readings_per_s", replayOnce(1));
    series.add("replay_readings_per_s_2_threads", replayOnce(2));
    series.add("first_input_over_warm", await measureFirstInput(crypto, dappPath, stations));
  }
  for (const [name, deviceCount] of [
    ["growth_one_device", 1],
    ["growth_1000_devices", 1_000],
  ] as const) {
    progress(name);
    for (const ratio of await measureGrowth(context, deviceCount)) series.add(name, ratio);
  }
  return {
    bytes_per_reading: round(year.bytesPerReading),
    state_bytes_per_reading: round(await measureStateBytes(crypto, year)),
    bytes_per_reading_sealed: round(sealed.bytesPerReading),
    bytes_per_reading_sealed_by_metric: round(sealedByMetric.bytesPerReading),
    work_per_batch: await countWork(crypto, year),
  };
}

/** The history as a file that other processes read; it goes with this process. */
function writeHistory({ setup, batches }: BenchHistory): string {
  const folder = mkdtempSync(join(tmpdir(), "tallyroll-bench-"));
  process.once("exit", () => rmSync(folder, { recursive: true }));
  const path = join(folder, "history.jsonl");
  const lines = [...setup, ...batches].map((input) => `${formatHistoryLine(input)}\n`);
  writeFileSync(path, lines.join(""));
  return path;
}

function printTable(
  result: Readonly<Record<string, unknown>>,
  spread: Readonly<Record<string, Spread>>,
  io: BenchIo,
): void {
  for (const [name, value] of Object.entries(result)) {
    if (typeof value !== "number" && typeof value !== "string") continue;
    const range = spread[name];
    const shown = range === undefined ? "" : `  (${range.min} … ${range.max}, ${range.runs} runs)`;
    io.print(`${name.padEnd(36)} ${value}${shown}`);
  }
  if (result.work_per_batch === undefined) return;
  io.print("work of one batch of 128 readings:");
  for (const [name, count] of Object.entries(result.work_per_batch as object)) {
    io.print(`  ${name.padEnd(34)} ${count}`);
  }
}

/** The folder of the built files: where this code runs from, or `dist/` of the sources. */
function findDist(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  for (const folder of [here, resolve(here, "../../dist")]) {
    if (existsSync(resolve(folder, "dapp/index.cjs"))) return folder;
  }
  throw new ClientError("The built dApp is missing: there is no dist/dapp/index.cjs.", {
    whatToDo: "Build it with `npm run build`.",
  });
}
