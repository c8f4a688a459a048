import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { ChainBusy, ChainUnreachable } from "../../chain/contract-errors.ts";
import { WaitTimeout } from "../../chain/poll.ts";
import { NodeUnreachable } from "../../client/actions/node-errors.ts";
import { countOf } from "../../count-of.ts";
import { ClientError } from "../../errors.ts";
import { DataFileError } from "../../files/data-file-error.ts";
import { toFileError } from "../../kept/file-error.ts";
import { NotConfirmed } from "../terminal/ask-person.ts";
import { streamChunks } from "../terminal/read-file.ts";
import type { Terminal } from "../terminal/terminal.ts";
import type { FollowedLine, FollowedLines, LineGroup, LineRun } from "./followed-lines.ts";
import { FollowError, LineReader } from "./line-reader.ts";
import { type LoadedFile, loadFile } from "./reading-options.ts";
import { fitLoaded, UploadLocked, UploadStopped, uploadLoaded } from "./run-submit.ts";
import type { SubmitSettings, UploadSession } from "./submit-options.ts";

const RETRY_MS = 5_000;
/** Another upload's lock is free for moments only. */
const LOCK_RETRY_MS = 100;

/** Two halves: one puts lines on the disk as they come, the other sends what is there. */
export class Follower {
  readonly #session: UploadSession;
  readonly #kept: FollowedLines;
  readonly #settings: SubmitSettings;
  readonly #terminal: Terminal;
  readonly #interrupted = new AbortController();
  #hasEnded = false;
  #isAway = false;
  #readFault: unknown;
  readonly #sleepers = new Set<() => void>();
  /** What was said of columns: once a run is enough. */
  readonly #said = new Set<string>();

  constructor(session: UploadSession, kept: FollowedLines) {
    this.#session = { ...session, note: (line) => this.#noteOnce(line) };
    this.#kept = kept;
    this.#settings = session.options;
    this.#terminal = session.terminal;
  }

