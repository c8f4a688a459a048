import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { ClientError } from "../../errors.ts";
import { type HistoryInput, parseHistoryChunks } from "../../history/history-lines.ts";
import { type OpenApplicationOptions, openApplication } from "../../replay/open-application.ts";
import { atApplication, type NamedChainPlace } from "../../replay/verify-chain.ts";
import { addChainOptions, resolveConnection } from "../connection/connection-options.ts";
import { findMachineSecret, pathOfMachineKey } from "../connection/machine-key.ts";
import { type OptionsIn, shareOptions } from "../options/declared-command.ts";
import { addDataFolderOption, addJsonOption, parseIndex } from "../options/parse-arguments.ts";
import type { Io } from "../terminal/io.ts";
import { nameOfFile, readChunks } from "../terminal/read-file.ts";
import type { Terminal } from "../terminal/terminal.ts";

/** The application under the machine's key, or under a random one that stands in its place. */
export type LocalApplication = Awaited<ReturnType<typeof openLocalApplication>>;

/** Adds `--app`, `--rpc` and `--to-block`. */
export const addChainPlaceOptions = shareOptions((command) =>
  command
    .with(addChainOptions)
    .option("--to-block <n>", "read up to this block (default: the chain's head)", parseIndex),
);
type ChainPlaceOptions = OptionsIn<typeof addChainPlaceOptions> &
  OptionsIn<typeof addDataFolderOption>;

/** What `replay` is given, from wherever it takes the inputs. */
export const addReplayOptions = shareOptions((command) =>
  command
    .with(addChainPlaceOptions)
    .option("--inputs <file>", "a history in place of a chain, one JSON input a line; - is stdin")
    .option("--claims <file>", "what somebody claims of a file's roots; - is standard input")
    .flag("--reports", "print every refused operation")
    .option("--snapshot <file>", "write the final state as a new SQLite file")
    .choice("--threads <n>", "2 opens submissions ahead on a second thread", ["1", "2"], "1")
    .with(addDataFolderOption)
    .with(addJsonOption),
);
export type ReplayOptions = OptionsIn<typeof addReplayOptions>;

/**
 * Opens the application before its first input, under the machine's key. The caller closes it. Where
 * there is no key none is made: a random one stands in its place, and that is said.
 *
 * @throws ClientError for a key that is none, or without the built worker for a second thread.
 */
export async function openLocalApplication(
  dataFolder: string | undefined,
  terminal: Terminal,
  options?: OpenApplicationOptions,
) {
  const found = findMachineSecret(dataFolder, terminal);
  const path = pathOfMachineKey(dataFolder, terminal.io);
  // Nobody knows a random one, so that nobody can seal to it and have it taken for the right one.
  const machine = found ?? { secret: Uint8Array.from(randomBytes(32)), source: path };
  if (found === undefined) {
    terminal.note(
      `There is no machine key at ${path}: what is sealed does not open here, and every root is ` +
        "another. Set TALLYROLL_MACHINE_KEY or --data-folder to the application's.",
    );
  }
  const opened = await openApplication(machine.secret, options);
  return { ...opened, machine, isKeyless: found === undefined };
}

/** The same for a replay, as its options want it. */
export const openReplay = (
  { dataFolder, inputs, reports, threads }: ReplayOptions,
  terminal: Terminal,
): Promise<LocalApplication> =>
  openLocalApplication(dataFolder, terminal, {
    keepsRefusals: reports,
    // A file names no application that could have been deployed with it.
    program: inputs === undefined ? findProgram(terminal.io) : undefined,
    workerUrl: threads === "2" ? findWorker(terminal.io) : undefined,
  });

/** The built dApp; a source tree that was not built has none, and the claims are to prove the key. */
function findProgram(io: Io): Uint8Array | undefined {
  const path = resolve(io.projectRoot, "dist", "dapp", "index.cjs");
  return existsSync(path) ? readFileSync(path) : undefined;
}

/** The worker is a file of its own beside the command: a thread cannot start inside a bundle. */
function findWorker(io: Io): URL {
  const path = resolve(io.projectRoot, "dist", "open-ahead-worker.js");
  if (existsSync(path)) return pathToFileURL(path);
  throw new ClientError(`The worker of the second thread is missing: ${path}.`, {
    whatToDo: "Build it with `npm run build`, or leave --threads at 1.",
  });
}

/**
 * The inputs of a history file, read as they are asked for; shows how far the re-execution is.
 *
 * @throws ClientError, from the iteration too, when the file cannot be read or holds no input.
 */
export async function readHistory(
  path: string,
  terminal: Terminal,
): Promise<Iterable<HistoryInput>> {
  const chunks = await readChunks(path, terminal.io);
  return {
    *[Symbol.iterator]() {
      let count = 0;
      for (const input of parseHistoryChunks(chunks, nameOfFile(path))) {
        terminal.progress(() => `re-executing input ${count}`);
        yield input;
        count += 1;
      }
      terminal.endProgress();
      if (count > 0) return;
      throw new ClientError(`There is no input in ${nameOfFile(path)}: nothing to verify.`, {
        whatToDo: "Give a history as JSON lines; `tallyroll encode --help` shows how to write one.",
      });
    },
  };
}

/**
 * Does work that reads an application's history, as of one block that the chain still has when the
 * work is done. After a reorganisation the work is done again, so it must leave nothing behind.
 *
 * @throws ClientError when there is no such application, chain or block, and what the work throws.
 */
export async function atChainPlace<Result>(
  options: ChainPlaceOptions,
  terminal: Terminal,
  work: (place: NamedChainPlace) => Promise<Result>,
): Promise<Result> {
  const { rpcUrl, app } = resolveConnection(options, terminal.io);
  const onReorganized = (): void =>
    terminal.note("The chain was reorganised while it was read: beginning again.");
  return await atApplication({ rpcUrl, app, toBlock: options.toBlock, onReorganized }, work);
}
