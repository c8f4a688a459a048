import { closeSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { hasCode, toFileError } from "../../kept/file-error.ts";
import { makeFolder } from "../../kept/kept-file.ts";

const SQLITE_BUSY = 5;

/**
 * Takes the lock of a file of the data folder. It is the system's lock, which ends with the process
 * however that ends: a process number in a file would outlive it, be given to another program, or
 * mean another process in each container that shares the folder.
 *
 * @returns What gives it back; `undefined` while somebody else has it.
 */
export function takeKeptLock(path: string): (() => void) | undefined {
  try {
    return takeLock(path);
  } catch (cause) {
    throw toFileError(cause, path) ?? cause;
  }
}

function takeLock(path: string): (() => void) | undefined {
  makeFolder(dirname(path));
  makeFile(path);
  // An empty database: SQLite knows how each system locks a file, and Node.js does not.
  const file = new DatabaseSync(path, { timeout: 0 });
  try {
    file.exec("BEGIN EXCLUSIVE");
  } catch (cause) {
    file.close();
    if ((cause as { errcode?: unknown }).errcode !== SQLITE_BUSY) throw cause;
    return undefined;
  }
  return () => {
    file.exec("ROLLBACK");
    file.close();
  };
}

/** One that is there is not opened: closing it would end the locks that this process has on it. */
function makeFile(path: string): void {
  try {
    closeSync(openSync(path, "ax", 0o600));
  } catch (cause) {
    if (!hasCode(cause, "EEXIST")) throw cause;
  }
}
