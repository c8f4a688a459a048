import { PAGE_BYTES } from "./limits.ts";
import { type Cell, STATE, type Table, type TableColumn } from "./tables.ts";

/**
 * What a row can take of the state's memory (spec §14.1): bytes of SQLite's pages, indices and all.
 * The state is bounded by a sum over its rows, which only inserts, removals and texts of another
 * length change.
 */

/** In front of an entry and around it: lengths, its pointer, its share of the pages above. */
const ENTRY_BYTES = 16;
/** A column's type, which holds its length. */
const TYPE_BYTES = 2;
/** An integer of 53 bits, and its type. */
const INTEGER_BYTES = 9;
/** The largest entry of an index, of a table that is stored by its key, that needs no other page. */
const LOCAL_BYTES = 1_000;
/** The same of a table whose key is one integer. */
const ROWID_LOCAL_BYTES = 4_000;
/** Entries up to this size leave no page less than two thirds full. */
const SMALL_BYTES = 380;
/** What a page holds of what has overflowed into it. */
const OVERFLOW_BYTES = PAGE_BYTES - 4;

/** A table or one of its indices: what each entry has, and the columns that can be of any length. */
interface Tree {
  readonly isRowid: boolean;
  readonly fixedBytes: number;
  /** Places in the row. */
  readonly variable: readonly number[];
}

interface Reserve {
  readonly count: number;
  readonly used: number;
  readonly weight: number;
}

/** The weight of a row of the table, from its cells in column order. */
export type WeighRow = (cells: readonly Cell[]) => number;

/** @example createWeigher(STATE.balances)([account, token, amount]); // 159 */
export function createWeigher(table: Table): WeighRow {
  const { columns, key } = table;
  const isRowid = key.length === 1 && columnAt(table, key[0]!).type === "INTEGER";
  const trees = [
    describeTree(table, columns, isRowid),
    ...table.indices.map((names) => {
      const all = [...new Set([...names, ...key])];
      return describeTree(
        table,
        all.map((name) => columnAt(table, name)),
        false,
      );
    }),
  ];
  const fixedTrees = trees.filter(({ variable }) => variable.length === 0);
  const fixedWeight = fixedTrees.reduce((sum, tree) => sum + weighEntry(tree, tree.fixedBytes), 0);
  const variableTrees = trees.filter(({ variable }) => variable.length > 0);
  const reserve = findReserve(table);
  return (cells) => {
    let weight = fixedWeight;
    for (const tree of variableTrees) {
      let byteCount = tree.fixedBytes;
      for (const place of tree.variable) byteCount += lengthOf(cells[place]!);
      weight += weighEntry(tree, byteCount);
    }
    if (reserve === undefined) return weight;
    const left = (cells[reserve.count] as number) - (cells[reserve.used] as number);
    return left > 0 ? weight + left * reserve.weight : weight;
  };
}

const columnAt = ({ columns }: Table, name: string): TableColumn =>
  columns.find((column) => column.name === name)!;

function describeTree(table: Table, columns: readonly TableColumn[], isRowid: boolean): Tree {
  let fixedBytes = ENTRY_BYTES;
  const variable: number[] = [];
  for (const column of columns) {
    const { type, size, choices } = column;
    if (type === "INTEGER") fixedBytes += INTEGER_BYTES;
    else if (size !== undefined) fixedBytes += TYPE_BYTES + size;
    else if (choices !== undefined) fixedBytes += TYPE_BYTES + Math.max(...choices.map(lengthOf));
    else {
      fixedBytes += TYPE_BYTES + 1;
      variable.push(table.columns.indexOf(column));
    }
  }
  return { isRowid, fixedBytes, variable };
}

/** What an entry takes where pages are as empty as inserting can leave them. */
function weighEntry({ isRowid }: Tree, byteCount: number): number {
  if (byteCount <= SMALL_BYTES) return Math.ceil((byteCount * 3) / 2);
  if (byteCount <= (isRowid ? ROWID_LOCAL_BYTES : LOCAL_BYTES)) return byteCount * 2;
  const pages = Math.ceil(byteCount / OVERFLOW_BYTES);
  return (isRowid ? PAGE_BYTES : 2 * LOCAL_BYTES) + pages * PAGE_BYTES;
}

/** Rows of another table that a row holds room for until they are there. */
function findReserve({ reserves, columns }: Table): Reserve | undefined {
  if (reserves === undefined) return undefined;
  const placeOf = (name: string) => columns.findIndex((column) => column.name === name);
  const other = Object.values(STATE).find(({ name }) => name === reserves.rowsOf)!;
  return {
    count: placeOf(reserves.count),
    used: placeOf(reserves.used),
    weight: createWeigher(other)([]),
  };
}

/** Bytes of a text (UTF-8) or blob; null has none. */
export function lengthOf(cell: Cell): number {
  if (typeof cell !== "string") return cell instanceof Uint8Array ? cell.length : 0;
  let byteCount = cell.length;
  for (let i = 0; i < cell.length; i++) {
    const code = cell.charCodeAt(i);
    // A surrogate is half of a character of four bytes.
    if (code >= 0x80) byteCount += code < 0x800 || (code >= 0xd800 && code < 0xe000) ? 1 : 2;
  }
  return byteCount;
}
