import type { StoredEpoch, StoredInput, StoredResult } from "../store/node-store.ts";
import type { NodeView } from "../store/sqlite-node-view.ts";

/** What a node has done, for whoever looks on: an input's verdict, or what became of a claim. */
export type NodeActivity =
  | { readonly kind: "input"; readonly input: StoredInput; readonly result: StoredResult }
  | { readonly kind: "epoch"; readonly epoch: StoredEpoch };

/** Epochs that are read at once. */
const PAGE_EPOCHS = 100;

/** Sees when epochs' claims are sent, accepted or contradicted. */
export class EpochWatch {
  readonly #view: NodeView;
  readonly #tell: (epoch: StoredEpoch) => void;
  /** The first epoch whose end has not been seen; those before it are not looked at again. */
  #from: number;
  /** What was last seen of each epoch from there on. */
  #seen = new Map<number, StoredEpoch["status"]>();

  /** Begins with what is known by now: that has been said in an earlier run. */
  constructor(view: NodeView, tell: (epoch: StoredEpoch) => void) {
    this.#view = view;
    this.#tell = tell;
    this.#from = this.#firstOpen();
    for (const epoch of this.#list()) this.#seen.set(epoch.index, epoch.status);
  }

  /** Says what is new since the last look, in the order of the epochs. */
  look(): void {
    // A reorganisation may take an acceptance back.
    this.#from = Math.min(this.#from, this.#firstOpen());
    for (const epoch of this.#list()) {
      if (epoch.status !== this.#seen.get(epoch.index) && isTold(epoch)) this.#tell(epoch);
      this.#seen.set(epoch.index, epoch.status);
    }
    this.#from = this.#firstOpen();
    for (const index of this.#seen.keys()) if (index < this.#from) this.#seen.delete(index);
  }

  #firstOpen(): number {
    const accepted = this.#view.getLastAcceptedEpochIndex();
    return accepted === undefined ? 0 : accepted + 1;
  }

  *#list(): Generator<StoredEpoch> {
    for (let from = this.#from, isLast = false; !isLast; ) {
      const { items } = this.#view.listEpochs({ from }, { limit: PAGE_EPOCHS, offset: 0 });
      yield* items;
      from = (items.at(-1)?.index ?? from) + 1;
      isLast = items.length < PAGE_EPOCHS;
    }
  }
}

const isTold = ({ status }: StoredEpoch): boolean =>
  status === "CLAIM_SUBMITTED" || status === "CLAIM_ACCEPTED" || status === "CLAIM_REJECTED";
