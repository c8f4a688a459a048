import type { Hex } from "../../spec/outputs.ts";
import type { NodeStore, StoredEpoch } from "./node-store.ts";

/** What became of handing a claim to the chain. */
export type ClaimOutcome =
  /** It was sent, or its twin waits already. */
  | { readonly kind: "sent"; readonly transactionHash: Hex }
  /** The consensus has this very claim: the log will tell. */
  | { readonly kind: "accepted_already" }
  /** The consensus has another claim for this block, which ours contradicts. */
  | { readonly kind: "contradicted"; readonly outputsMerkleRoot: Hex };

/** The consensus as the claimer sees it. Every method may throw for a while. */
export interface ClaimChannel {
  /** The newest block that will not be reorganised any more, as far as the operator trusts it. */
  getSettledBlockNumber(): Promise<number>;
  submit(epoch: StoredEpoch): Promise<ClaimOutcome>;
  /** Whether the chain, or its waiting transactions, still know a sent claim, and did not revert it. */
  isAlive(transactionHash: Hex): Promise<boolean>;
}

/** A claim that the consensus accepted is not ours: the file and the chain cannot both be right. */
export interface ClaimContradiction {
  readonly epoch: StoredEpoch;
  readonly outputsMerkleRoot: Hex;
}

/**
 * Sends one claim after the other. What is accepted is read from the chain's logs by the follower;
 * here only what is sent is remembered, and a claim that vanished is sent again.
 */
export class Claimer {
  readonly #store: NodeStore;
  readonly #channel: ClaimChannel;

  constructor(store: NodeStore, channel: ClaimChannel) {
    this.#store = store;
    this.#channel = channel;
  }

  /**
   * Looks after the oldest unaccepted claim.
   *
   * @returns A contradiction, which an operator has to look into.
   * @throws what the channel throws: the step can be repeated.
   */
  async step(): Promise<ClaimContradiction | undefined> {
    const [epoch] = this.#store.listUnclaimedEpochs(1);
    if (epoch === undefined) return undefined;
    if (epoch.lastBlock > (await this.#channel.getSettledBlockNumber())) return undefined;
    const sent = epoch.status === "CLAIM_SUBMITTED" ? epoch.claimTransactionHash : undefined;
    if (sent !== undefined && (await this.#channel.isAlive(sent))) return undefined;
    const outcome = await this.#channel.submit(epoch);
    if (outcome.kind === "contradicted") {
      return { epoch, outputsMerkleRoot: outcome.outputsMerkleRoot };
    }
    // The file may have been rolled back while the chain was asked.
    const current = this.#store.getEpoch(epoch.index);
    if (outcome.kind === "sent" && current?.outputsMerkleRoot === epoch.outputsMerkleRoot) {
      this.#store.markClaimSubmitted(epoch.index, outcome.transactionHash);
    }
    return undefined;
  }
}
