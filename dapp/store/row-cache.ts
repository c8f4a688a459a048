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
 * Rows by identifier, about `entriesMax`, those leaving first that nobody asked for. A rollback drops
 * what was written since the mark, and the next read takes it from SQL again: so the cache can be
 * cold, but never wrong.
 *
 * They leave by halves. To drop the oldest whenever one comes would touch two places of the map that
 * no cache of the processor holds, which costs as much as the rest of a cold read outside SQL.
 */
export class RowCache<Row, Id extends number | string = number> implements Undoable {
  readonly #halfMax: number;
  /** What was read, written or asked for last. */
  #recent = new Map<Id, Row>();
  /** The half before: a row of it that is asked for is recent again. */
  #earlier = new Map<Id, Row>();
  /** Identifiers in the order they were written since the transaction began. */
  readonly #written: Id[] = [];

  constructor(entriesMax: number) {
    this.#halfMax = Math.ceil(entriesMax / 2);
  }

  get(id: Id): Row | undefined {
    const recent = this.#recent.get(id);
    if (recent !== undefined) return recent;
    const earlier = this.#earlier.get(id);
    if (earlier !== undefined) this.fill(id, earlier);
    return earlier;
  }

  /** Keeps a row just read from SQL. */
  fill(id: Id, row: Row): void {
    if (this.#recent.size >= this.#halfMax && !this.#recent.has(id)) {
      this.#earlier = this.#recent;
      this.#recent = new Map();
    }
    this.#recent.set(id, row);
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
    this.#recent.clear();
    this.#earlier.clear();
    this.#written.length = 0;
  }

  #forget(id: Id): void {
    this.#recent.delete(id);
    this.#earlier.delete(id);
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

/** Bytes as a key of a map. Spreading them would take three times as long. */
export const nameBytes = (bytes: Uint8Array): string =>
  Reflect.apply(String.fromCharCode, undefined, bytes);
