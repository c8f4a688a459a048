import { hexToBytes } from "@noble/hashes/utils.js";
import type { Crypto } from "./crypto.ts";
import type { Row, Rows, TableName } from "./model-rows.ts";
import type { Hex } from "./outputs.ts";
import {
  accumulateRow,
  computeRoot,
  computeRowLanes,
  computeSchemaHash,
  encodeRow,
  LANE_COUNT,
} from "./state-root.ts";
import { type Cell, TABLES, type Table } from "./tables.ts";
import { createWeigher } from "./weights.ts";
import { encodeWord } from "./words.ts";

type AnyRow = Readonly<Record<string, string | number | bigint | null>>;
/** All rows by table and key. Rows never change: a change puts another row in their place. */
export type Tables = ReadonlyMap<TableName, ReadonlyMap<string, AnyRow>>;

const WEIGHERS = new Map(TABLES.map((table) => [table.name as TableName, createWeigher(table)]));
const TABLE_BY_NAME = new Map(TABLES.map((table) => [table.name, table]));

export { hex } from "./outputs.ts";
export const bytes = (text: Hex): Uint8Array => hexToBytes(text.slice(2));

/**
 * The model's state: one Map a table. What is undone is undone by going back to a copy, and the
 * root is the sum over all rows, as spec §6 has it. A table is copied when it is first written to
 * after a copy of the state: most operations write to few.
 */
export class ModelState {
  #tables = new Map<TableName, Map<string, AnyRow>>(
    TABLES.map(({ name }) => [name as TableName, new Map()]),
  );
  /** The tables that no copy holds, too. */
  readonly #owned = new Set<TableName>();
  readonly #crypto: Crypto;
  readonly #schemaHash: Uint8Array;
  readonly #lanes = new Uint16Array(LANE_COUNT);
  /** The rows whose lanes are in the sum, and the root that they give. */
  readonly #summed = new Map<TableName, ReadonlyMap<string, AnyRow>>();
  #root: Uint8Array | undefined;
  /** What is known of weights: of rows, which never change, and of whole tables. */
  readonly #rowWeights = new WeakMap<AnyRow, number>();
  readonly #weighed = new Map<TableName, { rows: ReadonlyMap<string, AnyRow>; weight: number }>();

  constructor(crypto: Crypto) {
    this.#crypto = crypto;
    this.#schemaHash = computeSchemaHash(crypto);
  }

  get<Name extends TableName>(name: Name, ...key: (string | number)[]): Row<Name> | undefined {
    return this.#rows(name).get(key.join(" "));
  }

  /** Puts a row in, in the place of the one with its key. */
  put<Name extends TableName>(name: Name, row: Row<Name>): Row<Name> {
    const cells = row as unknown as AnyRow;
    const key = tableOf(name).key.map((column) => String(cells[column]));
    this.#own(name).set(key.join(" "), cells);
    return row;
  }

  remove(name: TableName, ...key: (string | number | bigint)[]): void {
    this.#own(name).delete(key.join(" "));
  }

  list<Name extends TableName>(name: Name): Row<Name>[] {
    return [...this.#rows(name).values()];
  }

  count(name: TableName): number {
    return this.#rows(name).size;
  }

  /** The state as it is now, whatever is written later. */
  copy(): Tables {
    this.#owned.clear();
    return new Map(this.#tables);
  }

  /** Back to what a copy holds; the copy stays as it is. */
  restore(copy: Tables): void {
    this.#owned.clear();
    this.#tables = new Map(copy as Map<TableName, Map<string, AnyRow>>);
  }

  /** The root. Adds and subtracts what differs from the rows that are in the sum already. */
  root(): Uint8Array {
    for (const [name, rows] of this.#tables) {
      if (this.#summed.get(name) !== rows) this.#sum(name, rows);
    }
    this.#root ??= computeRoot(this.#crypto, this.#schemaHash, this.#lanes);
    return this.#root.slice();
  }

  /** What all rows weigh (spec §14.1), by the tables that have changed since it was asked for last. */
  weight(): number {
    let weight = 0;
    for (const [name, rows] of this.#tables) {
      const known = this.#weighed.get(name);
      if (known?.rows === rows) {
        weight += known.weight;
        continue;
      }
      const own = this.#weigh(name, rows);
      // What is still written to may weigh something else next time.
      if (!this.#owned.has(name)) this.#weighed.set(name, { rows, weight: own });
      weight += own;
    }
    return weight;
  }

  #weigh(name: TableName, rows: ReadonlyMap<string, AnyRow>): number {
    let weight = 0;
    for (const row of rows.values()) {
      let own = this.#rowWeights.get(row);
      if (own === undefined) {
        own = WEIGHERS.get(name)!(listCells(tableOf(name), row));
        this.#rowWeights.set(row, own);
      }
      weight += own;
    }
    return weight;
  }

  /** The root by the letter of §6.3: the sum over every row, made anew. */
  scanRoot(): Uint8Array {
    const fresh = new ModelState(this.#crypto);
    fresh.#tables = this.#tables;
    return fresh.root();
  }

  /** Brings the rows of one table into the sum, where they stay as they are. */
  #sum(name: TableName, rows: ReadonlyMap<string, AnyRow>): void {
    const summed = this.#summed.get(name);
    let keptCount = 0;
    for (const [key, row] of rows) {
      const old = summed?.get(key);
      if (old !== undefined) keptCount++;
      if (old === row) continue;
      if (old !== undefined) this.#accumulate(name, old, -1);
      this.#accumulate(name, row, 1);
    }
    if (summed !== undefined && keptCount < summed.size) {
      for (const [key, row] of summed) if (!rows.has(key)) this.#accumulate(name, row, -1);
    }
    this.#owned.delete(name);
    this.#summed.set(name, rows);
  }

  #accumulate(name: TableName, row: AnyRow, sign: 1 | -1): void {
    const lanes = computeRowLanes(this.#crypto, encodeRow(name, listCells(tableOf(name), row)));
    accumulateRow(this.#lanes, lanes, sign);
    this.#root = undefined;
  }

  #rows<Name extends TableName>(name: Name): ReadonlyMap<string, Rows[Name]> {
    return this.#tables.get(name) as unknown as ReadonlyMap<string, Rows[Name]>;
  }

  /** A table to write to. */
  #own(name: TableName): Map<string, AnyRow> {
    const rows = this.#tables.get(name)!;
    if (this.#owned.has(name)) return rows;
    const own = new Map(rows);
    this.#tables.set(name, own);
    this.#owned.add(name);
    return own;
  }
}

function tableOf(name: TableName): Table {
  return TABLE_BY_NAME.get(name)!;
}

/** A row as SQL and the root see it. */
function listCells(table: Table, row: AnyRow): Cell[] {
  return table.columns.map(({ name, type }) => {
    const value = row[name];
    if (value === undefined) throw new RangeError(`no ${name} in a row of ${table.name}`);
    if (typeof value === "bigint") return encodeWord(value);
    return type === "BLOB" && typeof value === "string" ? bytes(value as Hex) : value;
  });
}
