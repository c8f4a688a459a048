import type { BlockReference } from "../chain/chain-input.ts";
import type { ChainSegment, NodeStore } from "./node-store.ts";

/** The chain as the node sees it. Every method may throw for a while and is then asked again. */
export interface ChainSource {
  getHead(): Promise<BlockReference>;
  isCanonical(block: BlockReference): Promise<boolean>;
  /**
   * What happened behind `after` (`undefined`: since the deployment), up to the head or less far.
   *
   * @param inputCount Inputs up to `after`: the next one has this index.
   * @throws ChainReadError when the provider left something out or the chain moved meanwhile.
   */
  readSegment(
    after: BlockReference | undefined,
    inputCount: number,
    head: BlockReference,
  ): Promise<ChainSegment>;
}

/** What one step has found. */
export type FollowStep =
  /** The head is the one that is known. */
  | "unchanged"
  /** Blocks were recorded; there may be more. */
  | "advanced"
  /** Known blocks are gone: the file was rolled back, the machine has to follow. */
  | "reorganized";

/** Records what happens on the chain, and takes back what did not happen after all. */
export class ChainFollower {
  readonly #store: NodeStore;
  readonly #chain: ChainSource;

  constructor(store: NodeStore, chain: ChainSource) {
    this.#store = store;
    this.#chain = chain;
  }

  /**
   * One look at the chain.
   *
   * @param beforeRollBack Called, and waited for, before anything is taken back: the runner must not
   * be in the middle of it.
   * @throws what the chain source throws: nothing is recorded then, and the step can be repeated.
   */
  async step(beforeRollBack: () => Promise<void>): Promise<FollowStep> {
    const known = this.#store.getHead();
    const head = await this.#chain.getHead();
    if (known?.hash === head.hash) return "unchanged";
    const isOnChain =
      known === undefined || (head.number > known.number && (await this.#chain.isCanonical(known)));
    if (!isOnChain) {
      // Asked before the runner is stopped: the answers may take a while.
      const ancestor = await this.#findAncestor(Math.min(known.number, head.number));
      await beforeRollBack();
      if (ancestor === undefined) this.#store.reset();
      else this.#store.rollBackTo(ancestor);
      return "reorganized";
    }
    const segment = await this.#chain.readSegment(known, this.#store.getInputCount(), head);
    this.#store.appendSegment(segment);
    return "advanced";
  }

  /** The newest checkpoint that the chain still has. Steps get longer: few questions for any depth. */
  async #findAncestor(atOrBelow: number): Promise<BlockReference | undefined> {
    let number = atOrBelow;
    for (let distance = 1; number >= 0; distance *= 2) {
      const checkpoint = this.#store.findCheckpoint(number);
      if (checkpoint === undefined) return undefined;
      if (await this.#chain.isCanonical(checkpoint)) return checkpoint;
      number = checkpoint.number - distance;
    }
    return undefined;
  }
}
