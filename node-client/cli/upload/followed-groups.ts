import { readdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { hasCode } from "../../kept/file-error.ts";
import { createKeptFile } from "../../kept/kept-file.ts";
import { listJournals } from "./find-journal.ts";
import { UploadJournal } from "./upload-journal.ts";

const SUFFIX = ".rows";
const DIGITS = 12;

/**
 * Rows that were read and are not in yet, a file a group, in the order of their reading: what a crash
 * leaves is sent by the next run. A group goes when its upload is finished, and its journal after it.
 */
export class FollowedGroups {
  readonly folder: string;
  #next: number;
  /** Of each group's rows, in the input of this run. */
  readonly #lines = new Map<string, readonly number[]>();

  /** @throws the system's error where the folder cannot be read. */
  constructor(folder: string) {
    this.folder = folder;
    this.#dropFinished();
    const last = this.list().at(-1);
    this.#next = last === undefined ? 0 : Number.parseInt(basename(last), 10) + 1;
  }

  /** The paths of the groups that wait, the oldest first. */
  list(): string[] {
    return listNames(this.folder)
      .filter((name) => name.endsWith(SUFFIX))
      .sort()
      .map((name) => join(this.folder, name));
  }

  /** The lines of a group's rows in this run's input, from 1; none where an earlier run has read it. */
  linesOf(path: string): readonly number[] {
    return this.#lines.get(path) ?? [];
  }

  /**
   * Keeps a group.
   *
   * @param lines Where each of its rows was, from 1.
   * @returns Its path, once it is on the disk.
   * @throws the system's error where it cannot be written.
   */
  add(content: string, lines: readonly number[]): string {
    const path = join(this.folder, `${String(this.#next++).padStart(DIGITS, "0")}${SUFFIX}`);
    createKeptFile(path, content);
    this.#lines.set(path, lines);
    return path;
  }

  /**
   * Divides a group whose upload has not begun, so that what is wrong in it keeps nothing else.
   *
   * @param halves In order, with how many rows each has; they come in its place.
   */
  split(
    path: string,
    halves: readonly { readonly content: string; readonly rowCount: number }[],
  ): void {
    const stem = path.slice(0, -SUFFIX.length);
    let lines = this.linesOf(path);
    for (const [i, { content, rowCount }] of halves.entries()) {
      const half = `${stem}-${i}${SUFFIX}`;
      createKeptFile(half, content);
      this.#lines.set(half, lines.slice(0, rowCount));
      lines = lines.slice(rowCount);
    }
    this.remove(path);
  }

  /** Forgets a group, and the journals of what is finished. */
  remove(path: string): void {
    rmSync(path, { force: true });
    this.#lines.delete(path);
    this.#dropFinished();
  }

  /** First the group, then the journal: where a crash comes between them, neither is sent again. */
  #dropFinished(): void {
    for (const path of listJournals(this.folder)) {
      const journal = UploadJournal.read(path);
      if (journal === undefined || !(journal.isFinished || journal.isAbandoned)) continue;
      rmSync(journal.head.file, { force: true });
      rmSync(path);
    }
  }
}

function listNames(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (cause) {
    if (hasCode(cause, "ENOENT")) return [];
    throw cause;
  }
}
