import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Application } from "../../../dapp/application.ts";
import { createNodeCrypto } from "../../../dapp/crypto/node-crypto.ts";
import { createApplication } from "../../../dapp/engine/create-application.ts";
import { openStore, type SqlStore } from "../../../dapp/store/sql-store.ts";
import type { Crypto } from "../../../spec/crypto.ts";
import { isSealedEnvelope } from "../../../spec/envelope.ts";
import { findPortal } from "../../../spec/portals.ts";
import type { Refusal } from "../../../spec/refusals.ts";
import { ClientError } from "../../errors.ts";
import { type HistoryInput, parseHistoryChunks } from "../../history/history-lines.ts";
import { OpenAhead } from "../../replay/open-ahead.ts";
import type { Io } from "../terminal/io.ts";
import { nameOfFile, readChunks } from "../terminal/read-file.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { findMachineSecret, type MachineSecret, pathOfMachineKey } from "./machine-key.ts";

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
  /** There is no machine key: a random one, kept nowhere, stands in its place. */
  readonly isKeyless: boolean;
  /** Every refusal so far, if they are kept. */
  readonly refusals: readonly ReportedRefusal[];
  /** Opens submissions on a second thread, where there is one. */
  readonly ahead: OpenAhead | undefined;
  /** Ends the second thread and frees the state. */
  close(): Promise<void>;
  /**
   * The first input with something sealed that some key may open and this one did not, while it has
   * opened nothing else.
   */
  findClosedInput(): number | undefined;
}

/** Refusals of what opened: they come after the seal. */
const OPENED: readonly Refusal[] = ["envelope_malformed", "envelope_empty"];
/** A version, an ephemeral key and the tag of nothing: what is shorter opens under no key. */
const SEALED_BYTES_MIN = 1 + 32 + 16;

const PROBE_SECRET = new Uint8Array(32).fill(1);

export interface LocalApplicationOptions {
  readonly dataFolder: string | undefined;
  /** Whether `refusals` is filled; a hostile history has many. */
  readonly keepsRefusals?: boolean;
  /** 2 opens submissions ahead on a worker. Costs and results: only costs. */
  readonly threads?: 1 | 2;
}

/**
 * Opens the application over an empty state, under the machine's key. The caller closes it. Where
 * there is no key none is made: what is sealed stays closed then, and the caller is to say so.
 *
 * @throws ClientError for a key that is none, or without the built worker for a second thread.
 */
export async function openLocalApplication(
  { dataFolder, keepsRefusals = false, threads = 1 }: LocalApplicationOptions,
  io: Io,
  terminal: Terminal,
): Promise<LocalApplication> {
  const workerUrl = threads === 1 ? undefined : findWorker(io);
  const found = findMachineSecret(dataFolder, io, terminal);
  const path = pathOfMachineKey(dataFolder, io);
  // Nobody knows a random one, so that nobody can seal to it and have it taken for the right one.
  const machine = found ?? { secret: Uint8Array.from(randomBytes(32)), source: path, isNew: true };
  if (found === undefined) {
    terminal.note(`There is no machine key at ${path}: what is sealed to it does not open here.`);
  }
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
    isKeyless: found === undefined,
    refusals,
    ahead,
    async close() {
      store.close();
      await ahead?.close();
    },
    findClosedInput: () => (hasOpened || store.batches.nextId() > 1 ? undefined : firstClosed),
    application: {
      inspect: inner.inspect,
      advance(at, payload) {
        const result = inner.advance(at, payload);
        const isSealed = isSealedEnvelope(payload) && findPortal(at.sender) === undefined;
        if (result.status === "accepted" && isSealed) hasOpened = true;
        for (const report of result.reports) {
          const text = Buffer.from(report.slice(2), "hex").toString("utf8");
          const refusal = { input: at.inputIndex, ...JSON.parse(text) } as ReportedRefusal;
          const isOfOperation = refusal.operation !== null;
          if (isSealed && (isOfOperation || OPENED.includes(refusal.refusal))) hasOpened = true;
          if (mayBeKeyFault(crypto, refusal, payload)) firstClosed ??= at.inputIndex;
          if (keepsRefusals) refusals.push(refusal);
        }
        return result;
      },
    },
  };
}

/**
 * Whether another machine key may have opened what this one did not. Anybody can send what no key
 * opens, such as a seal's version and nothing after it: that says nothing of ours.
 */
function mayBeKeyFault(crypto: Crypto, { refusal }: ReportedRefusal, payload: Uint8Array): boolean {
  if (refusal === "submission_seal_broken") return true;
  if (refusal !== "envelope_seal_broken" || payload.length < SEALED_BYTES_MIN) return false;
  // A key of small order gives nothing with any secret.
  return crypto.x25519(PROBE_SECRET, payload.slice(1, 33)) !== undefined;
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

/** What to say when nothing sealed has opened: most likely the key is another machine's. */
export function describeClosed({ machine, isKeyless }: LocalApplication, input: number): string {
  const why = isKeyless
    ? `there is no machine key at ${machine.source}`
    : `the machine key of ${machine.source} is probably not the one it was sealed to`;
  return (
    `Nothing that is sealed in this history opened, from input ${input} on: ${why}. Set ` +
    "TALLYROLL_MACHINE_KEY or --data-folder to that machine's key."
  );
}
