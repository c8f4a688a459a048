import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Application } from "../../dapp/application.ts";
import { createNodeCrypto } from "../../dapp/crypto/node-crypto.ts";
import { createApplication } from "../../dapp/engine/create-application.ts";
import { openStore, type SqlStore } from "../../dapp/store/sql-store.ts";
import type { Crypto } from "../../spec/crypto.ts";
import { findPortal } from "../../spec/portals.ts";
import type { Refusal } from "../../spec/refusals.ts";
import { ClientError } from "../errors.ts";
import { type HistoryInput, parseHistoryChunks } from "../history/history-lines.ts";
import { OpenAhead } from "../replay/open-ahead.ts";
import type { Io } from "./io.ts";
import { loadMachineSecret, type MachineSecret } from "./machine-key.ts";
import { nameOfFile, readChunks } from "./read-file.ts";
import type { Terminal } from "./terminal.ts";

/** One refused operation of a re-execution, as the dApp's report tells it. */
export interface ReportedRefusal {
  readonly input: number;
  /** `null` where the whole input was refused. */
  readonly operation: number | null;
  readonly refusal: Refusal;
  readonly code: number;
  readonly detail: string;
}

/** The application in this process, over an empty state, that watches what it is given. */
export interface LocalApplication {
  readonly crypto: Crypto;
  readonly store: SqlStore;
  readonly application: Application;
  readonly machine: MachineSecret;
  /** Every refusal so far, if they are kept. */
  readonly refusals: readonly ReportedRefusal[];
  /** Opens submissions on a second thread, where there is one. */
  readonly ahead: OpenAhead | undefined;
  /** Ends the second thread and frees the state. */
  close(): Promise<void>;
  /** The first input with something sealed that did not open, while nothing else has opened. */
  findClosedInput(): number | undefined;
}

/** Refusals that a wrong machine key leads to. */
const CLOSED: readonly Refusal[] = ["envelope_seal_broken", "submission_seal_broken"];
const VERSION_SEALED = 0x02;

export interface LocalApplicationOptions {
  readonly dataFolder: string | undefined;
  /** Whether `refusals` is filled; a hostile history has many. */
  readonly keepsRefusals?: boolean;
  /** 2 opens submissions ahead on a worker. Costs and results: only costs. */
  readonly threads?: 1 | 2;
}

/**
 * Opens the application over an empty state, under the machine's key. The caller closes it.
 *
 * @throws ClientError without a machine key, or without the built worker for a second thread.
 */
export async function openLocalApplication(
  { dataFolder, keepsRefusals = false, threads = 1 }: LocalApplicationOptions,
  io: Io,
  terminal: Terminal,
): Promise<LocalApplication> {
  const workerUrl = threads === 1 ? undefined : findWorker(io);
  const machine = loadMachineSecret(dataFolder, io, terminal);
  const crypto = await createNodeCrypto();
  const store = await openStore(crypto);
  const ahead = workerUrl && (await OpenAhead.start(crypto, machine.secret, workerUrl));
  const inner = createApplication(store, crypto, machine.secret, ahead?.open);
  const refusals: ReportedRefusal[] = [];
  let firstClosed: number | undefined;
  let hasOpened = false;
  return {
    crypto,
    store,
    machine,
    refusals,
    ahead,
    async close() {
      store.close();
      await ahead?.close();
    },
    findClosedInput: () => (hasOpened || store.getNextBatchId() > 1 ? undefined : firstClosed),
    application: {
      inspect: inner.inspect,
      advance(at, payload) {
        const result = inner.advance(at, payload);
        const isSealed = payload[0] === VERSION_SEALED && findPortal(at.sender) === undefined;
        if (result.status === "accepted" && isSealed) hasOpened = true;
        for (const report of result.reports) {
          const text = Buffer.from(report.slice(2), "hex").toString("utf8");
          const refusal = { input: at.inputIndex, ...JSON.parse(text) } as ReportedRefusal;
          if (CLOSED.includes(refusal.refusal)) firstClosed ??= at.inputIndex;
          if (keepsRefusals) refusals.push(refusal);
        }
        return result;
      },
    },
  };
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
  io: Io,
  terminal: Terminal,
): Promise<Iterable<HistoryInput>> {
  const chunks = await readChunks(path, io);
  return {
    *[Symbol.iterator]() {
      let count = 0;
      for (const input of parseHistoryChunks(chunks)) {
        terminal.progress(() => `re-executing input ${count}`);
        yield input;
        count += 1;
      }
      terminal.endProgress();
      if (count > 0) return;
      throw new ClientError(`There is no input in ${nameOfFile(path)}: nothing to verify.`, {
        whatToDo: "Give a history as JSON lines; `tallyroll encode` writes one.",
      });
    },
  };
}

/** What to say when nothing sealed has opened: most likely the key is another machine's. */
export function describeClosed({ machine }: LocalApplication, input: number): string {
  const origin = machine.isNew ? ", which was made just now" : "";
  return (
    `Nothing that is sealed in this history opened, from input ${input} on: the machine key of ` +
    `${machine.source}${origin} is probably not the one it was sealed to. Set ` +
    "TALLYROLL_MACHINE_KEY or --data-folder to that machine's key."
  );
}
