import { setTimeout as sleep } from "node:timers/promises";
import { keccak256 } from "viem";
import { ClientError } from "../errors.ts";
import { BenchChain } from "./bench-chain.ts";
import { BenchNode } from "./bench-node.ts";
import { type NodeLoad, setUpLoad } from "./node-load.ts";

/** One run of a load through chain and node. */
export interface NodeRun {
  readonly readingsPerSec: number;
  readonly inputsPerSec: number;
  /** From sending each input to its notice being readable, ascending. */
  readonly latenciesMs: readonly number[];
  readonly nodePeakRssMb: number;
  readonly dappPeakRssMb: number;
  readonly gasPerReading: number;
  /** From starting the node again, after a SIGKILL, until it was ready. */
  readonly restartMs: number;
}

const BLOCK_SEC = 1;
const LOOK_MS = 20;
/** Without another input for so long, those that are missing will not come. */
const SILENCE_MS = 20_000;

/**
 * Anvil lost transactions that it had accepted: seen once, all of one account and the last of
 * another, with an empty pool and low fees. What was measured until then says nothing.
 */
export class TransactionsLost extends ClientError {
  override readonly name = "TransactionsLost";
}

/**
 * Sends a load through anvil with blocks of one second to a node in a process of its own.
 *
 * @param inputsPerSec Sends at this pace; without it, as fast as anvil takes them.
 */
export async function measureNode(
  dist: string,
  load: NodeLoad,
  driver: "worker" | "http",
  inputsPerSec?: number,
): Promise<NodeRun> {
  const chain = await BenchChain.start();
  let node: BenchNode | undefined;
  try {
    await setUpLoad(chain, load);
    await chain.mineEvery(BLOCK_SEC);
    node = await BenchNode.start(dist, chain, driver);
    const { setup, inputs } = load;
    const beganMs = performance.now();
    const watching = node.watch(setup.length, setup.length + inputs.length);
    // It ends with the node where inputs are lost: nobody waits for it then.
    watching.catch(() => {});
    if (inputsPerSec === undefined) {
      await Promise.all(load.senders.map((transactions) => chain.sendAll(transactions)));
    } else await sendPaced(chain, load, inputsPerSec);
    await waitForAll(chain, setup.length + inputs.length);
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
      readingsPerSec: load.readingCount / seconds,
      inputsPerSec: inputs.length / seconds,
      latenciesMs: matchLatencies(
        inputs.map(({ sentAtMs }) => sentAtMs),
        readableAtMs,
      ),
      nodePeakRssMb,
      dappPeakRssMb,
      gasPerReading: gas / (load.readingCount / inputs.length),
      restartMs,
    };
  } finally {
    await node?.end("SIGKILL");
    await chain.stop();
  }
}

/** Inputs per second that anvil takes of the same transactions while no node follows. */
export async function measureAnvil(load: NodeLoad): Promise<number> {
  const chain = await BenchChain.start();
  try {
    await setUpLoad(chain, load);
    await chain.mineEvery(BLOCK_SEC);
    const total = load.setup.length + load.inputs.length;
    const beganMs = performance.now();
    await Promise.all(load.senders.map((transactions) => chain.sendAll(transactions)));
    await waitForAll(chain, total);
    return load.inputs.length / ((performance.now() - beganMs) / 1_000);
  } finally {
    await chain.stop();
  }
}

/** @throws TransactionsLost */
async function waitForAll(chain: BenchChain, total: number): Promise<void> {
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
function matchLatencies(sentAtMs: readonly number[], readableAtMs: readonly number[]): number[] {
  const sent = [...sentAtMs].sort((a, b) => a - b);
  return sent.map((atMs, i) => readableAtMs[i]! - atMs).sort((a, b) => a - b);
}

/** The value that so large a part of the ascending values does not exceed. */
export function computePercentile(ascending: readonly number[], part: number): number {
  return (
    ascending[Math.min(ascending.length - 1, Math.floor(ascending.length * part))] ?? Number.NaN
  );
}
