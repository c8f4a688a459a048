import type { Table, TableColumn, TypedTable } from "../../spec/table-columns.ts";
import type { Cell } from "../../spec/tables.ts";
import { invariant } from "../engine/invariant.ts";
import type { Page } from "../engine/store.ts";
import type { StateDatabase, Write } from "./database.ts";
import type { NextId, RowCache } from "./row-cache.ts";
import {
  copyCell,
  copyRow,
  createCellOf,
  isSame,
  listCells,
  readRow,
  type Values,
} from "./row-cells.ts";
import { columnList, insertSql, removeSql, selectSql, updateSql, upsertSql } from "./statements.ts";

/** `TableRows` of the engine, before the compiler is told which table it is. */
export interface AnyRows {
  get(...key: Cell[]): Values | undefined;
  find(where: Values): Values | undefined;
  list(where: Values, page: Page<string>): readonly Values[];
  nextId(): number;
  insert(row: Values): void;
  update(row: Values): void;
  put(row: Values): void;
  remove(row: Values): void;
}

/** What is known without SQL of a table whose key is one integer. */
export interface TableMemory {
  readonly nextId: NextId | undefined;
  readonly cache: RowCache<Values> | undefined;
}

/** The one access to any table, by what its declaration says. */
export function createTableRows(
  database: StateDatabase,
  table: TypedTable,
  memory: TableMemory,
): AnyRows {
  const reads = createReads(database, table, memory);
  return { ...reads, ...createWrites(database, table, memory, reads.get) };
}

function createReads(
  database: StateDatabase,
  table: TypedTable,
  { cache, nextId }: TableMemory,
): Pick<AnyRows, "get" | "find" | "list" | "nextId"> {
  const key = listKey(table);
  const select = database.prepareRead(selectSql(table, key));
  const finds = remember((properties: string) => {
    const where = properties.split(",").map((property) => columnOf(table, property));
    const sql = selectSql(table, where, cache && key[0]!.name);
    return { read: database.prepareRead(sql), cellsOf: where.map(createCellOf) };
  });
  const lists = remember((sql: string) => database.prepareRead(sql));

  function get(...cells: Cell[]): Values | undefined {
    const id = cells[0] as number;
    const cached = cache?.get(id);
    if (cached !== undefined) return cached;
    const found = select.first(cells);
    if (found === undefined) return undefined;
    const row = readRow(table, found);
    cache?.fill(id, Object.freeze(row));
    return row;
  }

  return {
    get,
    find(where) {
      const { read, cellsOf } = finds(Object.keys(where).join());
      const found = read.first(listCells(cellsOf, where));
      if (found === undefined) return undefined;
      return cache === undefined ? readRow(table, found) : get(found[0]!);
    },
    list(where, { by, from, limit }) {
      const prefix = Object.keys(where).map((property) => columnOf(table, property));
      const isEqual = prefix.map(({ name, isNullable }) => `${name} ${isNullable ? "IS" : "="} ?`);
      const order = columnOf(table, by).name;
      const isUpwards = "after" in from;
      const read = lists(
        `SELECT ${columnList(table)} FROM ${table.name}` +
          ` WHERE ${isEqual.join(" AND ")} AND ${order} ${isUpwards ? ">" : "<="} ?` +
          ` ORDER BY ${order} ${isUpwards ? "ASC" : "DESC"} LIMIT ?`,
      );
      const start = isUpwards ? from.after : from.downFrom;
      const cells = listCells(prefix.map(createCellOf), where);
      return read.all([...cells, start, limit]).map((found) => readRow(table, found));
    },
    nextId() {
      invariant(nextId !== undefined, `rows of ${table.name} are counted`);
      return nextId.get();
    },
  };
}

function createWrites(
  database: StateDatabase,
  table: TypedTable,
  { cache, nextId }: TableMemory,
  get: AnyRows["get"],
): Pick<AnyRows, "insert" | "update" | "put" | "remove"> {
  const cellsOf = table.columns.map(createCellOf);
  const key = listKey(table);
  const keyCellsOf = key.map(createCellOf);
  const idProperty = key[0]!.property;
  const insert = database.prepareWrite(insertSql(table));
  const others = remember((toSql: (table: Table) => string) => database.prepareWrite(toSql(table)));
  const writeChanges = createChangesWrite(database, table);

  function writeWhole(write: Write, row: Values): void {
    const cells = listCells(cellsOf, row);
    write.runOnOneRow(cells);
    if (nextId === undefined) return;
    const id = row[idProperty] as number;
    nextId.take(id);
    cache?.write(id, Object.freeze(readRow(table, cells.map(copyCell))));
  }

  return {
    insert: (row) => writeWhole(insert, row),
    put: (row) => writeWhole(others(upsertSql), row),
    update(row) {
      const keyCells = listCells(keyCellsOf, row);
      const before = get(...keyCells);
      invariant(before !== undefined, `a row of ${table.name} that changes is there`);
      writeChanges(before, row, keyCells);
      cache?.write(keyCells[0] as number, copyRow(table, row, before));
    },
    remove(row) {
      invariant(cache === undefined, "what is cached is never deleted");
      others(removeSql).runOnOneRow(listCells(keyCellsOf, row));
    },
  };
}

/** Sets what changed: a column in SET costs a check and moves its indices even with its old value. */
function createChangesWrite(database: StateDatabase, { columns, ...table }: Table) {
  const cellsOf = columns.map(createCellOf);
  const updates = remember((changed: number) => {
    const set = columns.filter((_, i) => (changed & (1 << i)) !== 0);
    return database.prepareWrite(updateSql({ columns, ...table }, set));
  });
  return (before: Values, row: Values, keyCells: readonly Cell[]): void => {
    const cells: Cell[] = [];
    let changed = 0;
    for (let i = 0; i < columns.length; i++) {
      const { property, isFixed } = columns[i]!;
      if (isSame(before[property], row[property])) continue;
      invariant(!isFixed, `${table.name} never changes its ${property}`);
      changed |= 1 << i;
      cells.push(cellsOf[i]!(row));
    }
    if (changed !== 0) updates(changed).runOnOneRow([...cells, ...keyCells]);
  };
}

const columnOf = ({ columns }: Table, property: string): TableColumn => {
  const column = columns.find((candidate) => candidate.property === property);
  invariant(column !== undefined, `no column ${property}`);
  return column;
};

const listKey = ({ columns, key }: Table): readonly TableColumn[] =>
  key.map((name) => columns.find((column) => column.name === name)!);

/** What `make` gives for an argument, made once. */
function remember<Argument, Made>(
  make: (argument: Argument) => Made,
): (argument: Argument) => Made {
  const made = new Map<Argument, Made>();
  return (argument) => {
    let found = made.get(argument);
    if (found === undefined) {
      found = make(argument);
      made.set(argument, found);
    }
    return found;
  };
}
