import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ClientError } from "../../errors.ts";
import { toFileError } from "../../kept/file-error.ts";
import { replaceKeptFile } from "../../kept/kept-file.ts";

const OWNER_WAIT_MS = 10_000;
const OWNER_POLL_MS = 50;
/** A file that was not touched for so long is not being written. */
const SETTLED_MS = 300;
/** Small enough not to hold up the process that scans between its own work. */
const [QUOTE, BACKSLASH] = Buffer.from('"\\');
const [BRACE_OPEN, BRACE_CLOSE, BRACKET_OPEN, BRACKET_CLOSE] = Buffer.from("{}[]");
const CHUNK_BYTES = 1 << 18;

/** Another anvil keeps its chain in this file. */
class AnvilStateInUse extends ClientError {
  override readonly name = "AnvilStateInUse";

  constructor(path: string, pid: number) {
    super(`Another local chain (process ${pid}) keeps its state in ${path}.`, {
      whatToDo: "Stop the other one, or choose another folder with `--data-folder`.",
    });
  }
}

/** The chain's last state is not in its file: the disk is full, most likely. */
class AnvilStateNotKept extends ClientError {
  override readonly name = "AnvilStateNotKept";

  constructor(path: string) {
    super(`The local chain could not write its last state to ${path}.`, {
      whatToDo:
        "Make room on that disk, then start again: the chain goes on where it was written last.",
    });
  }
}

/**
 * The file that a chain is kept in between runs. Anvil truncates the file that it writes, so a kill
 * at that moment would lose the chain: it writes to a second file, and only a whole one takes the
 * first one's place.
 */
export class AnvilState {
  readonly #path: string;
  #promotedAtMs = 0;

  private constructor(path: string) {
    this.#path = path;
  }

  /**
   * Takes the file for this process: waits for an anvil whose owner died and which is still writing,
   * then puts the newest whole state in place.
   *
   * @throws AnvilStateInUse
   */
  static async open(path: string): Promise<AnvilState> {
    mkdirSync(dirname(path), { recursive: true });
    const state = new AnvilState(path);
    const deadline = Date.now() + OWNER_WAIT_MS;
    for (;;) {
      const pid = state.#findOwner();
      if (pid === undefined) break;
      if (Date.now() > deadline) throw new AnvilStateInUse(path, pid);
      await sleep(OWNER_POLL_MS);
    }
    await state.#recover();
    return state;
  }

  /** Arguments that make anvil load and write it. */
  getArguments(intervalSec: number): string[] {
    const loading = existsSync(this.#path) ? ["--load-state", this.#path] : [];
    return [...loading, "--dump-state", this.#nextPath, "--state-interval", String(intervalSec)];
  }

  /**
   * Notes which process writes it from now on.
   *
   * @throws the system's error when it cannot be noted.
   */
  own(pid: number): void {
    replaceKeptFile(this.#ownerPath, `${pid}\n`);
  }

  /**
   * Puts what anvil wrote last in place, unless it is just writing. Between the last look and the
   * renaming it could begin to: that takes a kill within the same microseconds to do harm.
   */
  async promoteSettled(): Promise<void> {
    const written = this.#findSettled();
    if (written === undefined || written === this.#promotedAtMs) return;
    if (!(await isWholeJson(this.#nextPath)) || this.#findSettled() !== written) return;
    renameSync(this.#nextPath, this.#path);
    this.#promotedAtMs = written;
  }

  /**
   * To be called when anvil has ended, however it did.
   *
   * @returns Why its last state is not in place; `undefined` where it is.
   */
  async release(): Promise<ClientError | undefined> {
    try {
      const isWhole = await this.#recover();
      rmSync(this.#ownerPath, { force: true });
      return isWhole ? undefined : new AnvilStateNotKept(this.#path);
    } catch (cause) {
      const fault = toFileError(cause, this.#path);
      if (fault === undefined) throw cause;
      return fault;
    }
  }

  get #nextPath(): string {
    return `${this.#path}.next`;
  }

  get #ownerPath(): string {
    return `${this.#path}.pid`;
  }

  /** When the written file was last touched, if that is long enough ago. */
  #findSettled(): number | undefined {
    const written = statSync(this.#nextPath, { throwIfNoEntry: false });
    return written && Date.now() - written.mtimeMs >= SETTLED_MS ? written.mtimeMs : undefined;
  }

  /** @returns false where anvil left a state that is not whole; it is taken away. */
  async #recover(): Promise<boolean> {
    if (!existsSync(this.#nextPath)) return true;
    const isWhole = await isWholeJson(this.#nextPath);
    if (isWhole) renameSync(this.#nextPath, this.#path);
    else rmSync(this.#nextPath);
    return isWhole;
  }

  /** The process that has it, if that one lives and is not just another that got its number. */
  #findOwner(): number | undefined {
    if (!existsSync(this.#ownerPath)) return undefined;
    const pid = Number.parseInt(readFileSync(this.#ownerPath, "utf8"), 10);
    if (!Number.isSafeInteger(pid) || pid <= 1) return undefined;
    try {
      process.kill(pid, 0);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ESRCH") return undefined;
    }
    const commandLine = `/proc/${pid}/cmdline`;
    if (!existsSync("/proc/self/cmdline")) return pid;
    try {
      return readFileSync(commandLine, "utf8").includes(this.#nextPath) ? pid : undefined;
    } catch {
      // It ended between the two looks.
      return undefined;
    }
  }
}

/**
 * Whether a file holds one whole JSON object, by its brackets alone: files may be larger than any
 * string can be, and all that can have happened to this one is that its end is missing.
 */
async function isWholeJson(path: string): Promise<boolean> {
  const file = await open(path, "r");
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  let depth = 0;
  let isText = false;
  let isEscaped = false;
  let hasBegun = false;
  try {
    for (;;) {
      const { bytesRead } = await file.read(chunk, 0, CHUNK_BYTES);
      if (bytesRead === 0) return hasBegun && depth === 0 && !isText;
      for (let i = 0; i < bytesRead; i++) {
        const byte = chunk[i];
        if (isEscaped) isEscaped = false;
        else if (byte === BACKSLASH) isEscaped = isText;
        else if (byte === QUOTE) isText = !isText;
        else if (isText) continue;
        else if (byte === BRACE_OPEN || byte === BRACKET_OPEN) {
          depth += 1;
          hasBegun = true;
        } else if (byte === BRACE_CLOSE || byte === BRACKET_CLOSE) depth -= 1;
      }
    }
  } finally {
    await file.close();
  }
}
