import { ConsensusChanged } from "../../chain/read-segment.ts";
import { ClientError } from "../../errors.ts";
import type { InspectResult, Machine } from "../machine/machine.ts";
import { NodeStoreError } from "../store/node-store-error.ts";
import type { NodeStore } from "../store/sqlite-node-store.ts";
import type { NodeView } from "../store/sqlite-node-view.ts";
import { describeContradiction, findContradiction } from "./application-standing.ts";
import { ChainFollower, type ChainSource } from "./chain-follower.ts";
import { Claimer, type ClaimSender } from "./claimer.ts";
import { InputRunner } from "./input-runner.ts";
import { MachineKeeper } from "./machine-keeper.ts";
import { EpochWatch, type NodeActivity } from "./node-activity.ts";
import { MachineDiverged } from "./require-same-result.ts";
import { Signal } from "./signal.ts";

export interface EmbeddedNodeOptions {
  /** Belongs to the node from here on: it is closed with it. */
  readonly store: NodeStore;
  readonly chain: ChainSource;
  /** Without it the node computes claims and leaves sending them to others. */
  readonly claims: ClaimSender | undefined;
  /** Starts a machine over the empty state. */
  readonly startMachine: () => Promise<Machine>;
  /** The application has left the consensus of the file before. */
  readonly left?: ConsensusChanged | undefined;
  /** Time between two looks at the chain when nothing happens. */
  readonly pollMs: number;
  /** Takes one line about what an operator should know. */
  readonly log: (line: string) => void;
  /** Takes each input and each claim that something became of, as it happens. */
  readonly watch?: ((activity: NodeActivity) => void) | undefined;
}

/** How long the machine has nothing to do before a snapshot takes its time. */
const IDLE_MS = 200;
const BACKOFF_MS_MAX = 5_000;

/**
 * The node: follows the chain, runs its inputs, keeps the results, and claims epochs. Three loops
 * that share one file; only a rollback makes one wait for another.
 *
 * @example
 * const node = await EmbeddedNode.start({ store, chain, claims, startMachine, pollMs: 100, log });
 * await node.failed; // never settles unless the node cannot go on
 */
export class EmbeddedNode {
  readonly view: NodeView;
  /** Resolves with the reason when the node cannot go on; it has stopped then. */
  readonly failed: Promise<Error>;
  readonly #store: NodeStore;
  readonly #options: EmbeddedNodeOptions;
  readonly #keeper: MachineKeeper;
  readonly #epochs: EpochWatch;
  readonly #hasInputs = new Signal();
  readonly #stopping = new Signal();
  readonly #claimsStopping = new Signal();
  readonly #loops: Promise<void>[] = [];
  #fail: (error: Error) => void = () => {};
  #isStopped = false;
  /** The last look at the chain succeeded, and nothing of it is left to do. */
  #isReady = false;
  /** While one holds it, the other waits: the runner's groups, or the follower's rollback. */
  #turn: Promise<void> = Promise.resolve();
  #closing: Promise<void> | undefined;
  /** The consensus that is followed counts no more. */
  #left: ConsensusChanged | undefined;
  #saidFault: string | undefined;

