import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { NodeUnreachable } from "../actions/node-errors.ts";
import { ChainBusy, ChainUnreachable } from "../chain/contract-errors.ts";
import { WaitTimeout } from "../chain/poll.ts";
import { countOf } from "../count-of.ts";
import type { ClientError } from "../errors.ts";
import { DataFileError } from "../files/data-file-error.ts";
import { formatJson } from "./format-json.ts";
import type { ExitCode, Io } from "./io.ts";
import { takeKeptLock } from "./kept-lock.ts";
import { loadFile } from "./load-file.ts";
import { connectActor, type OnlineActor } from "./online.ts";
import { readLines } from "./read-lines.ts";
import { FollowError, requireFollowable } from "./require-followable.ts";
import {
  describe,
  describeMapping,
  findMachineKey,
  toJson,
  type UploadSession,
  UploadStopped,
  uploadLoaded,
} from "./run-submit.ts";
import type { SubmitSettings } from "./submit-command.ts";
import type { Terminal } from "./terminal.ts";
import { FollowedGroups } from "./upload/followed-groups.ts";
import { UploadLocked } from "./upload/upload-lock.ts";

const LINE_BYTES_MAX = 1 << 20;
/** Lines that are read and not yet on the disk; then standard input waits. */
const LINES_MAX = 4_096;
const RETRY_MS = 5_000;
/** What messages call what is read: groups are files that nobody has to know of. */
const SOURCE = "standard input";

/** Sends what standard input brings, as it comes; see the command's help. */
export async function runFollow(
  settings: SubmitSettings,
  io: Io,
  terminal: Terminal,
): Promise<ExitCode> {
  requireFollowable(settings);
  const online = await connectActor(settings, io, terminal);
  const folder = join(online.connection.dataFolder, "followed", nameOf(online, settings));
  const unlock = takeKeptLock(`${folder}.lock`);
  if (unlock === undefined) {
    throw new FollowError("Another submit --follow with these options is running.", {
      whatToDo: "Wait for its end, or follow another device.",
    });
  }
  try {
    const session = { online, machineKey: await findMachineKey(online, settings), folder };
    await new Follower(session, settings, io, terminal).run();
  } finally {
    unlock();
  }
  return 0;
}

/** What one run leaves is gone on with by a run that would make the same readings of it. */
function nameOf({ client, address }: OnlineActor, settings: SubmitSettings): string {
  const parts = JSON.stringify([client.chainId, client.app, address, describeMapping(settings)]);
  return createHash("sha256").update(parts).digest("hex").slice(0, 24);
}

/** Two halves: one reads lines, the other sends them by groups. */
class Follower {
  readonly #session: UploadSession;
  readonly #settings: SubmitSettings;
  readonly #io: Io;
  readonly #terminal: Terminal;
  readonly #groups: FollowedGroups;
  /** Of a CSV; NDJSON has none. */
  #header: string | undefined;
  #lines: { readonly line: number; readonly text: string }[] = [];
  #hasEnded = false;
  #isAway = false;
  readonly #interrupted = new AbortController();
  /** Wakes whoever waits for lines, or for room. */
  #wake: () => void = () => {};

  constructor(session: UploadSession, settings: SubmitSettings, io: Io, terminal: Terminal) {
    this.#session = session;
    this.#settings = settings;
    this.#io = io;
    this.#terminal = terminal;
    this.#groups = new FollowedGroups(session.folder);
  }

