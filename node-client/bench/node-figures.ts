import { setTimeout as sleep } from "node:timers/promises";
import { keccak256 } from "viem";
import { ClientError } from "../errors.ts";
import { BenchChain } from "./bench-chain.ts";
import { BATCH_READINGS } from "./bench-history.ts";
import { BenchNode } from "./bench-node.ts";
import type { BenchContext, Series } from "./figure-series.ts";
import { encodeNodeLoad, type NodeLoad, setUpLoad } from "./node-load.ts";

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

/** One run of a load through chain and node. */
type NodeRun = Awaited<ReturnType<typeof measureNode>>;

const BLOCK_SEC = 1;
const LOOK_MS = 20;
/** Without another input for so long, those that are missing will not come. */
const SILENCE_MS = 20_000;

/**
 * Anvil lost transactions that it had accepted: seen once, all of one account and the last of
 * another, with an empty pool and low fees. What was measured until then says nothing.
 */
class TransactionsLost extends ClientError {
  override readonly name = "TransactionsLost";
}

/** Work with a chain that has the load's devices and streams, and mines a block a second. */
async function withLoad<Result>(
  load: NodeLoad,
  work: (chain: BenchChain) => Promise<Result>,
): Promise<Result> {
  const chain = await BenchChain.start();
  try {
    await setUpLoad(chain, load);
    await chain.mineEvery(BLOCK_SEC);
    return await work(chain);
  } finally {
    await chain.stop();
  }
}

/** Sends a load at a pace through anvil with blocks of one second to a node in a process of its own. */
async function measureNode(
  dist: string,
  load: NodeLoad,
  driver: "worker" | "http",
  inputsPerSec: number,
) {
  let node: BenchNode | undefined;
  return await withLoad(load, async (chain) => {
    node = await BenchNode.start(dist, chain, driver);
    const { setup, inputs, readingCount } = load;
    const beganMs = performance.now();
    const watching = node.watch(setup.length, setup.length + inputs.length);
    // It ends with the node where inputs are lost: nobody waits for it then.
    watching.catch(() => {});
    await sendPaced(chain, load, inputsPerSec);
    await waitForAll(chain, load);
    const readableAtMs = await watching;
    const seconds = ((readableAtMs.at(-1) ?? 0) - beganMs) / 1_000;
    const [first] = inputs;
    const gas = first === undefined ? 0 : await chain.getGasUsed(keccak256(first.raw));
    const { node: nodePeakRssMb, dapp: dappPeakRssMb } = node.readPeakRssMb();
    await node.end("SIGKILL");
    const againMs = performance.now();
    node = await BenchNode.start(dist, chain, driver);
    const restartMs = performance.now() - againMs;
    return {
      readingsPerSec: readingCount / seconds,
      inputsPerSec: inputs.length / seconds,
      // From sending each input to its notice being readable, ascending.
      latenciesMs: matchLatencies(inputs, readableAtMs),
      nodePeakRssMb,
      dappPeakRssMb,
      gasPerReading: gas / (readingCount / inputs.length),
      // From starting the node again, after a SIGKILL, until it was ready.
      restartMs,
    };
  }).finally(() => node?.end("SIGKILL"));
}

/** Inputs per second that anvil takes of the same transactions while no node follows. */
async function measureAnvil(load: NodeLoad): Promise<number> {
  return await withLoad(load, async (chain) => {
    const beganMs = performance.now();
    await Promise.all(load.senders.map((transactions) => chain.sendAll(transactions)));
    await waitForAll(chain, load);
    return load.inputs.length / ((performance.now() - beganMs) / 1_000);
  });
}

/** @throws TransactionsLost */
async function waitForAll(chain: BenchChain, { setup, inputs }: NodeLoad): Promise<void> {
  const total = setup.length + inputs.length;
  let known = 0;
  for (let sinceMs = performance.now(); ; await sleep(LOOK_MS)) {
    const count = await chain.countInputs();
    if (count >= total) return;
    if (count > known) [known, sinceMs] = [count, performance.now()];
    else if (performance.now() - sinceMs > SILENCE_MS) {
      throw new TransactionsLost(`anvil lost ${total - count} of ${total} transactions`, {
        whatToDo: "Run the benchmark again.",
      });
    }
  }
}

/** Sends what is due in one request, so that the sending itself costs little. */
async function sendPaced(chain: BenchChain, load: NodeLoad, inputsPerSec: number): Promise<void> {
  const beganMs = performance.now();
  const sending: Promise<void>[] = [];
  for (let sent = 0; sent < load.inputs.length; ) {
    await sleep(Math.max(0, beganMs + (1_000 * (sent + 1)) / inputsPerSec - performance.now()));
    const due = Math.floor(((performance.now() - beganMs) * inputsPerSec) / 1_000);
    // A timer may fire a little early.
    if (due <= sent) continue;
    sending.push(chain.send(load.inputs.slice(sent, due)));
    sent = due;
  }
  await Promise.all(sending);
}

/**
 * Inputs of several senders come in an order that anvil chooses, close to that of sending: the
 * n-th sent is taken for the n-th readable, which leaves the sum of all latencies as it is.
 */
function matchLatencies(inputs: NodeLoad["inputs"], readableAtMs: readonly number[]): number[] {
  const sent = inputs.map(({ sentAtMs }) => sentAtMs).sort((a, b) => a - b);
  return sent.map((atMs, i) => readableAtMs[i]! - atMs).sort((a, b) => a - b);
}

/** The value that so large a part of the ascending values does not exceed. */
function computePercentile(ascending: readonly number[], part: number): number {
  const at = Math.min(ascending.length - 1, Math.floor(ascending.length * part));
  return ascending[at] ?? Number.NaN;
}
