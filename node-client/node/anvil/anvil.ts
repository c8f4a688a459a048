import { type ChildProcess, spawn } from "node:child_process";
import { setInterval, setTimeout as sleep } from "node:timers/promises";
import { DEVELOPMENT_MNEMONIC } from "../../chain/chain-client.ts";
import { ClientError } from "../../errors.ts";
import { toFileError } from "../../kept/file-error.ts";
import { findAnvil } from "./anvil-binary.ts";
import { AnvilState } from "./anvil-state.ts";
import { requireFreePort } from "./free-port.ts";

const ANSWER_TIMEOUT_MS = 20_000;
const ANSWER_POLL_MS = 25;
const STOP_GRACE_MS = 10_000;
/** Between the end of the process and that of its shell, on a computer that is busy. */
const EXIT_TOLD_MS = 5_000;
const WORDS_MAX = 4_000;
/** Between writings of the whole state: what a kill of anvil loses at most. */
export const STATE_INTERVAL_SEC = 30;
const PROMOTE_POLL_MS = 200;
export const LOOPBACK_HOST = "127.0.0.1";
/** What its port is meant for. */
export const CHAIN_PURPOSE = "the local chain";
/** Where the port is taken. */
export const CHOOSE_CHAIN_PORT =
  "Stop that program, choose another port with `--port`, or use its chain with `--rpc URL`.";

export interface AnvilOptions {
  /** 0 is not possible, because anvil does not tell what it took. */
  readonly port: number;
  /** An address of the loopback interface; 127.0.0.1 unless given. */
  readonly host?: string;
  /** 31337 unless given. */
  readonly chainId?: number;
  /** Seconds between blocks; without it, a block a transaction. */
  readonly blockTimeSec?: number;
  /** Gas of a block; anvil's 30,000,000 unless given. */
  readonly gasLimit?: number;
  /** Where the chain is kept between runs; without it, in memory only. */
  readonly stateFile?: string;
  /**
   * Seconds between writings of the whole state, about 13 kB an input of 1 kB; 30 unless given. A
   * stop, and our own death, write it as well: only a kill of anvil loses an interval.
   */
  readonly stateIntervalSec?: number;
  /** Path of the binary, such as `TALLYROLL_ANVIL` of the environment; else it is looked for. */
  readonly binary?: string | undefined;
  /** Environment of the child, for `PATH` and `HOME`; the process's own unless given. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** How an anvil ended. */
export interface AnvilExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Its last words on standard error and output. */
  readonly words: string;
  /** Why its last state is not in the state file; absent where it is, or where there is none. */
  readonly stateFault?: ClientError;
}

/** A running chain of our own. */
export interface Anvil {
  readonly rpcUrl: string;
  readonly port: number;
  readonly pid: number;
  /** Resolves when anvil has ended, for whatever reason; never rejects. */
  readonly exited: Promise<AnvilExit>;
  /**
   * How it has ended, `undefined` as long as it answers: a request may find out that it is gone
   * before `exited` tells.
   */
  findExit(): Promise<AnvilExit | undefined>;
  /** Ends it so that its state is written; by force after ten seconds. Twice is once. */
  stop(): Promise<AnvilExit>;
}

/** Anvil ended before it answered, or did not answer in time. */
export class AnvilFailed extends ClientError {
  override readonly name = "AnvilFailed";
  readonly binary: string;
  /** Its last ones. */
  readonly words: string;

  constructor(
    binary: string,
    words: string,
    { whatToDo } = { whatToDo: "Look at what it said, or use another chain with `--rpc URL`." },
  ) {
    const said = words.trim() === "" ? "it said nothing." : `it said: ${words.trim()}`;
    super(`anvil (${binary}) did not start; ${said}`, { whatToDo });
    this.binary = binary;
    this.words = words;
  }
}

/**
 * Runs anvil under a shell that holds a lifeline: when our end of its standard input closes, which
 * the system does however we die, it ends anvil gracefully. So no crash of ours leaves an anvil
 * behind that holds the port, and its state is written all the same.
 */
const LIFELINE = `
exec 3<&0
"$@" 3<&- </dev/null &
anvil=$!
(read -r _ <&3; kill -TERM "$anvil") >/dev/null 2>&1 &
lifeline=$!
exec 3<&-
wait "$anvil"
code=$?
kill "$lifeline" 2>/dev/null
exit "$code"`;

/**
 * Starts anvil on the loopback interface and waits until it answers. With a state file the chain
 * goes on where it stopped: accounts, blocks, transactions, receipts and logs are there again.
 * What a restart loses: states of older blocks (a call at an old block fails, and a reorganisation
 * cannot go behind the restart), transactions not mined yet, and, after a kill, what came after the
 * last writing; a node sees that as a reorganisation.
 *
 * @throws AnvilMissing, PortTaken, AnvilStateInUse, AnvilFailed
 *
 * @example
 * const anvil = await startAnvil({ port: 8545, blockTimeSec: 1, stateFile: "anvil-state.json" });
 * await anvil.stop();
 */
