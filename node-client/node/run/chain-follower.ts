import { readBlock, readHead } from "../../chain/ask-chain.ts";
import type { ChainReader } from "../../chain/chain-client.ts";
import type { BlockReference, ChainSegment } from "../../chain/chain-input.ts";
import { ChainReadError } from "../../chain/chain-read-error.ts";
import { createReadingPace, readSegment } from "../../chain/read-segment.ts";
import type { NodeIdentity } from "../store/node-store.ts";
import type { NodeStore } from "../store/sqlite-node-store.ts";

/** The chain as the node sees it. Every method may throw for a while and is then asked again. */
export interface ChainSource {
  getHead(): Promise<BlockReference>;
  /**
   * Asked of blocks up to the head that it gave.
   *
   * @throws ChainReadError when it does not know a block of that number: it lags.
   */
  isCanonical(block: BlockReference): Promise<boolean>;
  /**
   * What happened after `after` (`undefined`: since the deployment), up to the head or less far.
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

/** The chain behind a JSON-RPC provider, whose answers are checked before they are believed. */
export function createRpcChainSource(client: ChainReader, identity: NodeIdentity): ChainSource {
  const pace = createReadingPace();
  return {
    getHead: () => readHead(client),
    isCanonical: async (block) => (await readBlock(client, block.number)).hash === block.hash,
    readSegment: (from, inputCount, head) =>
      readSegment(client, identity, {
        from,
        firstBlock: identity.deploymentBlock,
        inputCount,
        head,
        pace,
      }),
  };
}

/** Looks in a row at one head below the known one before it counts as a shorter chain. */
const LOOKS_BEHIND_MAX = 20;
/** The same for a head that moves: a server that lags, as long as it may do so. */
const MOVING_LOOKS_BEHIND_MAX = 600;

/** What one step has found. */
type FollowStep =
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
  #looksBehind = 0;
  #looksAtSame = 0;
  #lastBehind = -1;
  /** How far to go back for logs that were left out before: farther each time. */
  #distrustedBlocks = 1;

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
    if (known?.hash === head.hash || this.#isMerelyBehind(known, head)) return "unchanged";
    const isOnChain =
      known === undefined || (head.number > known.number && (await this.#chain.isCanonical(known)));
    if (!isOnChain) {
      // Asked before the runner is stopped: the answers may take a while.
      const ancestor = await this.#findAncestor(Math.min(known.number, head.number));
      await beforeRollBack();
      this.#goBackTo(ancestor);
      return "reorganized";
    }
    try {
      const segment = await this.#chain.readSegment(known, this.#store.getInputCount(), head);
      this.#store.appendSegment(segment);
      this.#distrustedBlocks = 1;
      return "advanced";
    } catch (error) {
      const isOlder = error instanceof ChainReadError && error.fault === "earlier_logs_missing";
      if (!isOlder || known === undefined) throw error;
      // What a provider left out when it was read is missing in the file: read it again.
      const checkpoint = this.#store.findCheckpoint(known.number - this.#distrustedBlocks);
      this.#distrustedBlocks *= 2;
      await beforeRollBack();
      this.#goBackTo(checkpoint);
      return "reorganized";
    }
  }

  #goBackTo(block: BlockReference | undefined): void {
    if (block === undefined) this.#store.reset();
    else this.#store.rollBackTo(block);
  }

  /**
   * One of several servers behind a URL may lag: a head below the known one, on the known chain, is
   * believed only when it stays there, as after a restart of a development chain.
   */
  #isMerelyBehind(known: BlockReference | undefined, head: BlockReference): boolean {
    if (known === undefined || head.number >= known.number) {
      this.#looksBehind = 0;
      this.#looksAtSame = 0;
      return false;
    }
    const checkpoint = this.#store.findCheckpoint(head.number);
    const isOther = checkpoint?.number === head.number && checkpoint.hash !== head.hash;
    this.#looksBehind += 1;
    this.#looksAtSame = head.number === this.#lastBehind ? this.#looksAtSame + 1 : 1;
    this.#lastBehind = head.number;
    return (
      !isOther &&
      this.#looksAtSame < LOOKS_BEHIND_MAX &&
      this.#looksBehind < MOVING_LOOKS_BEHIND_MAX
    );
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
