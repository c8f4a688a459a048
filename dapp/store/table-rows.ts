import type { Table, TableColumn, TypedTable } from "../../spec/table-columns.ts";
import type { Cell } from "../../spec/tables.ts";
import { lengthOf } from "../../spec/weights.ts";
import { invariant } from "../engine/invariant.ts";
import type { Page } from "../engine/store.ts";
import type { StateDatabase, Write } from "./database.ts";
import { FoundIds, type NextId, nameCells, type RowCache } from "./row-cache.ts";
import {
  copyValue,
  createCellOf,
  isSame,
  listCells,
  readRow,
  rowOf,
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
interface TableMemory {
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
    const read = database.prepareRead(selectSql(table, where));
    return { read, cellsOf: where.map(createCellOf), ids: new FoundIds() };
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
      const { read, cellsOf, ids } = finds(Object.keys(where).join());
      const cells = listCells(cellsOf, where);
      const place = cache && nameCells(cells);
      const id = place === undefined ? undefined : ids.get(place);
      const known = id === undefined ? undefined : cache?.get(id);
      // After a rollback another row may have the identifier: only the row itself says which it is.
      if (known !== undefined && cellsOf.every((of, i) => isSame(of(known), cells[i])))
        return known;
      const found = read.first(cells);
      if (found === undefined) return undefined;
      const row = readRow(table, found);
      if (place !== undefined) {
        ids.set(place, found[0] as number);
        cache?.fill(found[0] as number, Object.freeze(row));
      }
      return row;
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
  const keyColumns = listKey(table);
  const keyCellsOf = keyColumns.map(createCellOf);
  const idProperty = keyColumns[0]!.property;
  const properties = table.columns.map(({ property }) => property);
  const insert = database.prepareWrite(insertSql(table));
  const others = remember((toSql: (table: Table) => string) => database.prepareWrite(toSql(table)));
  const writeChanges = createChangesWrite(database, table);

  function keep(id: Cell, values: readonly unknown[]): void {
    cache?.write(id as number, Object.freeze(rowOf(table, values)));
  }

  function writeWhole(write: Write, row: Values): void {
    write.runOnOneRow(listCells(cellsOf, row));
    if (nextId === undefined) return;
    const id = row[idProperty] as number;
    nextId.take(id);
    if (cache === undefined) return;
    const values = properties.map((property) => copyValue(row[property]));
    keep(id, values);
  }

  const replaceLength = createLengthReplacer(table, (before, row) => {
    others(removeSql).runOnOneRow(listCells(keyCellsOf, before));
    writeWhole(insert, row);
  });

  return {
    insert: (row) => writeWhole(insert, row),
    put(row) {
      const find = (): Values | undefined => get(...listCells(keyCellsOf, row));
      if (!replaceLength(find, row)) writeWhole(others(upsertSql), row);
    },
    update(row) {
      const key = listCells(keyCellsOf, row);
      const before = get(...key);
      invariant(before !== undefined, `a row of ${table.name} that changes is there`);
      if (!replaceLength(() => before, row)) keep(key[0]!, writeChanges(before, row, key));
    },
    remove(row) {
      invariant(cache === undefined, "what is cached is never deleted");
      others(removeSql).runOnOneRow(listCells(keyCellsOf, row));
      // It may have been the highest.
      nextId?.clear();
    },
  };
}

/**
 * §14.1 SQLite leaves a page as it is where a row is written over by a shorter one, so pages would
 * empty without end; removing a row it joins them. Gives whether the row was replaced.
 */
function createLengthReplacer(
  table: Table,
  replace: (before: Values, row: Values) => void,
): (find: () => Values | undefined, row: Values) => boolean {
  const cellsOf = table.columns.filter(hasOwnLength).map(createCellOf);
  if (cellsOf.length === 0) return () => false;
  return (find, row) => {
    const before = find();
    if (before === undefined) return false;
    if (cellsOf.every((of) => lengthOf(of(before)) === lengthOf(of(row)))) return false;
    replace(before, row);
    return true;
  };
}

/**
 * Sets what changed of a row, because a column in SET costs a check and moves its indices even with
 * its old value, and gives the values that it has now.
 */
function createChangesWrite(database: StateDatabase, table: Table) {
  const columns = table.columns.map((column) => ({ ...column, cellOf: createCellOf(column) }));
  invariant(columns.length < 32, `${table.name} has a bit for each column`);
  const updates = remember((changed: number) => {
    const set = columns.filter((_, i) => (changed & (1 << i)) !== 0);
    return database.prepareWrite(updateSql(table, set));
  });
  return (before: Values, row: Values, key: readonly Cell[]): readonly unknown[] => {
    const cells: Cell[] = [];
    let changed = 0;
    const values = columns.map(({ property, isFixed, cellOf }, i) => {
      const [old, value] = [before[property], row[property]];
      if (isSame(old, value)) return old;
      invariant(!isFixed, `${table.name} never changes its ${property}`);
      changed |= 1 << i;
      cells.push(cellOf(row));
      return copyValue(value);
    });
    if (changed !== 0) updates(changed).runOnOneRow([...cells, ...key]);
    return values;
  };
}

/** A live text or blob of any length. */
const hasOwnLength = ({ type, size, choices, isFixed }: TableColumn): boolean =>
  !isFixed && type !== "INTEGER" && size === undefined && choices === undefined;

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
