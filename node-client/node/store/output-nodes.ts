import { createKeccak } from "hash-wasm";
import { invariant } from "../../../dapp/engine/invariant.ts";
import type { Hex } from "../../../spec/outputs.ts";
import { computeEmptyRoots, LeafTree, OUTPUT_TREE_HEIGHT } from "../../chain/output-tree.ts";
import { type Database, toBytes, toHex } from "./node-database.ts";

/**
 * Compiled once, when this module is loaded: opening a store is synchronous. WebAssembly because a
 * pair of the output tree takes 0.8 µs in it and 6 µs in JavaScript, and every input costs 63.
 */
const hasher = await createKeccak(256);

/** keccak256 of bytes: 32 bytes. */
export function keccak256(data: Uint8Array): Uint8Array {
  return hasher.init().update(data).digest("binary");
}

/** keccak256 of two nodes of a tree, side by side. */
function hashPair(left: Uint8Array, right: Uint8Array): Uint8Array {
  return hasher.init().update(left).update(right).digest("binary");
}

/** `EMPTY[level]` covers 2^level empty leaves. */
const EMPTY: readonly Uint8Array[] = computeEmptyRoots(hashPair);
const EMPTY_HEX: readonly Hex[] = EMPTY.map(toHex);

/** The outputs Merkle root of no outputs: what the first input starts from. */
export const EMPTY_OUTPUTS_ROOT: Uint8Array = EMPTY[OUTPUT_TREE_HEIGHT]!;

/**
 * The output tree in the file: the root of every complete subtree is a row. Outputs only come at
 * the end, so a complete subtree never changes, and the tree of any earlier size is still there:
 * its complete subtrees are rows, its last incomplete ones are folded from at most 63 of them.
 */
export class OutputNodes {
  readonly #database: Database;
  /** Asked for last. A root commits to its tree, so this never becomes wrong. */
  #path:
    | {
        readonly root: Hex;
        readonly endings: readonly Hex[];
        readonly index: number;
        readonly siblings: readonly Hex[];
      }
    | undefined;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Continues the tree at `size` outputs, writing the subtrees that get complete. */
  openAt(size: number): LeafTree {
    const left: (Uint8Array | undefined)[] = [];
    for (let level = 0, rest = size; rest > 0; level++, rest = Math.floor(rest / 2)) {
      left.push(rest % 2 === 1 ? this.#get(level, rest - 1) : undefined);
    }
    const onComplete = (level: number, position: number, hash: Uint8Array): void =>
      this.#database.insert("output_nodes", { level, position, hash });
    return new LeafTree(hashPair, { empty: EMPTY, count: size, left, onComplete });
  }

  /**
   * The siblings of the leaf at `index` in the tree of the first `size` outputs, bottom up.
   *
   * At each level the sibling is a complete subtree (a row), or lies after the end (empty), or is
   * the one subtree that the end runs through. From the level on where the path meets the one
   * before, which is near for neighbours, they share their siblings.
   *
   * @param root That tree's root, by which what is known of one path serves the next.
   */
  getSiblings(index: number, size: number, root: Hex): Hex[] {
    invariant(index < size, "a sibling path leads up from an output of the tree");
    const before = this.#path?.root === root ? this.#path : undefined;
    const endings = before?.endings ?? this.#computeEndings(size);
    const siblings: Hex[] = [];
    for (let level = 0; level < OUTPUT_TREE_HEIGHT; level++) {
      const width = 2 ** level;
      const position = Math.floor(index / width);
      if (before !== undefined && position === Math.floor(before.index / width)) {
        siblings.push(...before.siblings.slice(level));
        break;
      }
      const sibling = position % 2 === 0 ? position + 1 : position - 1;
      const end = Math.floor(size / width);
      if (sibling < end) siblings.push(toHex(this.#get(level, sibling)));
      else siblings.push(sibling === end ? endings[level]! : EMPTY_HEX[level]!);
    }
    this.#path = { root, endings, index, siblings };
    return [...siblings];
  }

  /** At each level the root of the subtree that the end runs through. */
  #computeEndings(size: number): Hex[] {
    const endings: Hex[] = [];
    let ending = EMPTY[0]!;
    for (let level = 0; level < OUTPUT_TREE_HEIGHT; level++) {
      endings.push(toHex(ending));
      const end = Math.floor(size / 2 ** level);
      ending =
        end % 2 === 1
          ? hashPair(this.#get(level, end - 1), ending)
          : hashPair(ending, EMPTY[level]!);
    }
    return endings;
  }

  /** Forgets every subtree that holds an output from `size` on. */
  truncate(size: number): void {
    const levels = this.#database.get("SELECT max(level) AS level FROM output_nodes")?.level;
    for (let level = 1; level <= Number(levels ?? 0); level++) {
      this.#database.run(
        "DELETE FROM output_nodes WHERE level = ? AND position >= ?",
        level,
        Math.floor(size / 2 ** level),
      );
    }
  }

  #get(level: number, position: number): Uint8Array {
    const ofNode = "SELECT hash FROM output_nodes WHERE level = ? AND position = ?";
    const row =
      level === 0
        ? this.#database.get("SELECT hash FROM outputs WHERE output_index = ?", position)
        : this.#database.get(ofNode, level, position);
    invariant(row !== undefined, `a complete subtree is a row: level ${level}, ${position}`);
    return toBytes(row.hash);
  }
}