  /**
   * Until the end of standard input, or an interruption: what is not in then waits for the next run.
   *
   * @throws ClientError for what no repetition mends; the lines wait on the disk.
   */
  async run(): Promise<void> {
    const { io } = this.#terminal;
    const release = io.onInterrupt?.(() => {
      this.#interrupted.abort();
      this.#end();
    });
    if (!this.#kept.isEmpty) this.#terminal.note("Going on with what an earlier run has read.");
    const reading = this.#read()
      .catch((error: unknown) => {
        this.#readFault = error;
      })
      .finally(() => this.#end());
    try {
      await this.#sendAll();
      if (this.#interrupted.signal.aborted) this.#tellWaiting();
      else await reading;
      if (this.#readFault !== undefined) throw this.#readFault;
    } finally {
      io.stdin.destroy();
      release?.();
      this.#terminal.endProgress();
    }
  }

  async #read(): Promise<void> {
    const { format, skipRows = 0, header } = this.#settings;
    const reader = new LineReader({
      format: format === "csv" || format === "ndjson" ? format : undefined,
      headerLines: skipRows + (header === undefined ? 1 : 0),
      note: (words) => this.#terminal.note(words),
    });
    for await (const chunk of streamChunks("-", this.#terminal.io)) {
      await this.#keep(reader.take(chunk));
      if (this.#hasEnded) return;
    }
    await this.#keep(reader.end());
  }

  /** Standard input waits as long as the disk has no room. */
  async #keep(runs: readonly LineRun[]): Promise<void> {
    for (const run of runs) {
      for (let isSaid = false; ; isSaid = true) {
        try {
          this.#kept.add(run);
          break;
        } catch (cause) {
          const error = toFileError(cause, this.#kept.folder) ?? cause;
          if (!(error instanceof ClientError) || this.#hasEnded) throw error;
          if (!isSaid) this.#terminal.note(`${error.shortMessage} Standard input waits for it.`);
          await this.#sleep(RETRY_MS);
        }
      }
    }
    this.#wakeAll();
  }

  async #sendAll(): Promise<void> {
    for (;;) {
      const isThere = await this.#awaitLines();
      if (!isThere || this.#interrupted.signal.aborted) return;
      const group = this.#kept.first(this.#settings.batch);
      if (group !== undefined && !(await this.#send(group))) return;
    }
  }

  /** Waits for lines, and as long for more of them as was asked for. False at the end. */
  async #awaitLines(): Promise<boolean> {
    while (this.#kept.isEmpty) {
      if (this.#hasEnded) return false;
      await this.#sleep(RETRY_MS);
    }
    const lastMs = performance.now() + this.#settings.every;
    const { batch } = this.#settings;
    while (!this.#hasEnded && performance.now() < lastMs) {
      if (this.#kept.countUpTo(batch) >= batch) break;
      await this.#sleep(lastMs - performance.now());
    }
    return true;
  }

  /** Until it is in. False where it was interrupted before. */
  async #send(group: LineGroup): Promise<boolean> {
    for (;;) {
      try {
        await this.#upload(group);
        this.#kept.remove(group);
        return true;
      } catch (error) {
        const cause = error instanceof UploadStopped ? error.cause : error;
        if (this.#interrupted.signal.aborted && cause instanceof ClientError) return false;
        if (cause instanceof NotConfirmed) {
          throw new FollowError(cause.shortMessage, {
            whatToDo:
              "Declare the stream with `tallyroll stream declare DEVICE STREAM METRIC`, or add " +
              `--yes; or give these lines up by removing ${this.#kept.folder}.`,
          });
        }
        if (!isPassing(cause)) throw error;
        if (cause instanceof UploadLocked) await this.#sleep(LOCK_RETRY_MS * (1 + Math.random()));
        else await this.#waitForAnswer(cause);
      }
    }
  }

  async #waitForAnswer(cause: ClientError): Promise<void> {
    if (!this.#isAway) this.#terminal.note(`${cause.shortMessage} Trying again.`);
    this.#isAway = true;
    const { signal } = this.#interrupted;
    await sleep(RETRY_MS, undefined, { signal }).catch(() => {});
  }

  async #upload(group: LineGroup): Promise<void> {
    const lines = await this.#findReadable(group, group.lines);
    if (lines.length === 0) return;
    const loaded = await this.#load(group, lines);
    try {
      const text = await uploadLoaded(this.#session, loaded, group.name);
      if (this.#isAway) this.#terminal.note("It answers again.");
      this.#isAway = false;
      await this.#terminal.print(text);
    } finally {
      loaded.close();
    }
  }

  #load({ form }: LineGroup, lines: readonly FollowedLine[]): Promise<LoadedFile> {
    const content = [...form.header, ...lines.map(({ text }) => text), ""].join("\n");
    const settings = { ...this.#settings, format: form.format, csv: "-" };
    return loadFile(settings, this.#terminal, Readable.from([Buffer.from(content)]));
  }

  /**
   * Names and leaves out the lines that are no readings: halves what has a fault until the line that
   * has it is alone.
   *
   * @throws DataFileError where lines may well be readings, and an option has to say how.
   */
  async #findReadable(
    group: LineGroup,
    lines: readonly FollowedLine[],
  ): Promise<readonly FollowedLine[]> {
    try {
      const loaded = await this.#load(group, lines);
      try {
        await fitLoaded(this.#session, loaded);
      } finally {
        loaded.close();
      }
      return lines;
    } catch (error) {
      if (!(error instanceof DataFileError) || error.isAmbiguous) throw error;
      const [only] = lines;
      if (only !== undefined && lines.length === 1) {
        const shown = JSON.stringify(only.text.slice(0, 200));
        this.#terminal.note(`Line ${only.number} is left out: ${shown}: ${error.problemInRow}`);
        return [];
      }
      const middle = lines.length >> 1;
      return [
        ...(await this.#findReadable(group, lines.slice(0, middle))),
        ...(await this.#findReadable(group, lines.slice(middle))),
      ];
    }
  }

  #tellWaiting(): void {
    const count = this.#kept.countUpTo(Number.POSITIVE_INFINITY);
    const rest = `${countOf(count, "line")} on the disk for the next run`;
    this.#terminal.note(`Interrupted: ${count === 0 ? "all is in" : rest}.`);
  }

  #noteOnce(line: string): void {
    if (this.#said.has(line)) return;
    this.#said.add(line);
    this.#terminal.note(line);
  }

  #end(): void {
    this.#hasEnded = true;
    this.#wakeAll();
  }

  #wakeAll(): void {
    for (const wake of [...this.#sleepers]) wake();
  }

  /** Until something happens, or so long. */
  #sleep(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.#sleepers.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, timeoutMs);
      this.#sleepers.add(wake);
    });
  }
}

/** What a while mends: nothing of it is the lines' fault. */
const PASSING = [NodeUnreachable, ChainUnreachable, ChainBusy, WaitTimeout, UploadLocked];

const isPassing = (error: unknown): error is ClientError =>
  PASSING.some((kind) => error instanceof kind);
