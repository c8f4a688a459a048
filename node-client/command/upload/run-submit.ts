import { join, resolve } from "node:path";
import { bytesToHex } from "viem";
import type { Hex } from "../../../spec/outputs.ts";
import { getRoot } from "../../client/actions/account-queries.ts";
import { countOf } from "../../count-of.ts";
import { ClientError } from "../../errors.ts";
import { formatNotes, formatUnderstanding } from "../../files/format-understanding.ts";
import { storeReadings } from "../../files/reading-store.ts";
import { countReadings, type StoredReadings } from "../../files/slice-readings.ts";
import { type ActorOptions, connectActor, type OnlineActor } from "../connection/online.ts";
import { confirm } from "../terminal/ask-person.ts";
import type { ExitCode, Io } from "../terminal/io.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { findEarlierBatches } from "./find-earlier-batches.ts";
import { findJournal } from "./find-journal.ts";
import { type UploadTarget, UploadTargetError } from "./find-streams.ts";
import { type FittedFile, fitStreams } from "./fit-streams.ts";
import { findKeyGroups, type LoadedFile, loadFile } from "./load-file.ts";
import { type ReadingSettings, toReadOptions } from "./reading-options.ts";
import { Upload, type UploadResult } from "./run-upload.ts";
import { describeResult, toResultJson } from "./submit-result.ts";
import { lockUploads } from "./upload-lock.ts";

/** What `tallyroll submit` was asked for. */
export interface SubmitSettings extends ReadingSettings, ActorOptions {
  readonly batch: number;
  readonly inFlight: number;
  readonly newUpload: boolean;
  readonly follow: boolean;
  readonly every: number;
  readonly dryRun: boolean;
  readonly yes: boolean;
  readonly machinePublicKey?: Uint8Array;
}

/** An upload ended before its end: what is in, and how to go on. */
export class UploadStopped extends ClientError {
  override readonly name = "UploadStopped";

  constructor(reason: string, done: string, options: { whatToDo: string; cause?: unknown }) {
    const whatToDo = `${options.whatToDo} Run the same command again: it goes on there.`;
    super(`${reason} ${done}`, { whatToDo, cause: options.cause });
  }
}

/** The machine's key is not the expected one. */
class MachineKeyDiffers extends ClientError {
  override readonly name = "MachineKeyDiffers";
}

/** Uploads a data file; see the command's help. */
export async function runSubmit(
  settings: SubmitSettings,
  io: Io,
  terminal: Terminal,
): Promise<ExitCode> {
  const loaded = await loadFile(settings, io, terminal);
  try {
    const online = await connectActor(settings, terminal);
    const folder = join(online.connection.dataFolder, "uploads");
    const session = { online, machineKey: await findMachineKey(online, settings), folder };
    const file = settings.csv === "-" ? "standard input" : resolve(io.cwd, settings.csv);
    await terminal.print(await uploadLoaded(session, { loaded, file }, settings, io, terminal));
    return 0;
  } finally {
    loaded.close();
  }
}

const toTarget = (
  { client, connection, address }: OnlineActor,
  settings: SubmitSettings,
): UploadTarget => ({
  ...{ client, dataFolder: connection.dataFolder, owner: address },
  ...{ streamName: settings.streamName, keyType: settings.keyType },
  keyGroups: findKeyGroups(settings),
});

/**
 * What was read, as its streams have declared it.
 *
 * @throws DataFileError and UploadTargetError as the upload would; nothing is sent.
 */
export async function fitLoaded(
  { online }: Pick<UploadSession, "online">,
  loaded: LoadedFile,
  settings: SubmitSettings,
): Promise<FittedFile> {
  const fitted = await fitStreams(toTarget(online, settings), loaded.understood);
  storeReadings(loaded.understood, loaded.hear, fitted.columnsOf).close();
  return fitted;
}

/** Who uploads, to which key, and where it is written down. */
export interface UploadSession {
  readonly online: OnlineActor;
  /** The machine's, that batches are sealed to. */
  readonly machineKey: Hex;
  /** Of the journals. */
  readonly folder: string;
  /** Takes what is said of the file beside its readings, where that is not the terminal. */
  readonly note?: (line: string) => void;
}

/**
 * Uploads what was read, from wherever it stopped before.
 *
 * @param file The name of its content in the journal.
 * @returns What the upload came to, to be printed.
 * @throws ClientError; UploadStopped once something may have been sent.
 */
