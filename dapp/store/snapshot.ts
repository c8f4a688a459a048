import type { Database } from "sql.js";
import { TABLES, type Table } from "../../spec/tables.ts";
import { iterateRows, messageOf, STATE_SCHEMA, type StateDatabase } from "./database.ts";
import { isOutOfMemory, OutOfMemory } from "./out-of-memory.ts";
import { columnList } from "./statements.ts";

/** A file that can't become the state; `reason` tells a foreign file from a broken one. */
export class SnapshotError extends Error {
  override readonly name = "SnapshotError";
  readonly reason: "damaged" | "schema_differs";

  constructor(reason: "damaged" | "schema_differs", detail: string, options?: ErrorOptions) {
    const advice = "restore a snapshot that this version of the application took";
    super(`snapshot ${reason.replace("_", " ")}: ${detail}; ${advice}`, options);
    this.reason = reason;
  }
}

/** A checked file, attached to the live connection. */
interface IncomingSnapshot {
  /** Replaces all rows of the state by the file's, inside the caller's transaction. */
  copyRows(): void;
  /** Outside a transaction. */
  detach(): void;
}

const INCOMING_SCHEMA = "incoming";
const schemaSql = (schema: string): string =>
  `SELECT type, name, tbl_name, sql FROM ${schema}.sqlite_schema ORDER BY type, name`;

/**
 * The state as a SQLite file, outside a transaction. VACUUM INTO writes the rows compactly into
 * another database's file, so the live connection keeps its statements, functions and pages.
 */
export function takeSnapshot(database: StateDatabase): Uint8Array {
  const file = database.openFile();
  try {
    database.run(`VACUUM ${STATE_SCHEMA} INTO '${file.name}'`);
    return file.database.export();
  } finally {
    file.database.close();
  }
}

/**
 * Checks a snapshot and attaches it. Only its rows will be taken over: tables, triggers and
 * prepared statements of the state stay what they are, whatever the file says.
 *
 * @throws SnapshotError for a file that isn't a whole and sound state of this schema.
 */
export function attachSnapshot(database: StateDatabase, snapshot: Uint8Array): IncomingSnapshot {
  const file = database.openFile(snapshot);
  try {
    checkSchema(database, file.database);
    checkIntegrity(file.database);
    database.run(`ATTACH '${file.name}' AS ${INCOMING_SCHEMA}`);
  } catch (cause) {
    file.database.close();
    throw cause;
  }
  return {
    copyRows() {
      for (const table of TABLES) copyTable(database, table);
    },
    detach() {
      database.run(`DETACH ${INCOMING_SCHEMA}`);
      file.database.close();
    },
  };
}

function copyTable(database: StateDatabase, table: Table): void {
  const columns = columnList(table);
  database.run(`DELETE FROM ${STATE_SCHEMA}.${table.name}`);
  database.run(
    `INSERT INTO ${STATE_SCHEMA}.${table.name} (${columns})` +
      ` SELECT ${columns} FROM ${INCOMING_SCHEMA}.${table.name} ORDER BY ${table.key.join(", ")}`,
  );
}

/** Same tables, indices and triggers, to the letter: both sides were made from one text. */
function checkSchema(database: StateDatabase, file: Database): void {
  const expected = [...database.iterate(schemaSql(STATE_SCHEMA))];
  const actual = readAll(file, schemaSql("main"));
  const describe = (row: readonly unknown[] | undefined): string =>
    row === undefined ? "nothing" : `${row[0]} ${row[1]}`;
  for (let i = 0; i < Math.max(expected.length, actual.length); i++) {
    if (JSON.stringify(expected[i]) === JSON.stringify(actual[i])) continue;
    const detail = `expected ${describe(expected[i])}, found another ${describe(actual[i])}`;
    throw new SnapshotError("schema_differs", detail);
  }
}

/** SQLite's own check of pages, indices, constraints and the types of STRICT tables. */
function checkIntegrity(file: Database): void {
  const [first] = readAll(file, "PRAGMA integrity_check(1)");
  if (first?.[0] !== "ok") throw new SnapshotError("damaged", String(first?.[0]));
}

function readAll(file: Database, sql: string): (readonly unknown[])[] {
  try {
    return [...iterateRows(file, sql)];
  } catch (cause) {
    if (isOutOfMemory(cause)) throw new OutOfMemory("no memory to check a snapshot", { cause });
    throw new SnapshotError("damaged", messageOf(cause), { cause });
  }
}
