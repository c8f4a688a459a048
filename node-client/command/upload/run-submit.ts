import { join, resolve } from "node:path";
import { bytesToHex } from "viem";
import type { Hex } from "../../../spec/outputs.ts";
import { getRoot } from "../../client/actions/account-queries.ts";
import { countOf } from "../../count-of.ts";
import { ClientError } from "../../errors.ts";
import { storeReadings } from "../../files/reading-store.ts";
import { countReadings, type StoredReadings } from "../../files/slice-readings.ts";
import { formatNotes, formatUnderstanding } from "../../files/understanding.ts";
import { connectActor } from "../connection/online.ts";
import { confirm } from "../terminal/ask-person.ts";
import { errorKind, type Io } from "../terminal/io.ts";
import { takeKeptLock } from "../terminal/kept-lock.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { findEarlierBatches } from "./find-earlier-batches.ts";
import { type FittedFile, fitStreams, UploadTargetError } from "./find-streams.ts";
import { findKeyGroups, type LoadedFile, loadFile, toReadOptions } from "./reading-options.ts";
import { describeResult, toResultJson, Upload, type UploadResult } from "./run-upload.ts";
import type { SubmitSettings, Uploader, UploadSession } from "./submit-options.ts";
import { findJournal, type UploadJournal } from "./upload-journal.ts";

/** An upload ended before its end: what is in, and how to go on. */
export const UploadStopped = errorKind("UploadStopped");

const MachineKeyDiffers = errorKind("MachineKeyDiffers");

export async function runSubmit(settings: SubmitSettings, terminal: Terminal): Promise<void> {
  const { csv } = settings;
  const loaded = await loadFile(settings, terminal);
  try {
    const session = await openSession(await connectActor(settings, terminal), "uploads");
    const file = csv === "-" ? "standard input" : resolve(terminal.io.cwd, csv);
    await terminal.print(await uploadLoaded(session, loaded, file));
  } finally {
    loaded.close();
  }
}

/**
 * What was read, as its streams have declared it.
 *
 * @throws DataFileError and UploadTargetError as the upload would; nothing is sent.
 */
export async function fitLoaded(uploader: Uploader, loaded: LoadedFile): Promise<FittedFile> {
  const fitted = await fitStreams(uploader, loaded.understood);
  storeReadings(loaded.understood, loaded.hear, fitted.columnsOf).close();
  return fitted;
}

/** @param folder Of the journals, within the data folder. */
export async function openSession(uploader: Uploader, folder: string): Promise<UploadSession> {
  const { connection, terminal } = uploader;
  return {
    ...uploader,
    machineKey: await findMachineKey(uploader),
    folder: join(connection.dataFolder, folder),
    note: (line) => terminal.note(line),
  };
}

/**
 * Uploads what was read, from wherever it stopped before.
 *
 * @param file The name of its content in the journal.
 * @returns What the upload came to, to be printed.
 * @throws ClientError; UploadStopped once something may have been sent.
 */
export async function uploadLoaded(
  session: UploadSession,
  loaded: LoadedFile,
  file: string,
): Promise<string> {
  const fitted = await fitStreams(session, loaded.understood);
  await agree(session, loaded, fitted);
  const store = storeReadings(loaded.understood, loaded.hear, fitted.columnsOf);
  try {
    return await uploadReadings(session, store.readings, loaded, file);
  } finally {
    store.close();
  }
}

/** The same for readings that fit their streams, while nobody else uploads for the account. */
async function uploadReadings(
  session: UploadSession,
  readings: readonly StoredReadings[],
  loaded: LoadedFile,
  file: string,
): Promise<string> {
  const { options, connection, client, address, machineKey, folder } = session;
  const unlock = lockUploads(connection.dataFolder, client.chainId, address);
  try {
    const journal = findJournal(
      folder,
      {
        ...{ chainId: client.chainId, app: client.app, owner: address, machineKey },
        ...{ file, fileHash: loaded.hash, mapping: describeMapping(options) },
      },
      options.newUpload,
    );
    try {
      requireSameKey(journal.head.machineKey, machineKey);
      if (journal.beginning === undefined && journal.inputs.length === 0) {
        // What is followed is new: no file grows there.
        const isCompared = !options.newUpload && !options.follow;
        const earlier = isCompared ? await findEarlierBatches(session, readings, loaded.file) : [];
        journal.append({ kind: "begun", atSec: Math.floor(Date.now() / 1_000), earlier });
      }
      const result = await uploadUntilStopped(session, readings, journal);
      const { id } = journal.head;
      return options.json ? toResultJson(id, result) : describeResult(result);
    } finally {
      journal.close();
    }
  } finally {
    unlock();
  }
}

