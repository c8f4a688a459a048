import { invariant } from "../../../dapp/engine/invariant.ts";
import type { Hex } from "../../../spec/outputs.ts";
import { OUTPUT_TREE_HEIGHT } from "../../chain/output-tree.ts";
import { hashPair } from "./keccak256.ts";
import { type Database, toBytes, toHex } from "./node-database.ts";

/** Roots of empty subtrees: `EMPTY[level]` covers 2^level empty leaves. */
const EMPTY: readonly Uint8Array[] = computeEmptyRoots();

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

  /** Continues the tree at `size` outputs. One such object serves one transaction. */
  openAt(size: number): OutputAppender {
    const left: (Uint8Array | undefined)[] = [];
    for (let level = 0, rest = size; rest > 0; level++, rest = Math.floor(rest / 2)) {
      left.push(rest % 2 === 1 ? this.#get(level, rest - 1) : undefined);
    }
    return new OutputAppender(this.#database, size, left);
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
    const row =
      level === 0
        ? this.#database.get("SELECT hash FROM outputs WHERE output_index = ?", position)
        : this.#database.get(
            "SELECT hash FROM output_nodes WHERE level = ? AND position = ?",
            level,
            position,
          );
    invariant(row !== undefined, `a complete subtree is a row: level ${level}, ${position}`);
    return toBytes(row.hash);
  }
}

/** Appends leaves to the tree; keeps the left siblings of the next one in memory. */
class OutputAppender {
  readonly #database: Database;
  readonly #left: (Uint8Array | undefined)[];
  #size: number;

  constructor(database: Database, size: number, left: (Uint8Array | undefined)[]) {
    this.#database = database;
    this.#size = size;
    this.#left = left;
  }

  get size(): number {
    return this.#size;
  }

  /** Adds an output's hash and writes the subtrees that it completes. */
  append(leaf: Uint8Array): void {
    let node = leaf;
    let level = 0;
    let position = this.#size;
    for (; position % 2 === 1; position = (position - 1) / 2) {
      node = hashPair(this.#left[level]!, node);
      this.#left[level] = undefined;
      level += 1;
      const place = { level, position: (position - 1) / 2 };
      this.#database.insert("output_nodes", { ...place, hash: node });
    }
    this.#left[level] = node;
    this.#size += 1;
  }

  /** The outputs Merkle root: what an epoch that ended here would claim. */
  computeRoot(): Uint8Array {
    let node = EMPTY[0]!;
    for (let level = 0; level < OUTPUT_TREE_HEIGHT; level++) {
      const left = this.#left[level];
      node = left === undefined ? hashPair(node, EMPTY[level]!) : hashPair(left, node);
    }
    return node;
  }
}

function computeEmptyRoots(): Uint8Array[] {
  const roots: Uint8Array[] = [new Uint8Array(32)];
  for (let level = 0; level < OUTPUT_TREE_HEIGHT; level++) {
    roots.push(hashPair(roots[level]!, roots[level]!));
  }
  return roots;
}
