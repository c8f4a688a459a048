import type { Crypto } from "../../spec/crypto.ts";
import { accumulateRow, computeRowLanes, encodeRow } from "../../spec/state-root.ts";
import type { Cell, Table } from "../../spec/tables.ts";
import { createWeigher, type WeighRow } from "../../spec/weights.ts";
import { invariant } from "../engine/invariant.ts";

const BUFFER_BYTES_MIN = 1 << 18;
/** A larger buffer, which only a restore or a reset needs, isn't kept for the next input. */
const BUFFER_BYTES_KEPT = 1 << 22;
/**
 * The first bytes of a row hold its key. Of one key no two rows are open but the first and the last,
 * so more bytes would only take longer: a body has a thousand.
 */
const KEY_BYTES = 160;
/** An integer, the longest of the cells without contents of their own. */
const CELL_BYTES = 9;
const encoder = new TextEncoder();

export type RowSign = 1 | -1;

/**
 * Rows as the triggers hand them over, encoded, in one buffer that is used again: a savepoint is a
 * length, a rollback a cut. Nothing is hashed before the lanes are asked for, so what a failed
 * operation wrote costs no hash.
 */
export class RowJournal {
  readonly #crypto: Crypto;
  readonly #prefixes: Uint8Array[] = [];
  readonly #weighers: WeighRow[] = [];
  #buffer = new Uint8Array(BUFFER_BYTES_MIN);
  /** Entry `i` is `#buffer[#ends[i - 1] .. #ends[i]]`, of table `#tables[i]`, with `#signs[i]`. */
  readonly #ends: number[] = [];
  readonly #tables: number[] = [];
  readonly #signs: RowSign[] = [];
  /** What the entries up to each, it included, add to the state's weight. */
  readonly #weights: number[] = [];
  #mode: "closed" | "recording" | "ignoring" = "closed";

  constructor(crypto: Crypto) {
    this.#crypto = crypto;
  }

  get length(): number {
    return this.#ends.length;
  }

  /** What all entries together add to the state's weight (spec §14.1). */
  get weight(): number {
    return this.#weights.at(-1) ?? 0;
  }

  /** Gives a table's number; rows of that table are appended under it. */
  addTable(table: Table): number {
    this.#weighers.push(createWeigher(table));
    // A row without cells is exactly what stands in front of the cells of every row.
    return this.#prefixes.push(encodeRow(table.name, [])) - 1;
  }

  /** Outside a transaction nothing may be written, so a row that arrives then is a bug. */
  setMode(mode: "closed" | "recording" | "ignoring"): void {
    this.#mode = mode;
  }