/** What is for good is shown before, and agreed to. */
async function agree(
  { options, terminal, note }: UploadSession,
  { understood }: LoadedFile,
  { undeclared, notes }: FittedFile,
): Promise<void> {
  if (undeclared.length > 0) {
    for (const line of formatUnderstanding(understood.summary)) note(line);
  }
  for (const line of formatNotes(notes)) note(line);
  if (undeclared.length === 0) return;
  const streams = countOf(undeclared.length, "stream");
  const kind = findKeyGroups(options) === undefined ? "" : ", sealed,";
  const subject = `This declares ${streams}${kind} with these metrics for good`;
  await confirm({ isAgreed: options.yes, subject }, terminal);
}

async function uploadUntilStopped(
  uploader: Uploader,
  readings: readonly StoredReadings[],
  journal: UploadJournal,
): Promise<UploadResult> {
  const { terminal } = uploader;
  const total = countReadings(readings);
  let [accepted, onTheirWay] = [0, 0];
  const interruption = watchInterrupt(terminal.io);
  try {
    const upload = new Upload({
      ...{ uploader, readings, journal },
      onProgress: (acceptedCount, inFlight) => {
        accepted = acceptedCount;
        onTheirWay = inFlight;
        terminal.progress(
          () => `${drawBar(acceptedCount / total)} ${acceptedCount} of ${total} readings are in`,
        );
      },
      interruption: interruption.promise,
    });
    return await upload.run();
  } catch (cause) {
    if (!(cause instanceof ClientError)) throw cause;
    // What the file and the streams have against each other no repetition mends.
    if (cause instanceof UploadTargetError && accepted + onTheirWay === 0) throw cause;
    const moving = onTheirWay === 0 ? "" : `; ${countOf(onTheirWay, "more input")} on the way`;
    const done = `${accepted} of ${total} readings are in${moving}.`;
    const whatToDo = `${cause.whatToDo} Run the same command again: it goes on there.`;
    throw new UploadStopped(`${cause.shortMessage} ${done}`, { whatToDo, cause });
  } finally {
    interruption.stop?.();
    terminal.endProgress();
  }
}

/** SIGINT and SIGTERM as a promise that fails. */
function watchInterrupt(io: Io) {
  let interrupt = (): void => {};
  const promise = new Promise<never>((_, reject) => {
    interrupt = () => reject(new ClientError("Interrupted.", { whatToDo: "Nothing is lost." }));
  });
  promise.catch(() => {});
  return { promise, stop: io.onInterrupt?.(interrupt) };
}

/** The machine's key by the node, as far as something else vouches for it. */
async function findMachineKey({ client, connection, options }: Uploader): Promise<Hex> {
  const { machinePublicKey } = options;
  const reported = bytesToHex((await getRoot(client)).machineKey);
  const expected = machinePublicKey ? bytesToHex(machinePublicKey) : connection.local?.machineKey;
  if (expected !== undefined) requireSameKey(expected, reported);
  return reported;
}

/** What was sealed, or is to be, opens for one machine only. */
function requireSameKey(expected: Hex, reported: Hex): void {
  if (expected === reported) return;
  const problem = `The node's machine key is ${reported}, not ${expected}; nothing was sent.`;
  throw new MachineKeyDiffers(problem, {
    whatToDo:
      "Ask a node of this application: whoever has that other key would read what you send.",
  });
}

/** What makes other readings out of the same file. */
export function describeMapping(settings: SubmitSettings): string {
  const { sealed, keyGroups, streamName } = settings;
  const { file: _, scales = {}, ...options } = toReadOptions(settings, "");
  const sorted = Object.entries(scales).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify({ scales: sorted, ...options, sealed, keyGroups, streamName });
}

const BAR_WIDTH = 24;

function drawBar(part: number): string {
  const full = Math.floor(part * BAR_WIDTH);
  return `[${"#".repeat(full)}${".".repeat(BAR_WIDTH - full)}] ${Math.floor(part * 100)}%`;
}

/** Two uploads from one account at a time would take each other's transaction nonces. */
export const UploadLocked = errorKind("UploadLocked");

/**
 * Takes an account's lock for uploads on a chain.
 *
 * @returns What gives it back.
 * @throws UploadLocked while another upload of this account runs.
 */
export function lockUploads(dataFolder: string, chainId: number, owner: Hex): () => void {
  const unlock = takeKeptLock(join(dataFolder, "uploads", `${chainId}-${owner}.lock`));
  if (unlock !== undefined) return unlock;
  throw new UploadLocked(`Another upload from ${owner} is running with this data folder.`, {
    whatToDo: "Wait for it, or use another account.",
  });
}
