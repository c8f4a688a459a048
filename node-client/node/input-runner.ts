import { ClientError } from "../errors.ts";
import { MachineLost } from "../machine/machine.ts";
import type { MachineKeeper } from "./machine-keeper.ts";
import type { NodeStore } from "./node-store.ts";

/** Inputs run and committed at once: enough to make a commit cheap, few enough to be quick. */
const GROUP_INPUTS = 64;
/** How often one input may take the machine away before the node gives up on it. */
const LOSSES_MAX = 3;

/** An input takes the machine away each time: nobody can tell what comes of it. */
export class MachineKeepsDying extends ClientError {
  override readonly name = "MachineKeepsDying";
}

/** Runs the recorded inputs of a node in order and keeps their results. One call at a time. */
export class InputRunner {
  readonly #store: NodeStore;
  readonly #keeper: MachineKeeper;
  #losses = 0;

  constructor(store: NodeStore, keeper: MachineKeeper) {
    this.#store = store;
    this.#keeper = keeper;
  }

  /**
   * Runs one group of the recorded inputs that have no result yet.
   *
   * @returns How many have one now.
   * @throws MachineKeepsDying when one input takes the machine away again and again.
   */
  async runGroup(): Promise<number> {
    const from = this.#store.getProcessedInputCount();
    const inputs = this.#store.listInputsFrom(from, GROUP_INPUTS);
    if (inputs.length === 0) return 0;
    if (this.#keeper.needsRestart()) await this.#keeper.restart();
    try {
      const results = await this.#keeper.run(inputs);
      this.#store.commitResults(results);
      this.#losses = 0;
      if (results.length < inputs.length || results.at(-1)?.status === "EXCEPTION") {
        await this.#keeper.restart();
      }
      return results.length;
    } catch (error) {
      if (!(error instanceof MachineLost)) throw error;
      // Whoever asks may break the machine as often as he likes: that says nothing of the input.
      if (!this.#keeper.wasAsked()) this.#losses += 1;
      if (this.#losses >= LOSSES_MAX) {
        throw new MachineKeepsDying(`The machine went away over input ${from}, again and again.`, {
          whatToDo: "Look at its own words, keep the node's file and report it: nothing is lost.",
          cause: error,
        });
      }
      await this.#keeper.restart();
      return 0;
    }
  }
}
