import type { Cell } from "../../spec/tables.ts";

/** What a rollback has to undo besides rows: caches and counters. */
export interface Undoable {
  /** A place that `undoTo` can go back to. */
  mark(): number;
  undoTo(mark: number): void;
  /** The writes so far are final: nothing before this will be undone. */
  keep(): void;
  /** The rows were replaced: forget everything. */
  clear(): void;
}

/**
 * Rows by identifier, as many as `entriesMax`, the oldest leaving first. A rollback drops what was
 * written since the mark, and the next read takes it from SQL again: so the cache can be cold, but
 * never wrong.
 *
 * Which is the oldest tells a ring: a map knows it too, but from its first key it has to step over
 * the places of all that left before.
 */
export class RowCache<Row, Id extends number | string = number> implements Undoable {
  readonly #entriesMax: number;
  /** `undefined` for a row that a rollback dropped: it keeps its place in the ring. */
  readonly #rows = new Map<Id, Row | undefined>();
  /** The identifiers of `#rows`; the oldest is at `#oldest` once the ring is full. */
  readonly #ring: Id[] = [];
  #oldest = 0;
  /** Identifiers in the order they were written since the transaction began. */
  readonly #written: Id[] = [];

  constructor(entriesMax: number) {
    this.#entriesMax = entriesMax;
  }

  get(id: Id): Row | undefined {
    return this.#rows.get(id);
  }

  /** Keeps a row just read from SQL. */
  fill(id: Id, row: Row): void {
    if (!this.#rows.has(id)) this.#takePlace(id);
    this.#rows.set(id, row);
  }

  /** Keeps a row just written to SQL. */
  write(id: Id, row: Row): void {
    this.#written.push(id);
    this.fill(id, row);
  }

  /** Forgets a row that was just written to SQL; the next read takes it from there. */
  drop(id: Id): void {
    this.#written.push(id);
    this.#forget(id);
  }

  mark(): number {
    return this.#written.length;
  }

  undoTo(mark: number): void {
    for (let i = mark; i < this.#written.length; i++) this.#forget(this.#written[i]!);
    this.#written.length = mark;
  }

  keep(): void {
    this.#written.length = 0;
  }

  clear(): void {
    this.#rows.clear();
    this.#ring.length = 0;
    this.#oldest = 0;
    this.#written.length = 0;
  }

  #forget(id: Id): void {
    if (this.#rows.has(id)) this.#rows.set(id, undefined);
  }

  #takePlace(id: Id): void {
    if (this.#ring.length < this.#entriesMax) {
      this.#ring.push(id);
      return;
    }
    this.#rows.delete(this.#ring[this.#oldest]!);
    this.#ring[this.#oldest] = id;
    this.#oldest = (this.#oldest + 1) % this.#entriesMax;
  }
}

/** The next free identifier of a table: one above the highest, read again after a rollback. */
export class NextId implements Undoable {
  readonly #readHighest: () => number;
  #next: number | undefined;

  constructor(readHighest: () => number) {
    this.#readHighest = readHighest;
  }

  get(): number {
    this.#next ??= this.#readHighest() + 1;
    return this.#next;
  }

  /** A row with this identifier was inserted; where nothing is known yet, SQL will tell of it. */
  take(id: number): void {
    if (this.#next !== undefined && this.#next <= id) this.#next = id + 1;
  }

  mark(): number {
    return 0;
  }

  undoTo(): void {
    this.#next = undefined;
  }

  keep(): void {}

  clear(): void {
    this.#next = undefined;
  }
}

const FOUND_IDS_MAX = 8_192;

/** Where rows were found: a guess, which saves asking SQL for a row that the cache holds. */
export class FoundIds {
  readonly #ids = new Map<string, number>();

  get(place: string): number | undefined {
    return this.#ids.get(place);
  }

  set(place: string, id: number): void {
    if (this.#ids.size >= FOUND_IDS_MAX) this.#ids.clear();
    this.#ids.set(place, id);
  }
}

/** Cells as a key of a map. */
export const nameCells = (cells: readonly Cell[]): string =>
  cells.map((cell) => (cell instanceof Uint8Array ? nameBytes(cell) : String(cell))).join("\n");

/** Bytes as a key of a map. */
export const nameBytes = (bytes: Uint8Array): string => String.fromCharCode(...bytes);
