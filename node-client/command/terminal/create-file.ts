import { existsSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { ClientError } from "../../errors.ts";
import { describeFault } from "../../kept/file-error.ts";
import { createWholeFile } from "../../kept/kept-file.ts";
import { errorKind, type Io } from "./io.ts";

export const CreateFileError = errorKind("CreateFileError");

/** Tells before long work that its result would have no place. */
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
 */
export function createFile(path: string, content: Uint8Array | string, io: Io): string {
  const place = resolve(io.cwd, path);
  let isMade: boolean;
  try {
    isMade = createWholeFile(place, content);
  } catch (cause) {
    throw new CreateFileError(`Cannot write ${place}: ${describeFault(cause)}.`, {
      whatToDo: "Name a place that you may write to, with room left.",
      cause,
    });
  }
  if (!isMade) throw exists(place);
  return place;
}

function exists(place: string): ClientError {
  return new CreateFileError(`There is a file at ${place} already, and it is not replaced.`, {
    whatToDo: "Move it away, or name another place.",
  });
}
