import { type AdvanceResult, encodeOutput, type Hex } from "../../../spec/outputs.ts";
import { decodeEvmAdvance } from "../../chain/decode-evm-advance.ts";
import {
  type InspectResult,
  isRestorable,
  type Machine,
  MachineException,
  MachineLost,
  MachineOutOfMemory,
} from "../machine/machine.ts";
import type { StoredInput, StoredResult } from "../store/node-store.ts";
import type { NodeStore } from "../store/sqlite-node-store.ts";
import { requireSameResult } from "./require-same-result.ts";

/** Inputs that are read and sent to the machine at once while it is brought back. */
const CATCH_UP_INPUTS = 256;
/** A snapshot is due when the work since the last one is so many times what it cost. */
const SNAPSHOT_WORK_FACTOR = 10;
/** Work below it is repeated rather than saved. */
const SNAPSHOT_WORK_MS_MIN = 400;

/** An answer, and how many inputs it takes account of. */
interface CountedInspectResult extends InspectResult {
  readonly inputCount: number;
}

/**
 * Keeps a machine at the node's processed input count, whatever happens to it: starts it, puts back
 * the newest snapshot, re-executes the recorded inputs after it, and does that again after an
 * exception, a crash or a reorganisation. One caller at a time, but for `inspect`.
 */
export class MachineKeeper {
  readonly #store: NodeStore;
  readonly #start: () => Promise<Machine>;
  readonly #log: (line: string) => void;
  /** Settles when the machine stands at the processed input count. */
  #machine: Promise<Machine>;
  /** How many inputs the machine has been sent. */
  #sentCount = 0;
  /** Rises with every restart: a bringing back that another one follows upon ends early. */
  #generation = 0;
  #isClosed = false;
  /** Time that the machine has worked since the last snapshot. */
  #workMs = 0;
  #snapshotMs = 0;
  /** When the inputs before ended: what runs overlapping counts once. */
  #workedUntilMs = 0;
  /** Queries that the machine has not answered yet. */
  #queryCount = 0;
  /** Settles when the last of them is answered. */
  #lastQuery: Promise<unknown> = Promise.resolve();
  /** Whether there was one while the last inputs ran. */
  #wasAsked = false;

  /**
   * @param start Starts a machine over the empty state.
   * @param log Takes one line about what an operator should know.
   */
  constructor(store: NodeStore, start: () => Promise<Machine>, log: (line: string) => void) {
    this.#store = store;
    this.#start = start;
    this.#log = log;
    this.#machine = this.#bringBack(this.#generation);
    this.#machine.catch(() => {});
  }

  /** Waits until the machine stands where the file says. Throws what starting it throws. */
  async ready(): Promise<void> {
    await this.#machine;
  }

