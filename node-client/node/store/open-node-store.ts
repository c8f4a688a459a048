import { closeSync, existsSync, openSync } from "node:fs";
import { Database } from "./node-database.ts";
import { insertIdentity, readCounts, readIdentity } from "./node-row.ts";
import { APPLICATION_ID, SCHEMA, SCHEMA_VERSION } from "./node-schema.ts";
import type { NodeIdentity } from "./node-store.ts";
import { createDamagedError, NodeStoreError } from "./node-store-error.ts";
import { OutputNodes } from "./output-nodes.ts";
import { readTotals } from "./result-rows.ts";
import { NodeStore } from "./sqlite-node-store.ts";

/** The owner's alone: the file holds what the machine opened of sealed inputs. */
const FILE_MODE = 0o600;
/** Up to this size all of the file is read and checked: a tenth of a second. */
const CHECKED_BYTES_MAX = 64 * 1024 * 1024;

/** What a different identity is called in an error, and what it means. */
const IDENTITY_NAMES: Readonly<Record<keyof NodeIdentity, string>> = {
  chainId: "chain id",
  app: "application",
  consensus: "consensus contract",
  inputBox: "InputBox",
  templateHash: "template hash",
  epochLength: "epoch length",
  deploymentBlock: "deployment block",
  machineKey: "machine key",
};

interface OpenNodeStoreOptions {
  /** Unix milliseconds, for the times that rows carry; the system's clock by default. */
  readonly now?: () => number;
  /**
   * The file may belong to an earlier consensus of the application, whose history it goes on to show:
   * ask the store whose file it is.
   */
  readonly mayHaveLeft?: boolean;
}

/**
 * Opens a node's file, alone: nobody else can until it is closed or the process ends.
 *
 * @param path Made, for its owner alone, if it does not exist and an identity is given.
 * @param identity What the file must belong to; `undefined` takes it as it is.
 * @throws NodeStoreError when there is no file, another node has it, it is damaged, of a newer
 *   version, not a node's at all, or another application's.
 * @example
 * const store = openNodeStore(join(dataFolder, "node.sqlite"), identity);
 * try { … } finally { store.close(); }
 */
export function openNodeStore(
  path: string,
  identity: NodeIdentity | undefined,
  { now = Date.now, mayHaveLeft = false }: OpenNodeStoreOptions = {},
): NodeStore {
  if (!existsSync(path)) createFile(path, identity);
  const database = new Database(path);
  try {
    const isNew = isEmptyFile(database);
    if (isNew && identity === undefined) throw createMissingError(path);
    if (!isNew) requireOurs(database);
    database.lock();
    // Looked at again: another node may have made the file in between.
    if (identity !== undefined && isEmptyFile(database)) {
      database.transaction(() => createTables(database, identity));
    }
    requireSound(database);
    if (identity !== undefined) requireIdentity(database, identity, mayHaveLeft);
    return new NodeStore(database, now);
  } catch (error) {
    database.close();
    throw error;
  }
}

function createFile(path: string, identity: NodeIdentity | undefined): void {
  if (identity === undefined) throw createMissingError(path);
  try {
    // SQLite gives its log the same mode as the file.
    closeSync(openSync(path, "a", FILE_MODE));
  } catch (cause) {
    throw new NodeStoreError("unwritable", `${path} cannot be made.`, {
      whatToDo: "Check that its folder exists and that you may write to it.",
      cause,
    });
  }
}

function createMissingError(path: string): NodeStoreError {
  return new NodeStoreError("missing", `There is no node's file at ${path}.`, {
    whatToDo: "Start a node first, or name the right --data-folder.",
  });
}

/** A node that was stopped while it made the file has left one without tables. */
function isEmptyFile(database: Database): boolean {
  const tableCount = database.getNumber("SELECT count(*) FROM sqlite_schema");
  return tableCount === 0 && database.getNumber("PRAGMA application_id") === 0;
}

function requireOurs(database: Database): void {
  const { path } = database;
  if (database.getNumber("PRAGMA application_id") !== APPLICATION_ID) {
    throw new NodeStoreError("foreign", `${path} is another program's file.`, {
      whatToDo: "Start the node with another --data-folder.",
    });
  }
  const version = database.getNumber("PRAGMA user_version");
  if (version > SCHEMA_VERSION) {
    throw new NodeStoreError("newer", `${path} was written by a newer version of this program.`, {
      whatToDo: "Install that version, or start with another --data-folder.",
    });
  }
  if (version < SCHEMA_VERSION) throw createDamagedError(path, `it has version ${version}`);
}

function createTables(database: Database, identity: NodeIdentity): void {
  database.exec(SCHEMA);
  insertIdentity(database, identity);
  database.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
  database.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
}

/** The pages are whole, the rows are as many as the counts say, the output tree gives its root. */
function requireSound(database: Database): void {
  const bytes = database.getNumber("PRAGMA page_count") * database.getNumber("PRAGMA page_size");
  if (bytes <= CHECKED_BYTES_MAX) {
    const verdict = Object.values(database.get("PRAGMA quick_check(1)") ?? {})[0];
    if (verdict !== "ok") throw createDamagedError(database.path, String(verdict));
  }
  const counts = readCounts(database);
  const tables = [
    ["inputs", "input_index", counts.inputs],
    ["results", "input_index", counts.processed],
    ["outputs", "output_index", counts.outputs],
    ["reports", "report_index", counts.reports],
  ] as const;
  for (const [table, key, count] of tables) {
    if (database.getNumber(`SELECT coalesce(max(${key}), -1) FROM ${table}`) !== count - 1) {
      throw createDamagedError(database.path, `its ${table} are not ${count}`);
    }
  }
  const root = new OutputNodes(database).openAt(counts.outputs).computeRoot();
  if (Buffer.compare(root, readTotals(database, counts.processed).outputsMerkleRoot) !== 0) {
    throw createDamagedError(database.path, "its outputs do not give their root");
  }
}

function requireIdentity(database: Database, expected: NodeIdentity, mayHaveLeft: boolean): void {
  const actual = readIdentity(database);
  const hasLeft = mayHaveLeft && actual.consensus !== expected.consensus;
  for (const key of Object.keys(IDENTITY_NAMES) as (keyof NodeIdentity)[]) {
    if (actual[key] === expected[key]) continue;
    // Epochs are as long as the consensus has them.
    if (hasLeft && (key === "consensus" || key === "epochLength")) continue;
    throw new NodeStoreError(
      "other_identity",
      `${database.path} belongs to another ${IDENTITY_NAMES[key]}: ${actual[key]}, ` +
        `not ${expected[key]}.`,
      { whatToDo: "Start with another --data-folder, or move that file away." },
    );
  }
}
