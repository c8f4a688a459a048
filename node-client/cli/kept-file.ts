import { randomBytes } from "node:crypto";
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { codeOf } from "./terminal.ts";

/**
 * Files of the data folder that must outlive a crash: readable to their owner alone, and never seen
 * half written, because they are written beside their place and then moved into it.
 */

/**
 * Makes a file unless there is one. Of two processes that do so at the same time, the first wins: a
 * link never replaces.
 *
 * @returns false when there was a file already; it is left as it was.
 * @throws the system's error when it cannot be written.
 */
export function createKeptFile(path: string, text: string): boolean {
  return withDraft(path, text, (draft) => {
    try {
      linkSync(draft, path);
      return true;
    } catch (cause) {
      if (codeOf(cause) === "EEXIST") return false;
      throw cause;
    }
  });
}

/**
 * Writes a file over the one that is there, if any.
 *
 * @throws the system's error when it cannot be written; the old file is then whole.
 */
export function replaceKeptFile(path: string, text: string): void {
  withDraft(path, text, (draft) => renameSync(draft, path));
}

function withDraft<Result>(path: string, text: string, place: (draft: string) => Result): Result {
  const folder = dirname(path);
  makeFolder(folder);
  const draft = `${path}.${process.pid}.${randomBytes(6).toString("hex")}`;
  try {
    const file = openSync(draft, "wx", 0o600);
    try {
      writeSync(file, text);
      // The name must not be on the disk before what it leads to.
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    const result = place(draft);
    syncFolder(folder);
    return result;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** A new name is on the disk only when its folder is. Windows has no such call. */
export function syncFolder(folder: string): void {
  if (process.platform === "win32") return;
  const file = openSync(folder, "r");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/**
 * Makes a folder that only its owner may enter, and those above it. Not by mkdir's own recursion,
 * which never ends where the system has no folders made: /proc.
 */
export function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  const parent = dirname(folder);
  if (parent !== folder) makeFolder(parent);
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (cause) {
    // Another process may make it at the same time.
    if (codeOf(cause) !== "EEXIST") throw cause;
  }
}