  /**
   * Starts anew at the file's processed input count: after it was rolled back.
   *
   * @throws MachineLost when the keeper is closed, or another restart followed upon this one.
   */
  async restart(): Promise<void> {
    if (this.#isClosed) throw new MachineLost("The node is being stopped.", REPEAT);
    const previous = this.#machine;
    this.#generation += 1;
    const generation = this.#generation;
    this.#machine = previous
      .then(
        (machine) => machine.close(),
        () => {},
      )
      .then(() => this.#bringBack(generation));
    this.#machine.catch(() => {});
    await this.#machine;
  }

  /**
   * Runs the next inputs in order; may be called again before it has ended. Gives their results up
   * to the first that stopped the machine: an exception is a result, and the last one given.
   *
   * @throws MachineLost when the machine went away over the first of them, or does not stand there.
   */
  async run(inputs: readonly StoredInput[]): Promise<StoredResult[]> {
    const machine = await this.#machine;
    // A query may have had it brought back in between, to where the file was.
    if (inputs[0]?.index !== this.#sentCount) throw new MachineLost(ELSEWHERE, REPEAT);
    this.#wasAsked = this.#queryCount > 0;
    const beginMs = performance.now();
    const verdicts = await Promise.allSettled(inputs.map((input) => this.#send(machine, input)));
    const endMs = performance.now();
    this.#workMs += endMs - Math.max(beginMs, this.#workedUntilMs);
    this.#workedUntilMs = endMs;
    const results: StoredResult[] = [];
    for (const [i, verdict] of verdicts.entries()) {
      const { index } = inputs[i]!;
      if (verdict.status === "fulfilled") {
        results.push(toResult(index, verdict.value));
        continue;
      }
      const { reason } = verdict;
      if (reason instanceof MachineException) results.push(toExceptionResult(index, reason));
      else if (results.length === 0 || !(reason instanceof MachineLost)) throw reason;
      break;
    }
    return results;
  }

  /** Whether the machine has been sent other inputs than the file holds results of. */
  async needsRestart(): Promise<boolean> {
    // A query may be having it brought back: doing that twice would take twice as long.
    await this.#machine.catch(() => {});
    return this.#sentCount !== this.#store.getProcessedInputCount();
  }

  /** Whether a query may have been what took the machine away from the inputs that ran last. */
  wasAsked(): boolean {
    return this.#wasAsked;
  }

  /**
   * Asks without leaving a trace. A machine that is gone is brought back once.
   *
   * @throws MachineLost when it goes away again.
   */
  async inspect(query: Uint8Array): Promise<CountedInspectResult> {
    this.#queryCount += 1;
    this.#wasAsked = true;
    // One is with the machine at a time. A dear one takes seconds: inputs wait for one of them at
    // most, however many there are.
    const answer = this.#lastQuery.then(() => this.#ask(query));
    this.#lastQuery = answer.catch(() => {});
    try {
      return await answer;
    } finally {
      this.#queryCount -= 1;
    }
  }

  async #ask(query: Uint8Array): Promise<CountedInspectResult> {
    const asked = this.#machine;
    try {
      const result = await this.#askOnce(query);
      // The dApp gave up over the query, so the machine has stopped: the next caller needs another,
      // and hears of it when there is none.
      if (result.status === "exception" && this.#machine === asked) this.restart().catch(() => {});
      return result;
    } catch (error) {
      if (!(error instanceof MachineLost)) throw error;
      // Where that fails, or a rollback restarts it once more, the last word is `#machine`'s.
      if (this.#machine === asked) await this.restart().catch(() => {});
      return await this.#askOnce(query);
    }
  }

  async #askOnce(query: Uint8Array): Promise<CountedInspectResult> {
    const machine = await this.#machine;
    // It answers in order, so after all that it was sent, whether that is committed yet or not.
    const inputCount = this.#sentCount;
    return { ...(await machine.inspect(query)), inputCount };
  }

  /**
   * Takes a snapshot if the work since the last one is worth it: the cost, which grows with the
   * state, stays a bounded part of all work.
   *
   * @throws MachineOutOfMemory
   */
  async snapshotIfDue(isIdle: boolean): Promise<void> {
    const factor = isIdle ? 2 : SNAPSHOT_WORK_FACTOR;
    const dueMs = Math.max(isIdle ? 1 : SNAPSHOT_WORK_MS_MIN, factor * this.#snapshotMs);
    if (this.#workMs < dueMs) return;
    try {
      await this.takeSnapshot();
    } catch (error) {
      // A query took the machine away in this moment: the next inputs find another one.
      if (!(error instanceof MachineLost) || error instanceof MachineOutOfMemory) throw error;
    }
  }

  /** Keeps the state as it is now, if the machine can give it. */
  async takeSnapshot(): Promise<void> {
    const machine = await this.#machine;
    const inputCount = this.#sentCount;
    if (!isRestorable(machine) || inputCount === 0 || this.#workMs === 0) return;
    const beginMs = performance.now();
    const snapshot = await machine.snapshot();
    this.#store.putSnapshot({ inputCount, ...snapshot });
    this.#snapshotMs = performance.now() - beginMs;
    this.#workMs = 0;
  }

  /** Ends the machine, also one that is just being brought back. There is none afterwards. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#generation += 1;
    const machine = await this.#machine.catch(() => undefined);
    await machine?.close();
  }

  #send(machine: Machine, { index, blob, status }: StoredInput): Promise<AdvanceResult> {
    this.#sentCount = index + 1;
    const { at, payload } = decodeEvmAdvance(blob);
    // What stopped the machine once would stop it again: its state is the one before.
    if (status === "EXCEPTION") return Promise.resolve(NO_RESULT);
    return machine.advance(at, payload);
  }

  async #bringBack(generation: number): Promise<Machine> {
    const target = this.#store.getProcessedInputCount();
    const machine = await this.#startFromSnapshot(target);
    try {
      const beginMs = performance.now();
      while (this.#sentCount < target) {
        const limit = Math.min(CATCH_UP_INPUTS, target - this.#sentCount);
        const inputs = this.#store.listInputsFrom(this.#sentCount, limit);
        // The file may be rolled back meanwhile, below this target and up another chain.
        const isStill = inputs.length === limit && inputs.at(-1)?.status !== "NONE";
        if (!isStill || generation !== this.#generation) throw new MachineLost(OUTDATED, REPEAT);
        const results = await Promise.all(inputs.map((input) => this.#send(machine, input)));
        inputs.forEach((input, i) => {
          requireSameResult(this.#store, input, results[i]!, input.index === target - 1);
        });
      }
      this.#workMs = performance.now() - beginMs;
      return machine;
    } catch (error) {
      await machine.close();
      throw error;
    }
  }

  /** Begins at the newest snapshot that can be put back: a damaged one costs time, not the node. */
  async #startFromSnapshot(inputCountMax: number): Promise<Machine> {
    const machine = await this.#start();
    this.#sentCount = 0;
    this.#workMs = 0;
    if (!isRestorable(machine)) return machine;
    const snapshot = this.#store.findSnapshot(inputCountMax);
    if (snapshot === undefined) return machine;
    try {
      await machine.restore(snapshot);
      this.#sentCount = snapshot.inputCount;
      return machine;
    } catch (error) {
      await machine.close();
      // Memory that is short says nothing of the snapshot, and an older one would take no less.
      if (!(error instanceof MachineLost) || error instanceof MachineOutOfMemory) throw error;
      this.#log(
        `The snapshot of ${snapshot.inputCount} inputs cannot be put back, so more inputs than ` +
          `those after it are executed again. ${error.shortMessage}`,
      );
      return await this.#startFromSnapshot(snapshot.inputCount - 1);
    }
  }
}

const OUTDATED = "The machine was being brought to where the node no longer is.";
const ELSEWHERE = "The machine was brought back to an earlier input.";
const REPEAT = { whatToDo: "Run the inputs again from the first without a result." };
const NO_RESULT: AdvanceResult = { status: "rejected", outputs: [], reports: [] };

function toResult(index: number, { status, outputs, reports }: AdvanceResult): StoredResult {
  return {
    index,
    status: status === "accepted" ? "ACCEPTED" : "REJECTED",
    outputs: outputs.map(encodeOutput),
    reports: reports.map(toBytes),
  };
}

function toExceptionResult(index: number, { payload, reports }: MachineException): StoredResult {
  return {
    index,
    status: "EXCEPTION",
    outputs: [],
    reports: reports.map(toBytes),
    exception: toBytes(payload),
  };
}

const toBytes = (hex: Hex): Uint8Array => Uint8Array.from(Buffer.from(hex.slice(2), "hex"));
