import { randomBytes } from "node:crypto";
import { type FileHandle, link, open, rm } from "node:fs/promises";
import { dirname } from "node:path";
import type { ChainInput } from "../chain/chain-input.ts";
import { decodeEvmAdvance } from "../chain/decode-evm-advance.ts";
import { syncFolder } from "../kept/kept-file.ts";
import { formatHistoryLine } from "./history-lines.ts";

/**
 * A chain's inputs as one file of JSON lines, as `tallyroll replay --inputs` takes them. It gets
 * its name when it is whole; until then it is a draft beside it.
 *
 * @example
 * const file = await HistoryFile.begin("history.jsonl");
 * await file.write(segment.inputs);
 * await file.finish();
 */
export class HistoryFile {
  readonly #path: string;
  readonly #draft: string;
  readonly #file: FileHandle;
  #inputCount = 0;

  private constructor(path: string, draft: string, file: FileHandle) {
    this.#path = path;
    this.#draft = draft;
    this.#file = file;
  }

  /** Begins a draft beside `path`, whose folder has to be there. */
  static async begin(path: string): Promise<HistoryFile> {
    const draft = `${path}.${process.pid}.${randomBytes(6).toString("hex")}`;
    return new HistoryFile(path, draft, await open(draft, "wx"));
  }

  /** Inputs written so far. */
  get inputCount(): number {
    return this.#inputCount;
  }

  /** Appends a line an input. */
  async write(inputs: readonly ChainInput[]): Promise<void> {
    const lines = inputs.map(({ blob }) => `${formatHistoryLine(decodeEvmAdvance(blob))}\n`);
    await this.#file.writeFile(lines.join(""));
    this.#inputCount += inputs.length;
  }

  /**
   * Gives the file its name.
   *
   * @throws the system's EEXIST when another file has that name by now: it is not replaced.
   */
  async finish(): Promise<void> {
    await this.#file.sync();
    await link(this.#draft, this.#path);
    syncFolder(dirname(this.#path));
    await this.discard();
  }

  /** Takes the draft away. After `finish` the file stays. */
  async discard(): Promise<void> {
    await this.#file.close();
    await rm(this.#draft, { force: true });
  }
}
