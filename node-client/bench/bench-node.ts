import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { getDevelopmentAccount } from "../chain/chain-client.ts";
import { OPERATOR_ACCOUNT } from "../node/local-rollup.ts";
import { type BenchChain, post } from "./bench-chain.ts";
import { MACHINE_SECRET } from "./bench-history.ts";
import { readPeakRssMb } from "./figure-series.ts";

/** Between two looks at what the node has done: the resolution of latencies. */
const LOOK_MS = 10;

interface Facts {
  readonly nodeUrl: string;
  readonly healthUrl: string;
}

/** `tallyroll start` as a process of its own on a benchmark's chain. */
export class BenchNode {
  readonly #child: ChildProcess;
  readonly #app: string;
  readonly #facts: Facts;

  private constructor(child: ChildProcess, app: string, facts: Facts) {
    this.#child = child;
    this.#app = app;
    this.#facts = facts;
  }

  /** Starts it, or starts it again, over the chain's data folder; returns when it is ready. */
  static async start(
    dist: string,
    chain: BenchChain,
    driver: "worker" | "http",
  ): Promise<BenchNode> {
    const args = [
      ...[resolve(dist, "tallyroll.js"), "start", "--rpc", chain.rpcUrl, "--app", chain.app],
      ...["--data-folder", join(chain.folder, driver), "--driver", driver, "--poll", "100"],
      ...["--rpc-port", "0", "--inspect-port", "0", "--health-port", "0", "--json"],
    ];
    const key = getDevelopmentAccount(OPERATOR_ACCOUNT).getHdKey().privateKey ?? [];
    const child = spawn(process.execPath, args, {
      env: {
        PATH: process.env.PATH,
        TALLYROLL_MACHINE_KEY: Buffer.from(MACHINE_SECRET).toString("hex"),
        TALLYROLL_PRIVATE_KEY: Buffer.from(key).toString("hex"),
      },
      stdio: ["ignore", "pipe", "inherit"],
    });
    process.once("exit", () => child.kill("SIGKILL"));
    let printed = "";
    for await (const chunk of child.stdout ?? []) {
      printed += String(chunk);
      if (printed.endsWith("\n")) break;
    }
    if (printed === "") throw new Error("the node ended before it served");
    const node = new BenchNode(child, chain.app, JSON.parse(printed) as Facts);
    while (!(await node.#isReady())) await sleep(LOOK_MS);
    return node;
  }

  async #isReady(): Promise<boolean> {
    return (await fetch(`${this.#facts.healthUrl}/readyz`)).status === 200;
  }

  /**
   * Waits until so many inputs are processed.
   *
   * @returns For each input from `from` on, when its outputs could be read first.
   */
  async watch(from: number, until: number): Promise<number[]> {
    const readableAtMs: number[] = [];
    let known = from;
    while (known < until) {
      await sleep(LOOK_MS);
      const count = Number(await this.#call("getProcessedInputCount", {}));
      if (count === known) continue;
      // What is counted can be read: the last one's first output is, and it came last.
      const params = { input_index: `0x${(count - 1).toString(16)}`, limit: 1 };
      const outputs = (await this.#call("listOutputs", params)) as unknown[];
      if (outputs.length === 0) throw new Error("an input of the benchmark was refused");
      const nowMs = performance.now();
      for (; known < count; known++) readableAtMs.push(nowMs);
    }
    return readableAtMs;
  }

  async #call(method: string, params: object): Promise<unknown> {
    const answer = await post(this.#facts.nodeUrl, {
      jsonrpc: "2.0",
      id: 1,
      method: `cartesi_${method}`,
      params: { application: this.#app, ...params },
    });
    return (answer as { result: { data: unknown } }).result.data;
  }

  /** The most memory that the node ever held, and the dApp's process where it has one. */
  readPeakRssMb(): { readonly node: number; readonly dapp: number } {
    const pid = this.#child.pid ?? -1;
    const [dapp] = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ");
    return { node: readPeakRssMb(pid), dapp: readPeakRssMb(Number(dapp || "NaN")) };
  }

  /** Ends it: as a power cut would, or in order. */
  async end(signal: "SIGKILL" | "SIGTERM"): Promise<void> {
    this.#child.stdout?.destroy();
    const ended = once(this.#child, "exit");
    this.#child.kill(signal);
    await ended;
  }
}