  /**
   * Brings the machine to where the file says it was, then goes on from there.
   *
   * @throws MachineLost or MachineDiverged when the machine cannot be brought there.
   */
  static async start(options: EmbeddedNodeOptions): Promise<EmbeddedNode> {
    const node = new EmbeddedNode(options);
    try {
      await node.#keeper.ready();
    } catch (error) {
      await node.#keeper.close();
      options.store.close();
      throw error;
    }
    node.#loops.push(
      node.#guard(node.#followLoop()),
      node.#guard(node.#runLoop()),
      node.#guard(node.#claimLoop()),
    );
    return node;
  }

  private constructor(options: EmbeddedNodeOptions) {
    this.#options = options;
    this.#store = options.store;
    this.#left = options.left;
    this.view = options.store;
    this.#epochs = new EpochWatch(options.store, (epoch) => this.#tell({ kind: "epoch", epoch }));
    this.#keeper = new MachineKeeper(options.store, options.startMachine, options.log);
    this.failed = new Promise((resolve) => {
      this.#fail = resolve;
    });
  }

  /** Why the application is inoperable, for which reads still go on; `undefined` when it is not. */
  findFault(): string | undefined {
    if (this.#left === undefined) return findContradiction(this.#store);
    return `${this.#left.shortMessage} ${this.#left.whatToDo}`;
  }

  /** Whether the chain answers and every recorded input has its result. */
  isReady(): boolean {
    return (
      this.#isReady &&
      !this.#isStopped &&
      this.#store.getProcessedInputCount() === this.#store.getInputCount()
    );
  }

  /** Asks the machine; the count is the inputs that its answer takes account of. */
  async inspect(
    query: Uint8Array,
  ): Promise<InspectResult & { readonly processedInputCount: number }> {
    const { inputCount, ...result } = await this.#keeper.inspect(query);
    return { ...result, processedInputCount: inputCount };
  }

  /** Finishes what is under way, keeps a snapshot and closes the file. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#stop();
    await Promise.all(this.#loops);
    // What a restart saves by it is worth more than a quick end; a lost machine has nothing to keep.
    await this.#keeper.takeSnapshot().catch(() => {});
    await this.#keeper.close();
    this.#store.close();
  }

  #stop(): void {
    this.#isStopped = true;
    this.#hasInputs.set();
    this.#stopping.set();
    this.#claimsStopping.set();
  }

  /** A loop that breaks stops the others: a node that does half of its work would mislead. */
  async #guard(loop: Promise<void>): Promise<void> {
    try {
      await loop;
    } catch (error) {
      this.#stop();
      this.#fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  async #followLoop(): Promise<void> {
    const follower = new ChainFollower(this.#store, this.#options.chain);
    let failures = 0;
    while (!this.#isStopped) {
      let endTurn: (() => void) | undefined;
      const countBefore = this.#store.getInputCount();
      try {
        const step = await follower.step(async () => {
          endTurn = await this.#takeTurn();
        });
        if (step === "reorganized") {
          const head = this.#store.getHead()?.number ?? "the deployment";
          const taken = nameTaken(this.#store.getInputCount(), countBefore);
          this.#options.log(`The chain was reorganised: going on from block ${head}${taken}.`);
          await this.#keeper.restart();
        }
        if (failures > 0) this.#options.log("The chain answers again.");
        failures = 0;
        // Where it had left, nothing could be read: a reorganisation has brought it back.
        if (step !== "unchanged") this.#left = this.#options.left;
        this.#sayFault();
        if (step !== "unchanged") {
          this.#lookAtEpochs();
          this.#hasInputs.set();
        }
        this.#isReady = step === "unchanged" || this.#isReady;
        if (step === "unchanged") await this.#stopping.wait(this.#options.pollMs);
      } catch (error) {
        this.#isReady = false;
        if (error instanceof ConsensusChanged) {
          this.#left ??= error;
          this.#sayFault();
          await this.#stopping.wait(BACKOFF_MS_MAX);
          continue;
        }
        if (!(error instanceof ClientError) || isForGood(error)) throw error;
        if (failures === 0) this.#options.log(`${error.shortMessage} Trying again.`);
        failures += 1;
        await this.#stopping.wait(Math.min(BACKOFF_MS_MAX, this.#options.pollMs * 2 ** failures));
      } finally {
        endTurn?.();
      }
    }
  }

  /** Only for somebody who looks on. */
  #lookAtEpochs(): void {
    if (this.#options.watch !== undefined) this.#epochs.look();
  }

  #tell(activity: NodeActivity): void {
    this.#options.watch?.(activity);
  }

  /** Once, however long it lasts. */
  #sayFault(): void {
    const fault = this.findFault();
    if (fault !== undefined && fault !== this.#saidFault) this.#options.log(fault);
    this.#saidFault = fault;
  }

  async #runLoop(): Promise<void> {
    const runner = new InputRunner(this.#store, this.#keeper, (activity) => this.#tell(activity));
    while (!this.#isStopped) {
      const count = await this.#withTurn(async () => {
        const done = await runner.runGroups();
        if (done > 0) await this.#keeper.snapshotIfDue(false);
        return done;
      });
      if (count > 0 || this.#store.getProcessedInputCount() < this.#store.getInputCount()) continue;
      if (await this.#hasInputs.wait(IDLE_MS)) continue;
      await this.#withTurn(() => this.#keeper.snapshotIfDue(true));
      await this.#hasInputs.wait(60_000);
    }
  }

  async #claimLoop(): Promise<void> {
    const { claims, pollMs, log } = this.#options;
    if (claims === undefined) return;
    const claimer = new Claimer(this.#store, claims);
    let lastWords = "";
    while (!this.#isStopped) {
      let words = "";
      try {
        const step = this.#left === undefined ? await claimer.step() : undefined;
        if (step?.kind === "sent") this.#lookAtEpochs();
        // What the file knows of it is said once, whoever claims.
        if (step?.kind === "contradicted" && step.epoch.status !== "CLAIM_REJECTED") {
          words = describeContradiction(step.epoch);
        }
      } catch (error) {
        if (!(error instanceof ClientError) || isForGood(error)) throw error;
        words = `No claim could be sent: ${error.shortMessage} ${error.whatToDo}`;
      }
      if (words !== "" && words !== lastWords) log(words);
      lastWords = words;
      await this.#claimsStopping.wait(words === "" ? pollMs : BACKOFF_MS_MAX);
    }
  }

  async #withTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const endTurn = await this.#takeTurn();
    try {
      return await work();
    } finally {
      endTurn();
    }
  }

  async #takeTurn(): Promise<() => void> {
    const previous = this.#turn;
    let end: () => void = () => {};
    this.#turn = new Promise((resolve) => {
      end = resolve;
    });
    await previous;
    return end;
  }
}

/** The inputs that a reorganisation took back, for its line. */
function nameTaken(count: number, countBefore: number): string {
  if (count >= countBefore) return "";
  const last = countBefore - 1;
  const inputs = count === last ? `input ${last} is` : `inputs ${count} to ${last} are`;
  return `; ${inputs} gone from it, unless the blocks after that have them again`;
}

/** What no repetition mends: the file, another program than the file's. */
const isForGood = (error: ClientError): boolean =>
  error instanceof NodeStoreError || error instanceof MachineDiverged;
