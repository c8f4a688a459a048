import { existsSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { ClientError } from "../errors.ts";
import type { Io } from "./io.ts";
import { codeOf } from "./terminal.ts";

/** A file that should be made is there already, or its place cannot be written to. */
export class CreateFileError extends ClientError {
  override readonly name = "CreateFileError";
}

/**
 * Tells before long work that its result would have no place.
 *
 * @throws CreateFileError when there is such a file already, or no such folder.
 */
export function requireNoFile(path: string, io: Io): void {
  const place = resolve(io.cwd, path);
  if (existsSync(place)) throw exists(place);
  if (statSync(dirname(place), { throwIfNoEntry: false })?.isDirectory()) return;
  throw new CreateFileError(`There is no folder ${dirname(place)} to write a file into.`, {
    whatToDo: "Make the folder first, or name another one.",
  });
}

/**
 * Writes a new file, readable to its owner alone, whole or not at all; never replaces one.
 *
 * @returns The absolute path.
 * @throws CreateFileError when there is such a file already, or it cannot be written.
 */
export function createFile(path: string, content: Uint8Array | string, io: Io): string {
  const place = resolve(io.cwd, path);
  try {
    writeFileSync(place, content, { flag: "wx", mode: 0o600, flush: true });
  } catch (cause) {
    const code = codeOf(cause);
    if (code === "EEXIST") throw exists(place);
    // Half a file, on a full disk, would be taken for a whole one.
    if (code === "ENOSPC" || code === "EDQUOT") rmSync(place, { force: true });
    throw new CreateFileError(`Cannot write ${place} (${code ?? cause}).`, {
      whatToDo: "Name a place that you may write to, with room left.",
      cause,
    });
  }
  return place;
}

function exists(place: string): CreateFileError {
  return new CreateFileError(`There is a file at ${place} already, and it is not replaced.`, {
    whatToDo: "Move it away, or name another place.",
  });
}