  async run(): Promise<void> {
    const release = this.#io.onInterrupt?.(() => {
      this.#interrupted.abort();
      this.#end();
    });
    let readFault: unknown;
    const reading = this.#read().catch((error: unknown) => {
      readFault = error;
    });
    try {
      const left = this.#groups.list();
      if (left.length > 0) this.#terminal.note("Going on with what an earlier run has read.");
      for (let waiting = left; ; waiting = this.#groups.list()) {
        for (const path of waiting) await this.#send(path);
        if (waiting.length > 0) continue;
        if (!(await this.#keepGroup())) break;
      }
      // Whoever interrupts does not wait for the end of what he interrupts.
      if (!this.#interrupted.signal.aborted) await reading;
      if (readFault !== undefined) throw readFault;
    } finally {
      this.#io.stdin.destroy();
      release?.();
      this.#terminal.endProgress();
    }
  }

  async #read(): Promise<void> {
    const headerLines = (this.#settings.skipRows ?? 0) + 1;
    const header: string[] = [];
    let isNdjson = this.#settings.format === "ndjson";
    try {
      for await (const line of readLines("-", this.#io, LINE_BYTES_MAX)) {
        if ("problem" in line) {
          this.#terminal.note(`Line ${line.line} is left out: ${line.problem}.`);
          continue;
        }
        if (line.text === "" && header.length === 0) continue;
        if (header.length === 0 && line.text.startsWith("{")) isNdjson = true;
        if (!isNdjson && header.length < headerLines) {
          header.push(line.text);
          this.#header = header.join("\n");
          continue;
        }
        if (line.text === "") continue;
        this.#lines.push(line);
        this.#wake();
        while (this.#lines.length >= LINES_MAX && !this.#hasEnded) await this.#sleep(RETRY_MS);
        if (this.#hasEnded) return;
      }
    } finally {
      this.#end();
    }
  }

  #end(): void {
    this.#hasEnded = true;
    this.#wake();
  }

  /** Until something happens, or so long. */
  async #sleep(timeoutMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      const before = this.#wake;
      this.#wake = () => {
        clearTimeout(timer);
        before();
        resolve();
      };
    });
    this.#wake = () => {};
  }

  /** Puts what has come on the disk. False at the end. */
  async #keepGroup(): Promise<boolean> {
    while (this.#lines.length === 0) {
      if (this.#hasEnded) return false;
      await this.#sleep(RETRY_MS);
    }
    const lastMs = performance.now() + this.#settings.every;
    const { batch } = this.#settings;
    while (!this.#hasEnded && this.#lines.length < batch && performance.now() < lastMs) {
      await this.#sleep(lastMs - performance.now());
    }
    const some = this.#lines.splice(0, batch);
    this.#groups.add(
      this.#toContent(some.map(({ text }) => text)),
      some.map(({ line }) => line),
    );
    this.#wake();
    return true;
  }

  #toContent(lines: readonly string[]): string {
    return [...(this.#header === undefined ? [] : [this.#header]), ...lines, ""].join("\n");
  }

  /** Until it is in, is known to be no readings, or the command ends. */
  async #send(path: string): Promise<void> {
    for (;;) {
      try {
        await this.#upload(path);
        this.#groups.remove(path);
        return;
      } catch (error) {
        const cause = error instanceof UploadStopped ? error.cause : error;
        if (cause instanceof DataFileError) return this.#leaveOut(path, cause);
        if (!isPassing(cause) || this.#interrupted.signal.aborted) throw error;
        if (!this.#isAway) this.#terminal.note(`${cause.shortMessage} Trying again.`);
        this.#isAway = true;
        await sleep(RETRY_MS, undefined, { signal: this.#interrupted.signal }).catch(() => {});
        if (this.#interrupted.signal.aborted) throw error;
      }
    }
  }

  async #upload(path: string): Promise<void> {
    const settings = { ...this.#settings, csv: path };
    const loaded = await loadFile(settings, this.#io, this.#terminal, SOURCE);
    try {
      const upload = { loaded, file: path };
      const [io, terminal] = [this.#io, this.#terminal];
      const { id, result } = await uploadLoaded(this.#session, upload, settings, io, terminal);
      if (this.#isAway) this.#terminal.note("It answers again.");
      this.#isAway = false;
      const text = this.#settings.json ? formatJson(toJson(id, result)) : `${describe(result)}\n`;
      await this.#terminal.print(text);
    } finally {
      loaded.close();
    }
  }

  /** A fault by the line of what was read, not by that of its group. */
  #place(path: string, { shortMessage }: DataFileError): string {
    const [line] = this.#groups.linesOf(path);
    const where = line === undefined ? `${SOURCE} of an earlier run` : `${SOURCE}, line ${line}`;
    return shortMessage.replace(new RegExp(`^${SOURCE}(, line \\d+)?`), where);
  }

  /** Halves what has a fault somewhere, until the line that has it is alone. */
  #leaveOut(path: string, fault: DataFileError): void {
    const whole = readFileSync(path, "utf8").split("\n").slice(0, -1);
    const headLines = whole[0]?.startsWith("{") ? 0 : (this.#settings.skipRows ?? 0) + 1;
    const [head, rows] = [whole.slice(0, headLines), whole.slice(headLines)];
    if (rows.length > 1) {
      const middle = rows.length >> 1;
      const halves = [rows.slice(0, middle), rows.slice(middle)];
      this.#groups.split(
        path,
        halves.map((half) => ({
          content: `${[...head, ...half].join("\n")}\n`,
          rowCount: half.length,
        })),
      );
      return;
    }
    const shown = JSON.stringify(rows[0]?.slice(0, 200) ?? "");
    this.#terminal.note(`${countOf(rows.length, "line")} left out: ${shown}.`);
    this.#terminal.note(`${this.#place(path, fault)} ${fault.whatToDo}`);
    this.#groups.remove(path);
  }
}

/** What a while mends: nothing of it is the rows' fault. */
const isPassing = (error: unknown): error is ClientError =>
  error instanceof NodeUnreachable ||
  error instanceof ChainUnreachable ||
  error instanceof ChainBusy ||
  error instanceof WaitTimeout ||
  error instanceof UploadLocked;
