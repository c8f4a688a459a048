import { BenchChain } from "./bench-chain.ts";
import { BATCH_READINGS } from "./bench-history.ts";
import type { BenchContext, Series } from "./figure-series.ts";
import {
  computePercentile,
  measureAnvil,
  measureNode,
  type NodeRun,
  TransactionsLost,
} from "./measure-node.ts";
import { encodeNodeLoad, type NodeLoad } from "./node-load.ts";

/** As many batches as an input of 4,096 readings holds, each of another device. */
const GATEWAY_BATCHES = 32;
const INPUT_READINGS = GATEWAY_BATCHES * BATCH_READINGS;
/** Twice what is promised. */
const OFFERED_PER_SEC = 60_000;
const HTTP_OFFERED_PER_SEC = 20_000;
/** All development accounts but the operator's send, each for a device of its own. */
const SENDERS = 9;
/** So much of what anvil takes alone is sent beside the node: a rate that both can keep up. */
const PART_OF_ANVIL = 0.95;

/**
 * Readings through anvil with blocks of one second to the node's API: large inputs of a gateway at a
 * steady pace, for both drivers.
 */
export async function measureEndToEnd(options: BenchContext): Promise<void> {
  const { dist, quick, series, progress } = options;
  const seconds = quick ? 5 : 30;
  progress(`end to end: ${OFFERED_PER_SEC} readings/s are offered for ${seconds} s`);
  const inputsPerSec = OFFERED_PER_SEC / INPUT_READINGS;
  const load = await encodeGatewayLoad(options, Math.round(inputsPerSec * seconds));
  const run = await measureNode(dist, load, "worker", inputsPerSec);
  series.add("end_to_end_readings_per_s", run.readingsPerSec);
  addLatencies(series, "latency", run);
  series.add("gas_per_reading", run.gasPerReading);
  series.add("node_peak_rss_mb", run.nodePeakRssMb);

  progress("end to end: the dApp behind HTTP");
  const httpInputsPerSec = HTTP_OFFERED_PER_SEC / INPUT_READINGS;
  const httpLoad = await encodeGatewayLoad(
    options,
    Math.round(httpInputsPerSec * (quick ? 3 : 10)),
  );
  const http = await measureNode(dist, httpLoad, "http", httpInputsPerSec);
  series.add("end_to_end_readings_per_s_http", http.readingsPerSec);
  series.add("dapp_peak_rss_mb", http.dappPeakRssMb);
}

/**
 * One reading an input: as fast as anvil takes them alone, then nearly as fast with a node, in turn;
 * then how long the node takes to be back after a SIGKILL.
 */
export async function measureSingleInputs(options: BenchContext): Promise<void> {
  const { crypto, stations, dist, quick, series, progress } = options;
  const runs = quick ? 1 : 3;
  progress("single inputs: sealing and signing");
  const load = encodeNodeLoad(crypto, stations, await findApp(), {
    deviceCount: SENDERS,
    batchesOfDevice: quick ? 200 : 3_000,
    batchReadings: 1,
    inputBatches: 1,
    senderCount: SENDERS,
  });
  for (let run = 0; run < runs; run++) {
    progress(`single inputs: run ${run + 1} of ${runs}, anvil alone, then with the node`);
    const anvilPerSec = await unlessLost(() => measureAnvil(load), progress);
    const measure = () => measureNode(dist, load, "worker", PART_OF_ANVIL * anvilPerSec);
    const node = await unlessLost(measure, progress);
    series.add("anvil_inputs_per_s", anvilPerSec);
    series.add("single_inputs_per_s", node.inputsPerSec);
    series.add("single_inputs_over_anvil", node.inputsPerSec / anvilPerSec);
    addLatencies(series, "single_latency", node);
    series.add("restart_ms", node.restartMs);
  }
}

/** Measures once more where anvil lost transactions, and says so; a second time is an error. */
async function unlessLost<Result>(
  measure: () => Promise<Result>,
  progress: (text: string) => void,
): Promise<Result> {
  try {
    return await measure();
  } catch (error) {
    if (!(error instanceof TransactionsLost)) throw error;
    progress(`${error.message}: measuring once more`);
    return await measure();
  }
}

function addLatencies(series: Series, name: string, { latenciesMs }: NodeRun): void {
  series.add(`${name}_p50_ms`, computePercentile(latenciesMs, 0.5));
  series.add(`${name}_p99_ms`, computePercentile(latenciesMs, 0.99));
}

async function encodeGatewayLoad(
  { crypto, stations }: BenchContext,
  inputCount: number,
): Promise<NodeLoad> {
  return encodeNodeLoad(crypto, stations, await findApp(), {
    deviceCount: GATEWAY_BATCHES,
    batchesOfDevice: inputCount,
    batchReadings: BATCH_READINGS,
    inputBatches: GATEWAY_BATCHES,
    senderCount: 1,
  });
}

/** The application's address, which is the same on every chain of the benchmark. */
async function findApp() {
  const chain = await BenchChain.start();
  await chain.stop();
  return chain.app;
}