export async function uploadLoaded(
  { online, machineKey, folder, note = (line) => terminal.note(line) }: UploadSession,
  { loaded, file }: { readonly loaded: LoadedFile; readonly file: string },
  settings: SubmitSettings,
  io: Io,
  terminal: Terminal,
): Promise<string> {
  const { connection, client, address } = online;
  const target = toTarget(online, settings);
  const fitted = await fitStreams(target, loaded.understood);
  await agree(loaded, fitted, settings, { note, terminal });
  const store = storeReadings(loaded.understood, loaded.hear, fitted.columnsOf);
  const { readings } = store;
  const unlock = lockUploads(connection.dataFolder, client.chainId, address);
  try {
    const journal = findJournal(
      folder,
      {
        ...{ chainId: client.chainId, app: client.app, owner: address, machineKey },
        ...{ file, fileHash: loaded.hash, mapping: describeMapping(settings) },
      },
      settings.newUpload,
    );
    try {
      requireSameKey(journal.head.machineKey, machineKey);
      if (!journal.hasBegun) {
        // What is followed is new: no file grows there.
        const isCompared = !settings.newUpload && !settings.follow;
        const earlier = isCompared ? await findEarlierBatches(target, readings, loaded.file) : [];
        journal.append({ kind: "begun", atSec: Math.floor(Date.now() / 1_000), earlier });
      }
      const result = await uploadUntilStopped(target, readings, settings, journal, io, terminal);
      const { id } = journal.head;
      return settings.json ? toResultJson(id, result) : describeResult(result);
    } finally {
      journal.close();
    }
  } finally {
    store.close();
    unlock();
  }
}

/** What is for good is shown before, and agreed to. */
async function agree(
  { understood }: LoadedFile,
  { undeclared, notes }: FittedFile,
  settings: SubmitSettings,
  { note, terminal }: { note: (line: string) => void; terminal: Terminal },
): Promise<void> {
  if (undeclared.length > 0) {
    for (const line of formatUnderstanding(understood.summary)) note(line);
  }
  for (const line of formatNotes(notes)) note(line);
  if (undeclared.length === 0) return;
  const streams = countOf(undeclared.length, "stream");
  const kind = findKeyGroups(settings) === undefined ? "" : ", sealed,";
  const subject = `This declares ${streams}${kind} with these metrics for good`;
  await confirm({ isAgreed: settings.yes, subject }, terminal);
}

async function uploadUntilStopped(
  target: UploadTarget,
  readings: readonly StoredReadings[],
  settings: SubmitSettings,
  journal: ReturnType<typeof findJournal>,
  io: Io,
  terminal: Terminal,
): Promise<UploadResult> {
  const total = countReadings(readings);
  let [accepted, onTheirWay] = [0, 0];
  const interruption = watchInterrupt(io);
  try {
    const upload = new Upload({
      ...{ target, readings, journal, batchSize: settings.batch, inFlightMax: settings.inFlight },
      note: (line) => terminal.note(line),
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
    throw new UploadStopped(cause.shortMessage, done, { whatToDo: cause.whatToDo, cause });
  } finally {
    interruption.stop();
    terminal.endProgress();
  }
}

/** SIGINT and SIGTERM as a promise that fails. */
function watchInterrupt(io: Io): { readonly promise: Promise<never>; readonly stop: () => void } {
  let stop = (): void => {};
  const promise = new Promise<never>((_, reject) => {
    stop =
      io.onInterrupt?.(() =>
        reject(new ClientError("Interrupted.", { whatToDo: "Nothing is lost." })),
      ) ?? stop;
  });
  promise.catch(() => {});
  return { promise, stop: () => stop() };
}

/** The machine's key by the node, as far as something else vouches for it. */
export async function findMachineKey(
  { client, connection }: OnlineActor,
  { machinePublicKey }: SubmitSettings,
): Promise<Hex> {
  const reported = bytesToHex((await getRoot(client)).machineKey);
  const expected = machinePublicKey ? bytesToHex(machinePublicKey) : connection.local?.machineKey;
  if (expected !== undefined) requireSameKey(expected, reported);
  return reported;
}

/** What was sealed, or is to be, opens for one machine only. */
function requireSameKey(expected: Hex, reported: Hex): void {
  if (expected === reported) return;
  throw new MachineKeyDiffers(
    `The node's machine key is ${reported}, not ${expected}; nothing was sent.`,
    {
      whatToDo:
        "Ask a node of this application: whoever has that other key would read what you send.",
    },
  );
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
