import { concatBytes } from "@noble/hashes/utils.js";
import type { Crypto } from "../../spec/crypto.ts";

/** Height of the output tree of rollups-contracts 2.2.0 (`CanonicalMachine`). */
export const OUTPUT_TREE_HEIGHT = 63;

/** keccak256 of two nodes side by side. */
type HashPair = (left: Uint8Array, right: Uint8Array) => Uint8Array;

/** Roots of empty subtrees: at each level the one over 2^level leaves of 32 zero bytes. */
export function computeEmptyRoots(hashPair: HashPair): Uint8Array[] {
  const roots: Uint8Array[] = [new Uint8Array(32)];
  for (let level = 0; level < OUTPUT_TREE_HEIGHT; level++) {
    roots.push(hashPair(roots[level]!, roots[level]!));
  }
  return roots;
}

/** A tree that goes on where it was, and what hears of it. */
interface GrownTree {
  /** What `computeEmptyRoots` gives. */
  readonly empty: readonly Uint8Array[];
  readonly count: number;
  /** At each level the root of the last complete left subtree, where one waits for its sibling. */
  readonly left: (Uint8Array | undefined)[];
  /** Hears of each subtree of more than a leaf, when its last leaf has come. */
  onComplete(level: number, position: number, root: Uint8Array): void;
}

/** The append-only tree over the hashes of outputs: keeps the left siblings of the next leaf only. */
export class LeafTree {
  readonly #hashPair: HashPair;
  readonly #tree: GrownTree;
  #count: number;

  constructor(hashPair: HashPair, tree: GrownTree) {
    this.#hashPair = hashPair;
    this.#tree = tree;
    this.#count = tree.count;
  }

  /** How many leaves it holds: the next one has this index. */
  get count(): number {
    return this.#count;
  }

  /** Appends one output's hash. */
  appendLeaf(leaf: Uint8Array): void {
    const { left, onComplete } = this.#tree;
    let node = leaf;
    let level = 0;
    for (let position = this.#count; position % 2 === 1; ) {
      node = this.#hashPair(left[level]!, node);
      left[level] = undefined;
      level += 1;
      position = (position - 1) / 2;
      onComplete(level, position, node);
    }
    left[level] = node;
    this.#count += 1;
  }

  /** The outputs Merkle root: what a claim says of an epoch that ends here. */
  computeRoot(): Uint8Array {
    const { empty, left } = this.#tree;
    let node = empty[0]!;
    for (let level = 0; level < OUTPUT_TREE_HEIGHT; level++) {
      const before = left[level];
      node =
        before === undefined ? this.#hashPair(node, empty[level]!) : this.#hashPair(before, node);
    }
    return node;
  }
}

/** The tree over all outputs since genesis, in memory: leaf = keccak256(output). */
export class OutputTree extends LeafTree {
  readonly #crypto: Crypto;

  constructor(crypto: Crypto) {
    const hashPair: HashPair = (left, right) => crypto.keccak256(concatBytes(left, right));
    const empty = computeEmptyRoots(hashPair);
    super(hashPair, { empty, count: 0, left: [], onComplete: () => {} });
    this.#crypto = crypto;
  }

  /** Appends one output's bytes, as `encodeOutput` gives them. */
  append(output: Uint8Array): void {
    this.appendLeaf(this.#crypto.keccak256(output));
  }
}
