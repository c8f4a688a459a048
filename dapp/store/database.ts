import initSqlJs, {
  type Database,
  type SqlJsConfig,
  type SqlJsStatic,
  type Statement,
} from "sql.js";
import { type Cell, TABLES } from "../../spec/tables.ts";
import { InvariantViolation } from "../engine/invariant.ts";
import { isOutOfMemory, OutOfMemory } from "./out-of-memory.ts";
import type { RowSource } from "./rescan-rows.ts";
import type { RowJournal, RowSign } from "./row-journal.ts";
import { addFunctionName, createStateSql, removeFunctionName } from "./schema.ts";

/**
 * sql.js keeps its main database in a file of its in-memory file system, to which every commit
 * copies its pages. The state is attached as `:memory:` instead, which halves the cost of a batch;
 * main stays empty, so that table names need no prefix.
 */
export const STATE_SCHEMA = "state";

/** Nothing is durable here, so nothing is synced; triggers must also see what REPLACE deletes. */
const PRAGMAS = [
  `ATTACH ':memory:' AS ${STATE_SCHEMA}`,
  // "off" would leave half-written rows after a rollback.
  `PRAGMA ${STATE_SCHEMA}.journal_mode = memory`,
  `PRAGMA ${STATE_SCHEMA}.synchronous = off`,
  "PRAGMA temp_store = memory",
  "PRAGMA foreign_keys = off",
  "PRAGMA recursive_triggers = on",
];

/** A prepared INSERT, UPDATE, DELETE or transaction step. */
export interface Write {
  run(parameters?: Cell[]): void;
  /** As `run`; exactly one row must have changed. */
  runOnOneRow(parameters: Cell[]): void;
}

/** SQLite refused what must succeed (corrupt, a constraint): our bug, unless memory is short. */
function failedSql(sql: string, cause: unknown): Error {
  const Failure = isOutOfMemory(cause) ? OutOfMemory : InvariantViolation;
  return new Failure(`SQLite failed: ${messageOf(cause)}: ${sql}`, { cause });
}

/** sql.js throws plain strings for misuse. */
export const messageOf = (cause: unknown): string =>
  cause instanceof Error ? cause.message : String(cause);

/**
 * An empty state, its triggers feeding `journal`.
 *
 * @throws InvariantViolation from everything it returns, whenever SQLite fails; OutOfMemory.
 */
export async function openStateDatabase(journal: RowJournal): Promise<StateDatabase> {
  // The legacy functions replace SQLite's own; the types don't know the switch yet.
  const config: SqlJsConfig & { useOldExtensionFunctions: boolean } = {
    useOldExtensionFunctions: false,
  };
  const sql = await initSqlJs(config);
  const database = new sql.Database();
  for (const pragma of PRAGMAS) database.run(pragma);
  for (const statement of createStateSql(TABLES, STATE_SCHEMA)) database.run(statement);
  registerRowFunctions(database, journal);
  return new StateDatabase(sql, database);
}

/** One pair of functions a table, with the whole row as arguments, because that binds cheapest. */
function registerRowFunctions(database: Database, journal: RowJournal): void {
  for (const table of TABLES) {
    const number = journal.addTable(table);
    const register = (name: string, sign: RowSign): void => {
      const record = (...cells: Cell[]): void => journal.append(sign, number, cells);
      // sql.js reads the number of arguments from here.
      Object.defineProperty(record, "length", { value: table.columns.length });
      database.create_function(name, record);
    };
    register(addFunctionName(table.name), 1);
    register(removeFunctionName(table.name), -1);
  }
}

export class StateDatabase implements RowSource {
  /** The SQL of everything prepared, so that a test can look at the plans. */
  readonly preparedSql: string[] = [];
  readonly #sql: SqlJsStatic;
  readonly #database: Database;

  constructor(sql: SqlJsStatic, database: Database) {
    this.#sql = sql;
    this.#database = database;
  }

