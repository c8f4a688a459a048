import { randomBytes } from "node:crypto";
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { hasCode } from "./file-error.ts";

/**
 * The one door by which files that must outlive a crash or a full disk are written: readable to
 * their owner alone, and never seen half written, because they are written beside their place, synced
 * and then moved into it.
 */

/** Where a link cannot be made: FAT, and some folders of other computers. */
const NO_LINKS = ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"];

/**
 * Makes a file, and its folder, unless there is one. Of two processes that do so at the same time,
 * the first wins: a link never replaces.
 *
 * @returns false when there was a file already; it is left as it was.
 * @throws the system's error when it cannot be written; then nothing is left of it, unless the disk
 * itself fails at the last step, which says that the file's place is on it.
 */
export function createKeptFile(path: string, content: string | Uint8Array): boolean {
  makeFolder(dirname(path));
  return createWholeFile(path, content);
}

/** The same in a folder that has to be there. */
export function createWholeFile(path: string, content: string | Uint8Array): boolean {
  return withDraft(path, content, (draft) => {
    try {
      linkSync(draft, path);
    } catch (cause) {
      if (hasCode(cause, "EEXIST")) return false;
      if (!hasCode(cause, ...NO_LINKS)) throw cause;
      return takePlace(draft, path);
    }
    return true;
  });
}

/**
 * Writes a file over the one that is there, if any.
 *
 * @throws the system's error when it cannot be written; the old file is then whole, or where the
 * disk itself fails at the last step, the new one is.
 */
export function replaceKeptFile(path: string, content: string | Uint8Array): void {
  makeFolder(dirname(path));
  withDraft(path, content, (draft) => renameSync(draft, path));
}

/**
 * What a link does, in two steps: whoever makes the empty file may replace it. A crash between them
 * leaves it empty.
 */
function takePlace(draft: string, path: string): boolean {
  try {
    closeSync(openSync(path, "wx", 0o600));
  } catch (cause) {
    if (hasCode(cause, "EEXIST")) return false;
    throw cause;
  }
  renameSync(draft, path);
  return true;
}

function withDraft<Result>(
  path: string,
  content: string | Uint8Array,
  place: (draft: string) => Result,
): Result {
  const draft = `${path}.${process.pid}.${randomBytes(6).toString("hex")}`;
  try {
    const file = openSync(draft, "wx", 0o600);
    try {
      // Not writeSync: on a full disk that writes a part, and says so by a number only.
      writeFileSync(file, content);
      // The name must not be on the disk before what it leads to.
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    const result = place(draft);
    syncFolder(dirname(path));
    return result;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** A new file that nobody else sees: it goes with the process, however that ends. */
export function openUnseen(): number {
  const folder = mkdtempSync(join(tmpdir(), "tallyroll-"));
  try {
    return openSync(join(folder, "unseen"), "wx+", 0o600);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Folders that cannot be synced: of other computers, and those that may be written and not read. */
const NO_FOLDER_SYNC = ["EINVAL", "ENOTSUP", "EOPNOTSUPP", "EBADF", "EACCES", "EPERM"];

/**
 * A new name is on the disk only when its folder is. Where the system has no such call (Windows) or
 * takes none for this folder, it is left to the system: what was to be written is in its place.
 *
 * @throws the system's error when the disk fails.
 */
export function syncFolder(folder: string): void {
  if (process.platform === "win32") return;
  try {
    const file = openSync(folder, "r");
    try {
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    if (!hasCode(cause, ...NO_FOLDER_SYNC)) throw cause;
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
    if (!hasCode(cause, "EEXIST")) throw cause;
  }
}
