import type { Hex } from "../../../spec/outputs.ts";
import type { ClaimOutcome } from "../../chain/submit-claim.ts";
import type { StoredEpoch } from "../store/node-store.ts";
import type { NodeStore } from "../store/sqlite-node-store.ts";

/** The consensus as the claimer sees it. Every method may throw for a while. */
export interface ClaimSender {
  /** The newest block that will not be reorganised any more, as far as the operator trusts it. */
  getSettledBlockNumber(): Promise<number>;
  submit(epoch: StoredEpoch): Promise<ClaimOutcome>;
  /** Whether the chain, or its waiting transactions, still know a sent claim, and did not revert it. */
  isAlive(transactionHash: Hex): Promise<boolean>;
}

/** What one step came to; `contradicted` means that the file and the chain cannot both be right. */
type ClaimStep =
  | { readonly kind: "nothing_due" | "waiting" | "sent" }
  | { readonly kind: "contradicted"; readonly epoch: StoredEpoch };

const FIRST = { limit: 1, offset: 0 };

/**
 * Sends one claim after the other. What is accepted is read from the chain's logs by the follower;
 * here only what is sent is remembered, and a claim that vanished is sent again.
 */
export class Claimer {
  readonly #store: NodeStore;
  readonly #channel: ClaimSender;

  constructor(store: NodeStore, channel: ClaimSender) {
    this.#store = store;
    this.#channel = channel;
  }

  /**
   * Looks after the oldest unaccepted claim, as long as the chain has accepted no other than ours:
   * what we would claim from there on rests on what it does not believe.
   *
   * @throws what the channel throws: the step can be repeated.
   */
  async step(): Promise<ClaimStep> {
    const [rejected] = this.#store.listEpochs({ status: "CLAIM_REJECTED" }, FIRST).items;
    if (rejected !== undefined) return { kind: "contradicted", epoch: rejected };
    const [epoch] = this.#store.listUnclaimedEpochs(1);
    if (epoch === undefined) return { kind: "nothing_due" };
    if (epoch.lastBlock > (await this.#channel.getSettledBlockNumber())) {
      return { kind: "nothing_due" };
    }
    const sent = epoch.status === "CLAIM_SUBMITTED" ? epoch.claimTransactionHash : undefined;
    if (sent !== undefined && (await this.#channel.isAlive(sent))) return { kind: "waiting" };
    const outcome = await this.#channel.submit(epoch);
    if (outcome.kind === "conflicting") return { kind: "contradicted", epoch };
    if (outcome.kind !== "sent") return { kind: "waiting" };
    // The file may have been rolled back while the chain was asked.
    const current = this.#store.getEpoch(epoch.index);
    if (current?.outputsMerkleRoot === epoch.outputsMerkleRoot) {
      this.#store.markClaimSubmitted(epoch.index, outcome.transactionHash);
    }
    return { kind: "sent" };
  }
}
