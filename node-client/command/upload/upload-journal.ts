import { createHash } from "node:crypto";
import {
  closeSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { bytesToHex } from "viem";
import { encodePlainEnvelope } from "../../../spec/envelope.ts";
import type { Operation } from "../../../spec/operations.ts";
import type { ClientError } from "../../errors.ts";
import { describeFault } from "../../kept/file-error.ts";
import { makeFolder, syncFolder } from "../../kept/kept-file.ts";
import { errorKind } from "../terminal/io.ts";
import { codeOf } from "../terminal/terminal.ts";
import {
  formatJournalLine,
  type JournalEntry,
  type JournaledBeginning,
  type JournaledEnd,
  type JournaledInput,
  type JournaledTransaction,
  parseJournalLine,
  type UploadHead,
} from "./journal-lines.ts";

/**
 * What an upload has done, a line a step, in `DATA_FOLDER/uploads/<id>.jsonl`. A step is on the disk
 * before it is taken: a batch is sealed once and a transaction signed once, so that whoever goes on
 * after a crash sends the very same bytes, which the chain takes once.
 */

const UploadJournalError = errorKind("UploadJournalError");

/** Reads and extends one upload's journal. One process at a time: see `lockUploads`. */
export class UploadJournal {
  readonly head: UploadHead;
  readonly path: string;
  readonly inputs: JournaledInput[] = [];
  /** The newest transaction of each input. */
  readonly transactions = new Map<number, JournaledTransaction>();
  /** What of the file was in before, once it is known. */
  beginning: JournaledBeginning | undefined;
  end: JournaledEnd["kind"] | undefined;
  #file: number | undefined;
  #wholeBytes = 0;

  private constructor(path: string, head: UploadHead) {
    this.path = path;
    this.head = head;
  }

  /**
   * The journal at a path; `undefined` where there is none, or its first line was never finished.
   *
   * @throws UploadJournalError when it is damaged before its last line.
   */
  static read(path: string): UploadJournal | undefined {
    let text: string;
    try {
      text = readFileSync(path, "utf8");
    } catch (cause) {
      if (codeOf(cause) === "ENOENT") return undefined;
      const problem = `The upload's journal ${path} cannot be read (${codeOf(cause)}).`;
      const whatToDo = "Make it readable to you: without it nobody knows what was sent.";
      throw new UploadJournalError(problem, { whatToDo, cause });
    }
    // What has no line break was cut off by a crash, before it was acted upon.
    const whole = text.slice(0, text.lastIndexOf("\n") + 1);
    const [first, ...rest] = whole.split("\n").slice(0, -1);
    if (first === undefined) return undefined;
    const head = parseJournalLine(first);
    if (head?.kind !== "upload") throw damaged(path);
    const journal = new UploadJournal(path, head);
    for (const line of rest) journal.#take(parseJournalLine(line));
    journal.#wholeBytes = Buffer.byteLength(whole, "utf8");
    return journal;
  }

  /**
   * The journal at a path, begun with this head where there is none.
   *
   * @throws UploadJournalError when it is damaged or cannot be written.
   */
  static open(path: string, head: UploadHead): UploadJournal {
    const journal = UploadJournal.read(path) ?? new UploadJournal(path, head);
    try {
      makeFolder(dirname(path));
      journal.#file = openSync(path, "a", 0o600);
      ftruncateSync(journal.#file, journal.#wholeBytes);
      if (journal.#wholeBytes === 0) {
        journal.#write(head);
        syncFolder(dirname(path));
      }
    } catch (cause) {
      throw unwritable(path, cause);
    }
    return journal;
  }

  /**
   * Adds a step; on the disk when this returns.
   *
   * @throws UploadJournalError when it cannot be written: then the step must not be taken.
   */
  append(entry: JournalEntry): void {
    try {
      this.#write(entry);
    } catch (cause) {
      throw unwritable(this.path, cause);
    }
    this.#take(entry);
  }

  /** @throws UploadJournalError as `append` does. */
  addInput(
    operations: readonly Operation[],
    { batches = [], setup = [] }: Partial<Pick<JournaledInput, "batches" | "setup">>,
  ): JournaledInput {
    const payload = bytesToHex(encodePlainEnvelope(operations));
    const input = { kind: "input", input: this.inputs.length, payload, batches, setup } as const;
    this.append(input);
    return input;
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #write(entry: JournalEntry | UploadHead): void {
    if (this.#file === undefined) throw new RangeError(`${basename(this.path)} is not open`);
    const line = Buffer.from(formatJournalLine(entry));
    try {
      writeFileSync(this.#file, line);
      fsyncSync(this.#file);
    } catch (cause) {
      // What is written next must not go on in the middle of a line.
      ftruncateSync(this.#file, this.#wholeBytes);
      throw cause;
    }
    this.#wholeBytes += line.length;
  }

  #take(entry: UploadHead | JournalEntry | undefined): void {
    if (entry === undefined) throw damaged(this.path);
    if (entry.kind === "begun") this.beginning = entry;
    else if (entry.kind === "input" && entry.input === this.inputs.length) this.inputs.push(entry);
    else if (entry.kind === "transaction" && this.inputs[entry.input]) {
      this.transactions.set(entry.input, entry);
    } else if (entry.kind === "finished" || entry.kind === "abandoned") this.end = entry.kind;
    else throw damaged(this.path);
  }
}

const damaged = (path: string): ClientError =>
  new UploadJournalError(`The upload's journal ${path} is damaged.`, {
    whatToDo:
      "Move it away to begin anew: what the application has already, it refuses to take twice " +
      "only under the same sequence numbers, so look first with `tallyroll stream show STREAM`.",
  });

function unwritable(path: string, cause: unknown): ClientError {
  const problem = `The upload's journal ${path} cannot be written: ${describeFault(cause)}.`;
  return new UploadJournalError(problem, {
    whatToDo: "Make room on the disk, then run the same command again: it goes on where it was.",
    cause,
  });
}

/** A file is not the one any more that an interrupted upload began with. */
const UploadFileChanged = errorKind("UploadFileChanged");

/** All of a head but its own name. */
export type UploadIdentity = Omit<UploadHead, "kind" | "version" | "id">;

/**
 * The journal of an upload, begun or gone on with: one file, application and mapping have one.
 *
 * @param folder Of the journals.
 * @param isNew Gives up an interrupted upload of what was another content of the same file, and
 *   begins a finished one of this content again.
 * @throws UploadFileChanged where there is one and it is not to be given up, UploadJournalError.
 */
export function findJournal(
  folder: string,
  identity: UploadIdentity,
  isNew: boolean,
): UploadJournal {
  const id = computeId(identity);
  for (const path of listJournals(folder)) {
    const other = UploadJournal.read(path);
    const isOther = other !== undefined && computeId(other.head) !== id;
    if (!isOther || !isInterrupted(other, identity)) continue;
    if (!isNew) throw changed(other, identity);
    const given = UploadJournal.open(path, other.head);
    given.append({ kind: "abandoned" });
    given.close();
  }
  const turn = findTurn(folder, id, isNew);
  return UploadJournal.open(join(folder, `${turn}.jsonl`), {
    ...{ kind: "upload", version: 2, id: turn },
    ...identity,
  });
}

/** The same content sent anew has a journal of its own each time, and the last one counts. */
function findTurn(folder: string, id: string, isNew: boolean): string {
  let last = id;
  for (let turn = 1; ; turn++) {
    const journal = UploadJournal.read(join(folder, `${last}.jsonl`));
    if (journal?.end !== "finished") return last;
    const next = `${id}-${turn}`;
    if (!isNew && UploadJournal.read(join(folder, `${next}.jsonl`)) === undefined) return last;
    last = next;
  }
}

function computeId({ chainId, app, owner, fileHash, mapping }: UploadIdentity): string {
  const parts = JSON.stringify([chainId, app, owner, fileHash, mapping]);
  return createHash("sha256").update(parts).digest("hex").slice(0, 24);
}

export const listJournals = (folder: string): string[] =>
  listFiles(folder, ".jsonl").map((name) => join(folder, name));

/** The names of a folder's files that end so, in order; none where there is no folder. */
export function listFiles(folder: string, ending: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith(ending))
      .sort();
  } catch (cause) {
    if (codeOf(cause) === "ENOENT") return [];
    throw cause;
  }
}

/** Whether some of it may be in the application, and the rest is not. */
function isInterrupted(
  journal: UploadJournal,
  { chainId, app, file, mapping }: UploadIdentity,
): boolean {
  const { head } = journal;
  const isSamePlace =
    head.chainId === chainId && head.app === app && head.file === file && head.mapping === mapping;
  const hasBatches = journal.inputs.some(
    ({ input, batches }) => batches.length > 0 && journal.transactions.has(input),
  );
  return isSamePlace && hasBatches && journal.end === undefined;
}

function changed({ head }: UploadJournal, { fileHash }: UploadIdentity): ClientError {
  const [was, is] = [head.fileHash, fileHash].map((hash) => hash.slice(0, 12));
  const problem =
    `${head.file} has changed (SHA-256 ${was}… to ${is}…) since an upload of it was interrupted, ` +
    "of which readings are in already.";
  return new UploadFileChanged(problem, {
    whatToDo:
      "Put the old content back to finish that upload, and send new rows in a file of their own; " +
      "or add --new-upload to send this content from its first row.",
  });
}
