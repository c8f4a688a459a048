import type { Crypto } from "../../spec/crypto.ts";

/** Height of the output tree of rollups-contracts 2.2.0 (`CanonicalMachine`). */
export const OUTPUT_TREE_HEIGHT = 63;

/**
 * The append-only tree over all outputs since genesis: keccak256 pairs, leaf = keccak256(output),
 * an empty leaf is 32 zero bytes. Keeps the left siblings of the next leaf only.
 */
export class OutputTree {
  readonly #crypto: Crypto;
  readonly #empty: Uint8Array[] = [new Uint8Array(32)];
  /** At each level the root of the last complete left subtree, where one waits for its sibling. */
  readonly #left: (Uint8Array | undefined)[] = [];
  #count = 0;

  constructor(crypto: Crypto) {
    this.#crypto = crypto;
    for (let level = 0; level < OUTPUT_TREE_HEIGHT; level++) {
      const below = this.#empty[level]!;
      this.#empty.push(this.#hashPair(below, below));
    }
  }

  /** How many outputs it holds. */
  get count(): number {
    return this.#count;
  }

  /** Appends one output's bytes, as `encodeOutput` gives them. */
  append(output: Uint8Array): void {
    let node = this.#crypto.keccak256(output);
    let level = 0;
    for (let index = this.#count; index % 2 === 1; index = (index - 1) / 2) {
      node = this.#hashPair(this.#left[level]!, node);
      this.#left[level] = undefined;
      level += 1;
    }
    this.#left[level] = node;
    this.#count += 1;
  }

  /** The outputs Merkle root: what a claim says of an epoch. */
  computeRoot(): Uint8Array {
    let node = this.#empty[0]!;
    for (let level = 0; level < OUTPUT_TREE_HEIGHT; level++) {
      const left = this.#left[level];
      node =
        left === undefined ? this.#hashPair(node, this.#empty[level]!) : this.#hashPair(left, node);
    }
    return node;
  }

  #hashPair(left: Uint8Array, right: Uint8Array): Uint8Array {
    const pair = new Uint8Array(64);
    pair.set(left);
    pair.set(right, 32);
    return this.#crypto.keccak256(pair);
  }
}
