import { randomBytes } from "node:crypto";
import { link, open, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { ChainInput } from "../chain/chain-input.ts";
import { ClientError } from "../errors.ts";
import { hasCode } from "../kept/file-error.ts";
import { syncFolder } from "../kept/kept-file.ts";

/** A file that should be made is there already, with something else in it. */
class InputFileTaken extends ClientError {
  override readonly name = "InputFileTaken";
}

/** Files written at once: their way to the disk is shared. */
const FILES_AT_ONCE = 64;

/**
 * The inputs of a history as files `input-0.bin`, `input-1.bin`, …, each an EvmAdvance blob: what
 * `cartesi-machine --cmio-advance-state=input:input-%i.bin` reads. A file appears whole or not at
 * all, and none is ever replaced: what is there already is compared, so that an interrupted export
 * is finished by repeating it.
 *
 * @example
 * const files = new InputFiles("history");
 * await files.write(segment.inputs);
 */
export class InputFiles {
  readonly #folder: string;
  readonly #written: string[] = [];
  #presentCount = 0;

  /** @param folder Has to be there. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Files made here. */
  get writtenCount(): number {
    return this.#written.length;
  }

  /** Files that were there already, with the same bytes. */
  get presentCount(): number {
    return this.#presentCount;
  }

  /**
   * Writes one file an input.
   *
   * @throws InputFileTaken for the first of them that is there with other bytes.
   * @throws the system's error when one cannot be written.
   */
  async write(inputs: readonly ChainInput[]): Promise<void> {
    for (let from = 0; from < inputs.length; from += FILES_AT_ONCE) {
      const some = inputs.slice(from, from + FILES_AT_ONCE);
      const verdicts = await Promise.allSettled(some.map((input) => this.#writeOne(input)));
      for (const verdict of verdicts) if (verdict.status === "rejected") throw verdict.reason;
    }
    if (inputs.length > 0) syncFolder(this.#folder);
  }

  /** Takes away the files that were made here: the chain has other inputs by now. */
  async discard(): Promise<void> {
    for (const path of this.#written.splice(0)) await rm(path, { force: true });
  }

  async #writeOne({ index, blob }: ChainInput): Promise<void> {
    const name = `input-${index}.bin`;
    const path = join(this.#folder, name);
    if (await createWhole(path, blob)) {
      this.#written.push(path);
      return;
    }
    if (!(await readFile(path)).equals(blob)) {
      throw new InputFileTaken(`${path} is there already and holds another input.`, {
        whatToDo: "Move it away, or name an empty folder with --out.",
      });
    }
    this.#presentCount += 1;
  }
}

/** A link never replaces, and gives the name to bytes that are on the disk already. */
async function createWhole(path: string, content: Uint8Array): Promise<boolean> {
  const draft = `${path}.${process.pid}.${randomBytes(6).toString("hex")}`;
  try {
    const file = await open(draft, "wx");
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await link(draft, path);
    return true;
  } catch (cause) {
    if (hasCode(cause, "EEXIST")) return false;
    throw cause;
  } finally {
    await rm(draft, { force: true });
  }
}
