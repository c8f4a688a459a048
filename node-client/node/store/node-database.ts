import { DatabaseSync } from "@photostructure/sqlite";
import { invariant } from "../../../dapp/engine/invariant.ts";
import { encodeHex } from "../../../dapp/rollup/rollup-request.ts";
import type { Hex } from "../../../spec/outputs.ts";
import { toNodeStoreError } from "./node-store-error.ts";

/** What a column gives or takes. Counts and block numbers stay far below 2^53. */
export type Value = number | string | Uint8Array | null;
export type Row = Readonly<Record<string, Value>>;

/** The write-ahead log shrinks to this again after a large snapshot. */
const LOG_BYTES_MAX = 64 * 1024 * 1024;
/** A node that is just stopping lets go of its file within this time. */
const LOCK_WAIT_MS = 500;

/**
 * One connection: statements are compiled once, a write is one transaction, and SQLite's errors
 * are put into the user's words. Knows no table.
 */
export class Database {
  readonly path: string;
  #isLocked = false;
  readonly #connection: InstanceType<typeof DatabaseSync>;
  readonly #statements = new Map<
    string,
    ReturnType<InstanceType<typeof DatabaseSync>["prepare"]>
  >();

  /** Opens or creates the file. Takes no lock yet and changes nothing. */
  constructor(path: string) {
    this.path = path;
    this.#connection = this.#translate(() => new DatabaseSync(path, { timeout: LOCK_WAIT_MS }));
  }

  /** Runs statements that are needed once. */
  exec(sql: string): void {
    this.#translate(() => this.#connection.exec(sql));
  }

  /** The first row, if there is one. */
  get(sql: string, ...values: Value[]): Row | undefined {
    return this.#translate(() => this.#prepare(sql).get(...values) as Row | undefined);
  }

  /** The number that a query of one row and one column gives. */
  getNumber(sql: string, ...values: Value[]): number {
    const row = this.get(sql, ...values);
    const value = row && Object.values(row)[0];
    invariant(typeof value === "number", `one number comes from: ${sql}`);
    return value;
  }

  /** The numbers that a query of one column gives. */
  listNumbers(sql: string, ...values: Value[]): number[] {
    return this.all(sql, ...values).map((row) => toNumber(Object.values(row)[0]));
  }

  all(sql: string, ...values: Value[]): Row[] {
    return this.#translate(() => this.#prepare(sql).all(...values) as Row[]);
  }

  /** Writes, and gives the number of rows that changed. */
  run(sql: string, ...values: Value[]): number {
    return this.#translate(() => Number(this.#prepare(sql).run(...values).changes));
  }

  /** Writes one row: a column's name stands beside its value. */
  insert(table: string, row: Row): void {
    const columns = Object.keys(row);
    const marks = columns.map(() => "?");
    const sql = `INSERT INTO ${table} (${columns.join(", ")}) VALUES (${marks.join(", ")})`;
    this.run(sql, ...Object.values(row));
  }

  /** Sets columns of every row of a table. */
  updateAll(table: string, row: Row): void {
    const columns = Object.keys(row).map((name) => `${name} = ?`);
    this.run(`UPDATE ${table} SET ${columns.join(", ")}`, ...Object.values(row));
  }

  /** All of `work` or, when it throws, nothing of it. Durable when it returns. */
  transaction<T>(work: () => T): T {
    this.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      this.exec("COMMIT");
      return result;
    } catch (error) {
      // A full disk or a lack of memory makes SQLite roll back by itself; rolling back twice, or in
      // vain, would hide that error.
      if (this.#connection.isTransaction) this.#tryExec("ROLLBACK");
      throw error;
    }
  }

  /**
   * Takes the file alone, until `close` or the end of the process.
   *
   * @throws NodeStoreError when somebody else reads or writes it.
   */
  lock(): void {
    this.exec(
      `PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
       PRAGMA foreign_keys = ON; PRAGMA journal_size_limit = ${LOG_BYTES_MAX}`,
    );
    // The lock is taken by the first write.
    this.transaction(() => {});
    this.#isLocked = true;
  }

  /** Lets go of the file, which is then one whole file without a log beside it. */
  close(): void {
    if (!this.#connection.isOpen) return;
    this.#statements.clear();
    // The library leaves compiled statements, and with them the lock, to the garbage collector: so
    // the lock is given back first. A broken file may refuse; closing must not hide why.
    if (this.#isLocked) this.#tryExec("PRAGMA journal_mode = DELETE");
    this.#tryExec("PRAGMA locking_mode = NORMAL; SELECT count(*) FROM sqlite_schema");
    this.#connection.close();
  }

  #tryExec(sql: string): void {
    try {
      this.#connection.exec(sql);
    } catch {
      // The process ends sooner or later, and its locks with it; a transaction that is still open
      // refuses the next one.
    }
  }

  #prepare(sql: string) {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#connection.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  #translate<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw toNodeStoreError(error, this.path);
    }
  }
}

/** `0x…` of a column that holds bytes. */
export const toHex = (value: Value | undefined): Hex => encodeHex(toBytes(value));

/** The bytes of a column that holds bytes. */
export function toBytes(value: Value | undefined): Uint8Array {
  invariant(value instanceof Uint8Array, "a column declared BLOB holds bytes");
  return value;
}

/** The bytes of a `0x…` text of known width. */
export function fromHex(hex: Hex, width: number): Uint8Array {
  const bytes = Buffer.from(hex.slice(2), "hex");
  invariant(bytes.length === width && hex.length === 2 + 2 * width, `${width} bytes: ${hex}`);
  return bytes;
}

/** The number of a column declared INTEGER. */
export function toNumber(value: Value | undefined): number {
  invariant(typeof value === "number", "a column declared INTEGER holds a number");
  return value;
}
