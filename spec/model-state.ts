import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
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
import { encodeWord } from "./words.ts";

type AnyRow = Readonly<Record<string, string | number | bigint | null>>;
/** All rows by table and key. Rows never change: a change puts another row in their place. */
export type Tables = Map<TableName, Map<string, AnyRow>>;

const TABLE_BY_NAME = new Map(TABLES.map((table) => [table.name, table]));

export const hex = (bytes: Uint8Array): Hex => `0x${bytesToHex(bytes)}`;
export const bytes = (text: Hex): Uint8Array => hexToBytes(text.slice(2));

/**
 * The model's state: one Map a table. What is undone is undone by going back to a copy, and the
 * root is the sum over all rows, as spec §6 has it.
 */
export class ModelState {
  #tables: Tables = new Map(TABLES.map(({ name }) => [name as TableName, new Map()]));
  readonly #crypto: Crypto;
  readonly #schemaHash: Uint8Array;
  readonly #lanes = new Uint16Array(LANE_COUNT);
  /** The rows whose lanes are in the sum. */
  #summed: Tables = new Map();

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
    this.#rows(name).set(key.join(" "), row);
    return row;
  }

  remove(name: TableName, ...key: (string | number | bigint)[]): void {
    this.#rows(name).delete(key.join(" "));
  }

  list<Name extends TableName>(name: Name): Row<Name>[] {
    return [...this.#rows(name).values()];
  }

  count(name: TableName): number {
    return this.#rows(name).size;
  }

  copy(): Tables {
    return copyTables(this.#tables);
  }

  /** Back to what a copy holds; the copy stays as it is. */
  restore(copy: Tables): void {
    this.#tables = copyTables(copy);
  }

  /** The root. Adds and subtracts what differs from the rows that are in the sum already. */
  root(): Uint8Array {
    for (const [name, rows] of this.#tables) {
      const summed = this.#summed.get(name) ?? new Map<string, AnyRow>();
      for (const [key, row] of rows) {
        const old = summed.get(key);
        if (old === row) continue;
        if (old !== undefined) this.#accumulate(name, old, -1);
        this.#accumulate(name, row, 1);
        summed.set(key, row);
      }
      if (summed.size > rows.size) {
        for (const [key, row] of summed) {
          if (rows.has(key)) continue;
          this.#accumulate(name, row, -1);
          summed.delete(key);
        }
      }
      this.#summed.set(name, summed);
    }
    return computeRoot(this.#crypto, this.#schemaHash, this.#lanes);
  }

  /** The root by the letter of §6.3: the sum over every row, made anew. */
  scanRoot(): Uint8Array {
    const fresh = new ModelState(this.#crypto);
    fresh.#tables = this.#tables;
    return fresh.root();
  }

  #accumulate(name: TableName, row: AnyRow, sign: 1 | -1): void {
    const lanes = computeRowLanes(this.#crypto, encodeRow(name, listCells(tableOf(name), row)));
    accumulateRow(this.#lanes, lanes, sign);
  }

  #rows<Name extends TableName>(name: Name): Map<string, Rows[Name]> {
    return this.#tables.get(name) as unknown as Map<string, Rows[Name]>;
  }
}

function tableOf(name: TableName): Table {
  return TABLE_BY_NAME.get(name)!;
}

function copyTables(tables: Tables): Tables {
  return new Map([...tables].map(([name, rows]) => [name, new Map(rows)]));
}

/** A row as SQL and the root see it. */
export function listCells(table: Table, row: AnyRow): Cell[] {
  return table.columns.map(({ name, type }) => {
    const value = row[name];
    if (value === undefined) throw new RangeError(`no ${name} in a row of ${table.name}`);
    if (typeof value === "bigint") return encodeWord(value);
    return type === "BLOB" && typeof value === "string" ? bytes(value as Hex) : value;
  });
}
