import type { Crypto } from "../../spec/crypto.ts";
import { computeRoot, computeSchemaHash, LANE_COUNT } from "../../spec/state-root.ts";
import { TABLES } from "../../spec/tables.ts";
import type { RowJournal } from "./row-journal.ts";

/** What a scan of all rows adds up to. */
export interface RowTotals {
  readonly lanes: Uint16Array;
  readonly weight: number;
}

/**
 * What the committed rows add up to: the root's lanes and the weight; and those of the open
 * transaction, of the lanes as far as its root was asked for. A commit takes over what `getRoot` has
 * hashed; a rollback forgets it.
 */
export class RowSums {
  readonly #crypto: Crypto;
  readonly #journal: RowJournal;
  readonly #schemaHash: Uint8Array;
  #committed = new Uint16Array(LANE_COUNT);
  #working = new Uint16Array(LANE_COUNT);
  /** How many entries of the journal `#working` holds on top of `#committed`. */
  #appliedCount = 0;
  #root: Uint8Array | undefined;
  #committedWeight = 0;

  constructor(crypto: Crypto, journal: RowJournal) {
    this.#crypto = crypto;
    this.#journal = journal;
    this.#schemaHash = computeSchemaHash(crypto, TABLES);
  }

  /** The root over the committed rows and those in the journal: 32 bytes, the caller's to keep. */
  getRoot(): Uint8Array {
    this.#apply();
    this.#root ??= this.computeRootOf(this.#working);
    return this.#root.slice();
  }

  /** The weight of the committed rows and those in the journal (spec §14.1). */
  getWeight(): number {
    return this.#committedWeight + this.#journal.weight;
  }

  /** The root that these lanes give under the schema of this state. */
  computeRootOf(lanes: Uint16Array): Uint8Array {
    return computeRoot(this.#crypto, this.#schemaHash, lanes);
  }

  /** True iff no row is committed: the sums of an empty state are all zero. */
  isEmpty(): boolean {
    return this.#committedWeight === 0 && this.#committed.every((lane) => lane === 0);
  }

  /** Hashes what the journal holds, so that `commit` only has to take it. */
  prepareCommit(): void {
    this.#apply();
  }

  /** Takes the journal's rows for good and empties the journal. */
  commit(): void {
    this.#apply();
    this.#committed.set(this.#working);
    this.#committedWeight += this.#journal.weight;
    this.#journal.cut(0);
    this.#appliedCount = 0;
  }

  /** Forgets the rows after the first `length` of the journal. */
  cut(length: number): void {
    this.#journal.cut(length);
    if (length >= this.#appliedCount) return;
    // What was hashed beyond the cut is mixed in: start again from what is committed.
    this.#working.set(this.#committed);
    this.#appliedCount = 0;
    this.#root = undefined;
  }

  /** Replaces everything by what a scan of the rows gave. */
  replace({ lanes, weight }: RowTotals): void {
    this.#journal.cut(0);
    this.#committedWeight = weight;
    this.#committed.set(lanes);
    this.#working.set(lanes);
    this.#appliedCount = 0;
    this.#root = undefined;
  }

  #apply(): void {
    if (this.#appliedCount === this.#journal.length) return;
    this.#journal.applyTo(this.#working, this.#appliedCount);
    this.#appliedCount = this.#journal.length;
    this.#root = undefined;
  }
}
