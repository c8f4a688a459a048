import { type ChildProcess, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { MachineLost, MachineOutOfMemory } from "./machine.ts";

/** How to start a dApp. */
export interface GuestCommand {
  readonly command: string;
  readonly args?: readonly string[];
  /**
   * All that the dApp finds in its environment besides `PATH` and `ROLLUP_HTTP_SERVER_URL`: what
   * is meant for the host stays with the host.
   */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** With what it exits when this computer has no memory left for it. */
  readonly outOfMemoryExitCode?: number;
  /** Takes what the dApp prints. Without it only the last of its standard error is kept. */
  readonly log?: (text: string) => void;
}

const STDERR_CHARS_KEPT = 2_000;
/** How long an exited process's last words are waited for, and a terminated one's exit. */
const GRACE_MS = 1_000;

/** A dApp running as a child process. */
export class GuestProcess {
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  #stderr = "";

  /**
   * Starts it; `onEnd` is called once, when it has ended for whatever reason.
   *
   * @param serverUrl What only it may know: it stands in its environment, never in an argument.
   * @param secret The part of that which is left out of whatever it prints.
   */
  constructor(
    guest: GuestCommand,
    serverUrl: string,
    secret: string,
    onEnd: (error: MachineLost) => void,
  ) {
    const { command, args = [], env = {}, cwd, log } = guest;
    const child = spawn(command, args, {
      env: { PATH: process.env.PATH, ...env, ROLLUP_HTTP_SERVER_URL: serverUrl },
      stdio: ["ignore", "pipe", "pipe"],
      ...(cwd === undefined ? {} : { cwd }),
    });
    this.#child = child;
    listen(child.stdout, secret, (text) => log?.(text));
    listen(child.stderr, secret, (text) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_CHARS_KEPT);
      log?.(text);
    });
    this.#ended = new Promise((resolve) => {
      child.once("error", (cause) => {
        // "error" may also follow a signal that could not be sent: then it still runs.
        if (child.pid !== undefined) return;
        onEnd(
          new MachineLost(`The dApp could not be started: ${command}`, {
            whatToDo: "Check that the command exists and may be run.",
            cause,
          }),
        );
        resolve();
      });
      child.once("exit", (code, signal) => {
        const end = (): void => {
          clearTimeout(timer);
          const error = this.#describeExit(code, signal);
          const isShort = code !== null && code === guest.outOfMemoryExitCode;
          onEnd(isShort ? new MachineOutOfMemory(error) : error);
          resolve();
        };
        // "close" comes when its output has been read, unless a grandchild holds the pipe.
        const timer = setTimeout(end, GRACE_MS);
        child.once("close", end);
      });
    });
  }

  /** The process id, for as long as it was started at all. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Ends the process, with force if it does not obey, and waits until it has gone. */
  async kill(): Promise<void> {
    this.#child.kill("SIGTERM");
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), GRACE_MS);
    await this.#ended;
    clearTimeout(timer);
  }

  #describeExit(code: number | null, signal: NodeJS.Signals | null): MachineLost {
    const how = signal === null ? `exited with code ${code}` : `was killed by ${signal}`;
    const words = this.#stderr.trim();
    return new MachineLost(`The dApp ${how}.${words === "" ? "" : ` It said: ${words}`}`, {
      whatToDo: "Start the machine again and replay its inputs: its state was in that process.",
    });
  }
}

/** Hands over what a guest prints without the secret, however its text was cut on the way. */
function listen(stream: Readable | null, secret: string, onText: (text: string) => void): void {
  let held = "";
  stream?.setEncoding("utf8").on("data", (text: string) => {
    const whole = (held + text).replaceAll(secret, "…");
    const end = whole.length - countBegun(whole, secret);
    held = whole.slice(end);
    if (end > 0) onText(whole.slice(0, end));
  });
  stream?.on("end", () => {
    if (held !== "") onText(held);
  });
}

/** How many characters at a text's end may be the beginning of the secret. */
function countBegun(text: string, secret: string): number {
  for (let count = Math.min(text.length, secret.length - 1); count > 0; count--) {
    if (text.endsWith(secret.slice(0, count))) return count;
  }
  return 0;
}