  /** Called by the triggers. A throw fails the statement that fired them. */
  append(sign: RowSign, table: number, cells: readonly Cell[]): void {
    if (this.#mode === "ignoring") return;
    invariant(this.#mode === "recording", "rows are written inside a transaction");
    const end = this.#writeRow(this.#endOf(this.length - 1), this.#prefixes[table]!, cells);
    this.#weights.push(this.weight + sign * this.#weighers[table]!(cells));
    this.#ends.push(end);
    this.#tables.push(table);
    this.#signs.push(sign);
  }

  /** Forgets every row after the first `length`. */
  cut(length: number): void {
    invariant(length <= this.length, "a journal is cut, never grown");
    this.#ends.length = length;
    this.#tables.length = length;
    this.#signs.length = length;
    this.#weights.length = length;
    if (length === 0 && this.#buffer.length > BUFFER_BYTES_KEPT) {
      this.#buffer = new Uint8Array(BUFFER_BYTES_MIN);
    }
  }

  /** Adds the rows from the entry `from` on to the lanes, or removes them, as their signs say. */
  applyTo(lanes: Uint16Array, from: number): void {
    const isCancelled = this.#findCancelled(from);
    for (let i = from; i < this.length; i++) {
      if (isCancelled[i - from] === 1) continue;
      accumulateRow(lanes, computeRowLanes(this.#crypto, this.rowAt(i)), this.#signs[i]!);
    }
  }

  /** The encoded row of an entry: a view, valid until the next write. */
  rowAt(index: number): Uint8Array {
    return this.#buffer.subarray(this.#endOf(index - 1), this.#endOf(index));
  }

  #endOf(index: number): number {
    return index < 0 ? 0 : this.#ends[index]!;
  }

  /**
   * A row that was added and removed again changes nothing: 1 where an entry has its opposite.
   * One stream's row is written once an operation, so an input of many would hash it many times.
   */
  #findCancelled(from: number): Uint8Array {
    const isCancelled = new Uint8Array(this.length - from);
    const open = new Map<number, number[]>();
    for (const i of this.#candidates(from)) {
      const start = this.#endOf(i - 1);
      const hash = hashBytes(this.#buffer, start, Math.min(this.#endOf(i), start + KEY_BYTES));
      const bucket = open.get(hash);
      const place = bucket?.findIndex((j) => this.#isOpposite(i, j)) ?? -1;
      if (bucket === undefined) open.set(hash, [i]);
      else if (place === -1) bucket.push(i);
      else {
        const [opposite] = bucket.splice(place, 1);
        isCancelled[i - from] = 1;
        isCancelled[opposite! - from] = 1;
      }
    }
    return isCancelled;
  }

  /** Entries of the tables that have both signs; the others have nothing to cancel. */
  #candidates(from: number): number[] {
    const seen = new Uint8Array(this.#prefixes.length);
    for (let i = from; i < this.length; i++) {
      seen[this.#tables[i]!]! |= this.#signs[i] === 1 ? 1 : 2;
    }
    const candidates: number[] = [];
    for (let i = from; i < this.length; i++) if (seen[this.#tables[i]!] === 3) candidates.push(i);
    return candidates;
  }

  #isOpposite(a: number, b: number): boolean {
    if (this.#signs[a] === this.#signs[b]) return false;
    const start = this.#endOf(a - 1);
    const other = this.#endOf(b - 1);
    const size = this.#endOf(a) - start;
    if (size !== this.#endOf(b) - other) return false;
    for (let i = 0; i < size; i++) {
      if (this.#buffer[start + i] !== this.#buffer[other + i]) return false;
    }
    return true;
  }

  /** Writes what `encodeRow` would give and returns the end; a test holds the two together. */
  #writeRow(start: number, prefix: Uint8Array, cells: readonly Cell[]): number {
    let byteCount = prefix.length + cells.length * CELL_BYTES;
    for (const cell of cells) {
      if (typeof cell === "string") byteCount += cell.length * 3;
      else if (cell !== null && typeof cell === "object") byteCount += cell.length;
    }
    if (start + byteCount > this.#buffer.length) this.#grow(start + byteCount);
    const target = this.#buffer;
    target.set(prefix, start);
    let at = start + prefix.length;
    for (const cell of cells) at = writeCell(target, at, cell);
    return at;
  }

  #grow(byteCount: number): void {
    const larger = new Uint8Array(2 * byteCount);
    larger.set(this.#buffer.subarray(0, this.#endOf(this.length - 1)));
    this.#buffer = larger;
  }
}

function writeCell(target: Uint8Array, at: number, cell: Cell): number {
  if (cell === null) {
    target[at] = 0;
    return at + 1;
  }
  if (typeof cell === "number") {
    if (!Number.isSafeInteger(cell)) throw new RangeError(`not a safe integer: ${cell}`);
    target[at] = 1;
    const high = Math.floor(cell / 2 ** 32);
    writeWord32(target, at + 1, high + 2 ** 31);
    writeWord32(target, at + 5, cell - high * 2 ** 32);
    return at + 9;
  }
  const isText = typeof cell === "string";
  target[at] = isText ? 2 : 3;
  let size: number;
  if (isText) size = encoder.encodeInto(cell, target.subarray(at + 5)).written;
  else {
    target.set(cell, at + 5);
    size = cell.length;
  }
  writeWord32(target, at + 1, size);
  return at + 5 + size;
}

/** Typed arrays keep the low byte of what they are given. */
function writeWord32(target: Uint8Array, at: number, value: number): void {
  target[at] = value >>> 24;
  target[at + 1] = value >>> 16;
  target[at + 2] = value >>> 8;
  target[at + 3] = value;
}

/** FNV-1a: only sorts entries into buckets, equality is always checked byte by byte. */
function hashBytes(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  return hash;
}
