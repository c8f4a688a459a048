import { ClientError } from "../../errors.ts";
import { MachineLost, MachineOutOfMemory } from "../machine/machine.ts";
import type { StoredInput, StoredResult } from "../store/node-store.ts";
import type { NodeStore } from "../store/sqlite-node-store.ts";
import type { MachineKeeper } from "./machine-keeper.ts";
import type { NodeActivity } from "./node-activity.ts";

/** Inputs read from the file at once. */
const PAGE_INPUTS = 256;
/** Inputs run and committed at once: enough to make a commit cheap, few enough to be quick. */
const GROUP_INPUTS = 128;
/** Large inputs are long work: a group of so many bytes is committed however few they are. */
const GROUP_BYTES = 128 * 1024;
/** How long new groups are begun before a rollback or a snapshot can take its turn. */
const TURN_MS = 500;
/** How often one input may take the machine away before the node gives up on it. */
const LOSSES_MAX = 3;

/** An input takes the machine away each time: nobody can tell what comes of it. */
class MachineKeepsDying extends ClientError {
  override readonly name = "MachineKeepsDying";
}

/** Runs the recorded inputs of a node in order and keeps their results. One call at a time. */
export class InputRunner {
  readonly #store: NodeStore;
  readonly #keeper: MachineKeeper;
  readonly #tell: (activity: NodeActivity) => void;
  #losses = 0;
  /** The last group ended with an input that stopped the machine. */
  #hasStopped = false;

  /** @param tell Takes each input once its result is kept. */
  constructor(store: NodeStore, keeper: MachineKeeper, tell: (activity: NodeActivity) => void) {
    this.#store = store;
    this.#keeper = keeper;
    this.#tell = tell;
  }

  /**
   * Runs some groups of the recorded inputs that have no result yet. While one is committed, the
   * machine works on the next; when it returns, nothing is under way.
   *
   * @returns How many have a result now.
   * @throws MachineKeepsDying when one input takes the machine away again and again.
   * @throws MachineOutOfMemory when that is because this computer has too little memory.
   */
  async runGroups(): Promise<number> {
    const waiting = new WaitingInputs(this.#store);
    let group = waiting.take();
    if (group.length === 0) return 0;
    if (await this.#keeper.needsRestart()) await this.#keeper.restart();
    const lastBeginMs = performance.now() + TURN_MS;
    let count = 0;
    let running = this.#start(group);
    for (;;) {
      const next = performance.now() < lastBeginMs ? waiting.take() : [];
      const runningNext = next.length === 0 ? undefined : this.#start(next);
      const done = await this.#commit(group, running);
      count += done;
      if (done < group.length || this.#hasStopped) {
        // Behind an input that stopped the machine nothing was run.
        await runningNext?.catch(() => {});
        await this.#keeper.restart();
        return count;
      }
      if (runningNext === undefined) return count;
      group = next;
      running = runningNext;
    }
  }

  #start(inputs: readonly StoredInput[]): Promise<StoredResult[]> {
    const running = this.#keeper.run(inputs);
    // Its failure is looked at when its turn comes.
    running.catch(() => {});
    return running;
  }

  /** How many results a group gave; none when the machine went away over its first input. */
  async #commit(group: readonly StoredInput[], running: Promise<StoredResult[]>): Promise<number> {
    this.#hasStopped = false;
    try {
      const results = await running;
      this.#store.commitResults(results);
      this.#losses = 0;
      this.#hasStopped = results.at(-1)?.status === "EXCEPTION";
      for (const [at, result] of results.entries()) {
        this.#tell({ kind: "input", input: group[at]!, result });
      }
      return results.length;
    } catch (error) {
      if (!(error instanceof MachineLost)) throw error;
      // Whoever asks may break the machine as often as they like: that says nothing of the input.
      if (!this.#keeper.wasAsked()) this.#losses += 1;
      if (this.#losses < LOSSES_MAX) return 0;
      if (error instanceof MachineOutOfMemory) throw error;
      const index = this.#store.getProcessedInputCount();
      throw new MachineKeepsDying(`The machine went away over input ${index}, again and again.`, {
        whatToDo: "Look at its own words, keep the node's file and report it: nothing is lost.",
        cause: error,
      });
    }
  }
}

/** The recorded inputs without a result, cut into groups. */
class WaitingInputs {
  readonly #store: NodeStore;
  #next: number;
  #page: readonly StoredInput[] = [];

  constructor(store: NodeStore) {
    this.#store = store;
    this.#next = store.getProcessedInputCount();
  }

  /** The next group; empty when there is none. */
  take(): readonly StoredInput[] {
    if (this.#page.length === 0) this.#page = this.#store.listInputsFrom(this.#next, PAGE_INPUTS);
    let byteCount = 0;
    let count = 0;
    while (count < this.#page.length && count < GROUP_INPUTS && byteCount < GROUP_BYTES) {
      byteCount += this.#page[count]!.blob.length;
      count += 1;
    }
    const group = this.#page.slice(0, count);
    this.#page = this.#page.slice(count);
    this.#next += count;
    return group;
  }
}
