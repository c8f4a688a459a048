import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { ClientError } from "../../errors.ts";
import { codeOf } from "../terminal/terminal.ts";
import type { UploadHead } from "./journal-lines.ts";
import { UploadJournal } from "./upload-journal.ts";

/** A file is not the one any more that an interrupted upload began with. */
class UploadFileChanged extends ClientError {
  override readonly name = "UploadFileChanged";
}

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
    if (other === undefined || computeId(other.head) === id || !isInterrupted(other, identity))
      continue;
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
    if (journal === undefined || !journal.isFinished) return last;
    const next = `${id}-${turn}`;
    if (!isNew && UploadJournal.read(join(folder, `${next}.jsonl`)) === undefined) return last;
    last = next;
  }
}

function computeId({ chainId, app, owner, fileHash, mapping }: UploadIdentity): string {
  const parts = JSON.stringify([chainId, app, owner, fileHash, mapping]);
  return createHash("sha256").update(parts).digest("hex").slice(0, 24);
}

/** The paths of all journals in a folder. */
export function listJournals(folder: string): string[] {
  try {
    const names = readdirSync(folder).filter((name) => name.endsWith(".jsonl"));
    return names.sort().map((name) => join(folder, name));
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
  return isSamePlace && hasBatches && !journal.isFinished && !journal.isAbandoned;
}

function changed({ head }: UploadJournal, { fileHash }: UploadIdentity): UploadFileChanged {
  const was = head.fileHash.slice(0, 12);
  return new UploadFileChanged(
    `${head.file} has changed (SHA-256 ${was}… to ${fileHash.slice(0, 12)}…) since an upload of it ` +
      "was interrupted, of which readings are in already.",
    {
      whatToDo:
        "Put the old content back to finish that upload, and send new rows in a file of their own; " +
        "or add --new-upload to send this content from its first row.",
    },
  );
}