export async function startAnvil(options: AnvilOptions): Promise<Anvil> {
  const { port, host = LOOPBACK_HOST, env = process.env } = options;
  const binary = findAnvil(options.binary, env);
  const state =
    options.stateFile === undefined ? undefined : await AnvilState.open(options.stateFile);
  await requireFreePort({
    ...{ host, port, purpose: CHAIN_PURPOSE, whatToDo: CHOOSE_CHAIN_PORT },
  });
  const intervalSec = options.stateIntervalSec ?? STATE_INTERVAL_SEC;
  const stateArguments = state?.getArguments(intervalSec) ?? [];
  const child = spawn(
    "sh",
    ["-c", LIFELINE, "sh", binary, ...listArguments(options), ...stateArguments],
    {
      // A group of its own: Ctrl-C on the terminal is for us, who end it in order.
      detached: true,
      stdio: ["pipe", "pipe", "pipe"],
      env: { ...env },
    },
  );
  const exited = watchExit(child);
  if (child.pid === undefined) throw new AnvilFailed(binary, (await exited).words);
  const pid = child.pid;
  try {
    state?.own(pid);
  } catch (cause) {
    // A chain that nobody knows of would hold the port, and us, for ever.
    await endGracefully(child, pid, exited);
    throw toFileError(cause, options.stateFile) ?? cause;
  }
  const ended = state === undefined ? exited : keepState(state, exited);

  let stopping: Promise<AnvilExit> | undefined;
  const stop = (): Promise<AnvilExit> => {
    stopping ??= endGracefully(child, pid, ended);
    return stopping;
  };
  const rpcUrl = `http://${host}:${port}`;
  const findExit = async (): Promise<AnvilExit | undefined> => {
    if (await isAnswering(rpcUrl)) return undefined;
    // One that lives and is silent only is not waited for.
    return await Promise.race([ended, sleep(EXIT_TOLD_MS, undefined, { ref: false })]);
  };
  const answer = await waitForAnswer(rpcUrl, ended);
  if (answer === "answered") return { rpcUrl, port, pid, exited: ended, findExit, stop };
  const exit = answer === "silent" ? await stop() : answer;
  throw new AnvilFailed(binary, exit.words);
}

function listArguments(options: AnvilOptions): string[] {
  const { port, host = LOOPBACK_HOST, chainId = 31_337, blockTimeSec, gasLimit } = options;
  return [
    ...["--host", host, "--port", String(port), "--chain-id", String(chainId)],
    ...["--mnemonic", DEVELOPMENT_MNEMONIC],
    // One slot an epoch: `finalized` is two blocks behind the head instead of 64.
    ...["--slots-in-an-epoch", "1"],
    // Batches of large inputs exceed the 2 MB that it takes otherwise.
    "--no-request-size-limit",
    // A page in a browser must not use unlocked accounts unasked.
    "--no-cors",
    "--quiet",
    ...(blockTimeSec === undefined ? [] : ["--block-time", String(blockTimeSec)]),
    ...(gasLimit === undefined ? [] : ["--gas-limit", String(gasLimit)]),
  ];
}

/** Puts each written state in place while anvil runs, and the last one when it has ended. */
async function keepState(state: AnvilState, exited: Promise<AnvilExit>): Promise<AnvilExit> {
  const end = new AbortController();
  const promote = async (): Promise<void> => {
    const options = { ref: false, signal: end.signal };
    for await (const _ of setInterval(PROMOTE_POLL_MS, undefined, options)) {
      await state.promoteSettled();
    }
  };
  // The interval ends by rejecting; a state that could not be put in place is tried at the end.
  const promoting = promote().catch(() => {});
  const exit = await exited;
  end.abort();
  await promoting;
  const stateFault = await state.release();
  return stateFault === undefined ? exit : { ...exit, stateFault };
}

/** Keeps the last words, and resolves when the process and its output have ended. */
function watchExit(child: ChildProcess): Promise<AnvilExit> {
  let words = "";
  const listen = (chunk: Buffer): void => {
    words = (words + chunk.toString("utf8")).slice(-WORDS_MAX);
  };
  child.stdout?.on("data", listen);
  child.stderr?.on("data", listen);
  // Its end may break the pipe while we close it.
  child.stdin?.on("error", () => {});
  return new Promise((resolve) => {
    child.once("error", (error) => {
      resolve({ code: null, signal: null, words: words + error.message });
    });
    child.once("close", (code, signal) => resolve({ code, signal, words }));
  });
}

async function endGracefully(
  child: ChildProcess,
  pid: number,
  ended: Promise<AnvilExit>,
): Promise<AnvilExit> {
  child.stdin?.end();
  const force = setTimeout(() => killGroup(pid), STOP_GRACE_MS);
  const exit = await ended;
  clearTimeout(force);
  return exit;
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It ended by itself in this moment.
  }
}

/** Asks until anvil answers, ends, or is given up. */
async function waitForAnswer(
  rpcUrl: string,
  ended: Promise<AnvilExit>,
): Promise<"answered" | "silent" | AnvilExit> {
  const deadline = Date.now() + ANSWER_TIMEOUT_MS;
  while (Date.now() < deadline) {
    const round = await Promise.race([ended, isAnswering(rpcUrl)]);
    if (typeof round !== "boolean") return round;
    if (round) return "answered";
    await sleep(ANSWER_POLL_MS);
  }
  return "silent";
}

async function isAnswering(rpcUrl: string): Promise<boolean> {
  try {
    const response = await fetch(rpcUrl, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":[]}',
      signal: AbortSignal.timeout(2_000),
    });
    return response.ok;
  } catch {
    // Not listening yet.
    return false;
  }
}
