import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createKeptFile } from "../../kept/kept-file.ts";
import { listFiles, listJournals, UploadJournal } from "./upload-journal.ts";

export interface LineForm {
  readonly format: "csv" | "ndjson";
  /** Of a CSV: the header, and what stands above it. */
  readonly header: readonly string[];
}

export interface FollowedLine {
  /** From 1. */
  readonly number: number;
  readonly text: string;
}

/** Lines one after the other, and how they are to be read. */
export interface LineRun {
  readonly form: LineForm;
  readonly lines: readonly FollowedLine[];
}

/** Lines that go together. */
export interface LineGroup extends LineRun {
  /** Of the files that hold them: the name that its journal knows it by. */
  readonly name: string;
}

const SUFFIX = ".lines";
const DIGITS = 12;

/**
 * Lines that were read and are not in yet: each piece of standard input is a file before anything is
 * done with it. Files become a group by their names alone, so that a crash leaves nothing half done:
 * they go when the group's upload is finished, and its journal after them.
 */
export class FollowedLines {
  readonly folder: string;
  #next: number;

  /** @throws the system's error where the folder cannot be read or written. */
  constructor(folder: string) {
    this.folder = folder;
    this.#dropDrafts();
    this.#dropFinished();
    const last = this.#listNames().at(-1);
    this.#next = last === undefined ? 0 : toNumber(last) + 1;
  }

  get isEmpty(): boolean {
    return this.#listNames().length === 0;
  }

  /**
   * Keeps lines; they are on the disk when this returns.
   *
   * @throws the system's error where they cannot be written: then nothing of them is kept.
   */
  add({ form, lines }: LineRun): void {
    createKeptFile(join(this.folder, toName(this.#next)), JSON.stringify({ form, lines }));
    this.#next += 1;
  }

  /** How many lines wait, as far as it matters: no more are counted than asked for. */
  countUpTo(count: number): number {
    let found = 0;
    for (const name of this.#listNames()) {
      found += this.#read(name).lines.length;
      if (found >= count) break;
    }
    return found;
  }

  /**
   * The oldest lines that go together: those of a group that was begun before, else files up to so
   * many lines, one at least.
   */
  first(linesMax: number): LineGroup | undefined {
    const names = this.#listNames();
    const begun = this.#findBegun();
    const lines: FollowedLine[] = [];
    const taken: string[] = [];
    let form: LineForm | undefined;
    for (const name of names) {
      const kept = this.#read(name);
      form ??= kept.form;
      const isOther = JSON.stringify(kept.form) !== JSON.stringify(form);
      const isFull = taken.length > 0 && lines.length + kept.lines.length > linesMax;
      if (isOther || (begun === undefined ? isFull : toNumber(name) > begun)) break;
      lines.push(...kept.lines);
      taken.push(name);
    }
    if (form === undefined) return undefined;
    return { name: `${toNumber(taken[0]!)}-${toNumber(taken.at(-1)!)}`, form, lines };
  }

  /** Forgets a group, and the journals of what is finished. */
  remove({ name }: LineGroup): void {
    this.#dropFinished();
    this.#removeFiles(name);
  }

  /** First the lines, then their journal: where a crash comes between, nothing is sent again. */
  #dropFinished(): void {
    for (const path of listJournals(this.folder)) {
      const journal = UploadJournal.read(path);
      if (journal !== undefined && journal.end === undefined) continue;
      if (journal !== undefined) this.#removeFiles(journal.head.file);
      rmSync(path);
    }
  }

  /** What a kill cut off while it was written: its lines were never said to be kept. */
  #dropDrafts(): void {
    const names = existsSync(this.folder) ? readdirSync(this.folder) : [];
    for (const name of names.filter((one) => one.includes(`${SUFFIX}.`))) {
      rmSync(join(this.folder, name), { force: true });
    }
  }

  #removeFiles(group: string): void {
    const [first = 0, last = -1] = group.split("-").map(Number);
    for (const name of this.#listNames()) {
      const number = toNumber(name);
      if (number >= first && number <= last) rmSync(join(this.folder, name), { force: true });
    }
  }

  /** The last file of the group whose upload has begun and is not finished, if any. */
  #findBegun(): number | undefined {
    const journals = listJournals(this.folder).map((path) => UploadJournal.read(path));
    const begun = journals.find((journal) => journal !== undefined);
    return begun && Number(begun.head.file.split("-")[1]);
  }

  #read(name: string): LineRun {
    return JSON.parse(readFileSync(join(this.folder, name), "utf8")) as LineRun;
  }

  #listNames(): string[] {
    return listFiles(this.folder, SUFFIX);
  }
}

const toName = (number: number): string => `${String(number).padStart(DIGITS, "0")}${SUFFIX}`;
const toNumber = (name: string): number => Number.parseInt(name, 10);