  prepareRead(sql: string): PreparedRead {
    // SQLite plans a range, a join or a LIMIT anew each time that a parameter of it is bound, which
    // takes ten times as long as running it; it does not look past a plus.
    return new PreparedRead(sql, this.#prepare(sql.replaceAll("?", "+?")));
  }

  prepareWrite(sql: string): Write {
    return new PreparedWrite(sql, this.#prepare(sql), this.#database);
  }

  /** Runs any statements; for what isn't worth preparing. */
  run(sql: string): void {
    try {
      this.#database.run(sql);
    } catch (cause) {
      throw failedSql(sql, cause);
    }
  }

  *iterate(sql: string): Iterable<readonly Cell[]> {
    try {
      yield* iterateRows(this.#database, sql);
    } catch (cause) {
      throw failedSql(sql, cause);
    }
  }

  /** Bytes of the state's pages, those on the list of free ones apart. */
  countBytes(): number {
    const read = (name: string): number => {
      const [row] = this.iterate(`PRAGMA ${STATE_SCHEMA}.${name}`);
      return row?.[0] as number;
    };
    return (read("page_count") - read("freelist_count")) * read("page_size");
  }

  /** Another database of the same sql.js, from the bytes of a file or empty, and its file's name. */
  openFile(bytes?: Uint8Array): { readonly database: Database; readonly name: string } {
    const database = new this.#sql.Database(bytes);
    // Not in the types, but the only way for one connection to reach the file of another.
    const name: unknown = Reflect.get(database, "filename");
    if (typeof name !== "string") throw new InvariantViolation("sql.js names its files");
    return { database, name };
  }

  close(): void {
    this.#database.close();
  }

  #prepare(sql: string): Statement {
    this.preparedSql.push(sql);
    try {
      return this.#database.prepare(sql);
    } catch (cause) {
      throw failedSql(sql, cause);
    }
  }
}

/** The rows of a SELECT on any sql.js database, one at a time. */
export function* iterateRows(database: Database, sql: string): Iterable<readonly Cell[]> {
  const statement = database.prepare(sql);
  try {
    while (statement.step()) yield statement.get();
  } finally {
    statement.free();
  }
}

/** A prepared SELECT. Every call ends with the statement reset: an open one would block a vacuum. */
class PreparedRead {
  readonly #sql: string;
  readonly #statement: Statement;

  constructor(sql: string, statement: Statement) {
    this.#sql = sql;
    this.#statement = statement;
  }

  /** The first row, or `undefined`. */
  first(parameters: Cell[]): Cell[] | undefined {
    try {
      this.#statement.bind(parameters);
      const row = this.#statement.step() ? this.#statement.get() : undefined;
      this.#statement.reset();
      return row;
    } catch (cause) {
      this.#statement.reset();
      throw failedSql(this.#sql, cause);
    }
  }

  all(parameters: Cell[]): Cell[][] {
    return this.until(parameters, () => false);
  }

  /** The rows up to and with the first that is the last; none after it is read. */
  until(parameters: Cell[], isLast: (row: readonly Cell[]) => boolean): Cell[][] {
    try {
      const rows: Cell[][] = [];
      this.#statement.bind(parameters);
      while (this.#statement.step()) {
        const row = this.#statement.get();
        rows.push(row);
        if (isLast(row)) break;
      }
      this.#statement.reset();
      return rows;
    } catch (cause) {
      this.#statement.reset();
      throw failedSql(this.#sql, cause);
    }
  }
}

class PreparedWrite implements Write {
  readonly #sql: string;
  readonly #statement: Statement;
  readonly #database: Database;

  constructor(sql: string, statement: Statement, database: Database) {
    this.#sql = sql;
    this.#statement = statement;
    this.#database = database;
  }

  run(parameters?: Cell[]): void {
    try {
      this.#statement.run(parameters);
    } catch (cause) {
      this.#statement.reset();
      throw failedSql(this.#sql, cause);
    }
  }

  runOnOneRow(parameters: Cell[]): void {
    this.run(parameters);
    const changed = this.#database.getRowsModified();
    if (changed !== 1) throw failedSql(this.#sql, `${changed} rows changed instead of one`);
  }
}
