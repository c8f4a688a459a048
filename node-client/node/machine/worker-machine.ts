import { Worker } from "node:worker_threads";
import { isOutOfMemory } from "../../../dapp/store/out-of-memory.ts";
import type { InputContext } from "../../../spec/input.ts";
import type { AdvanceResult } from "../../../spec/outputs.ts";
import {
  type InspectResult,
  MachineException,
  MachineLost,
  MachineOutOfMemory,
  type MachineSnapshot,
  type RestorableMachine,
} from "./machine.ts";
import type { WorkerAnswer, WorkerMachineData, WorkerRequest } from "./worker-messages.ts";

interface WorkerMachineOptions {
  /** The machine's X25519 secret, 32 bytes. */
  readonly machineSecret: Uint8Array;
  /** The built `machine-worker.js`: a thread cannot start inside a bundle. */
  readonly workerUrl: URL;
}

interface Waiting {
  readonly resolve: (answer: WorkerAnswer) => void;
  readonly reject: (error: Error) => void;
}

const REPLAY = "Start the machine again and replay the inputs before the one it failed on.";

/**
 * The engine in a worker thread: the node's default driver. No HTTP, and a state that can be taken
 * out and put back, so that a restart and a reorganisation cost no whole replay.
 *
 * @example
 * const machine = await WorkerMachine.start({ machineSecret, workerUrl });
 * const { status, outputs } = await machine.advance(at, payload);
 * const snapshot = await machine.snapshot();
 */
export class WorkerMachine implements RestorableMachine {
  readonly #worker: Worker;
  /** In the order in which the thread answers. */
  readonly #waiting: Waiting[] = [];
  #unsent: WorkerRequest[] = [];
  #failure: MachineLost | undefined;

  /**
   * Starts the thread over an empty state.
   *
   * @throws MachineLost when it cannot be started.
   */
  static async start({ machineSecret, workerUrl }: WorkerMachineOptions): Promise<WorkerMachine> {
    // `argv` and `env` empty: the engine gets nothing of the process, as in the machine.
    const data: WorkerMachineData = { machineSecret };
    const worker = new Worker(workerUrl, { workerData: data, argv: [], env: {} });
    try {
      await new Promise((resolve, reject) => {
        worker.once("message", resolve);
        worker.once("error", reject);
        worker.once("exit", (code) => reject(new Error(`the thread ended with code ${code}`)));
      });
    } catch (cause) {
      if (isOutOfMemory(cause)) throw new MachineOutOfMemory(cause);
      throw new MachineLost("The machine's thread could not be started.", {
        whatToDo: "Build it with `npm run build`.",
        cause,
      });
    }
    return new WorkerMachine(worker);
  }

  private constructor(worker: Worker) {
    this.#worker = worker;
    worker.removeAllListeners("error").removeAllListeners("exit");
    worker.on("message", (answers: readonly WorkerAnswer[]) => {
      for (const answer of answers) this.#take(answer);
    });
    worker.on("error", (cause) => {
      const broken = new MachineLost("The machine's thread broke.", { whatToDo: REPLAY, cause });
      this.#fail(isOutOfMemory(cause) ? new MachineOutOfMemory(cause) : broken);
    });
    worker.on("exit", () => {
      this.#fail(new MachineLost("The machine's thread ended.", { whatToDo: REPLAY }));
    });
  }

  async advance(at: InputContext, payload: Uint8Array): Promise<AdvanceResult> {
    const answer = await this.#ask({ kind: "advance", at, payload });
    return (answer as WorkerAnswer & { kind: "advanced" }).result;
  }

  async inspect(query: Uint8Array): Promise<InspectResult> {
    try {
      const answer = await this.#ask({ kind: "inspect", query });
      const { reports } = answer as WorkerAnswer & { kind: "inspected" };
      return { status: "accepted", reports };
    } catch (error) {
      if (error instanceof MachineException) return { status: "exception", reports: [] };
      throw error;
    }
  }

  async snapshot(): Promise<MachineSnapshot> {
    const answer = await this.#ask({ kind: "snapshot" });
    return (answer as WorkerAnswer & { kind: "snapshot" }).snapshot;
  }

  async restore(snapshot: MachineSnapshot): Promise<void> {
    await this.#ask({ kind: "restore", snapshot });
  }

  async close(): Promise<void> {
    this.#fail(new MachineLost("The machine was closed.", { whatToDo: "Start a new one." }));
    await this.#worker.terminate();
  }

  #ask(request: WorkerRequest): Promise<WorkerAnswer> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      // Whatever is asked before this turn ends goes out with it.
      if (this.#unsent.push(request) === 1) queueMicrotask(() => this.#send());
    });
  }

  #send(): void {
    if (this.#failure === undefined) this.#worker.postMessage(this.#unsent);
    this.#unsent = [];
  }

  #take(answer: WorkerAnswer): void {
    const waiting = this.#waiting.shift();
    if (waiting === undefined) return;
    if (answer.kind === "exception") {
      const payload = `0x${Buffer.from(answer.text).toString("hex")}` as const;
      const cause = new MachineException(payload, []);
      waiting.reject(cause);
      const message = "The dApp stopped with an exception.";
      this.#fail(new MachineLost(message, { whatToDo: REPLAY, cause }));
    } else if (answer.kind === "out_of_memory") {
      const short = new MachineOutOfMemory(new Error(answer.text));
      waiting.reject(short);
      this.#fail(short);
    } else if (answer.kind === "lost") {
      const lost = new MachineLost(`The state was not moved: ${answer.text}.`, {
        whatToDo: "Start the machine again, from an older snapshot or from the first input.",
      });
      waiting.reject(lost);
      this.#fail(lost);
    } else waiting.resolve(answer);
  }

  #fail(error: MachineLost): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}
