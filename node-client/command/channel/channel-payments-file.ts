import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { Hex } from "../../../spec/outputs.ts";
import { isBookNote, PaymentBook } from "../../client/channel/payment-book.ts";
import type { LinePlace, OfferedPayment } from "../../client/channel/payment-pool.ts";
import {
  type ChannelPayment,
  PaymentError,
  parsePayment,
  type SettlementPlace,
} from "../../client/payment/signed-payment.ts";
import type { ClientError } from "../../errors.ts";
import { escapeText } from "../../escape-text.ts";
import { describeFault } from "../../kept/file-error.ts";
import { replaceKeptFile } from "../../kept/kept-file.ts";
import { theirs } from "../options/command-hints.ts";
import { errorKind, type Io } from "../terminal/io.ts";
import { takeKeptLock } from "../terminal/kept-lock.ts";
import { nameOfFile, type ReadLine, readLines } from "../terminal/read-file.ts";
import { codeOf } from "../terminal/terminal.ts";

const PaymentsFileError = errorKind("PaymentsFileError");

/** Where a data folder keeps the last payments that it signed for an application's channels. */
export const pathOfPayments = (dataFolder: string, app: Hex): string =>
  join(dataFolder, "payments", `${app}.txt`);

const PaymentsLocked = errorKind("PaymentsLocked");

const LOCK_POLL_MS = 10;
/** A payment takes a few milliseconds and some queries: when none is signed for so long, one is stuck. */
const LOCK_WAIT_MS = 10_000;

/**
 * Takes the lock of the payments, waiting for its turn: two commands that go on from the same
 * payment would sign the same promise, and of the two calls that it shall pay only one would be
 * paid. What the chain says of the channel has to be read after it as well: a nonce from before
 * the other's payment can be an older one.
 *
 * @returns What gives it back.
 * @throws PaymentsLocked when the others do not end, PaymentsFileError when there can be no lock.
 */
export async function lockPayments(path: string, waitMs = LOCK_WAIT_MS): Promise<() => void> {
  let version: string | undefined;
  for (let sinceMs = performance.now(); ; await wait(LOCK_POLL_MS)) {
    const unlock = takeLock(path);
    if (unlock !== undefined) return unlock;
    version ??= findVersion(path);
    if (performance.now() - sinceMs < waitMs) continue;
    if (findVersion(path) === version) break;
    [version, sinceMs] = [findVersion(path), performance.now()];
  }
  throw new PaymentsLocked(`Another command is signing payments with ${path}, for too long.`, {
    whatToDo: "Try again when it has ended; nothing was signed.",
  });
}

/** Another one whenever a payment was kept: the file is replaced each time. */
const findVersion = (path: string): string => {
  const file = statSync(path, { throwIfNoEntry: false });
  return `${file?.ino} ${file?.mtimeMs}`;
};

function takeLock(path: string): (() => void) | undefined {
  try {
    return takeKeptLock(`${path}.lock`);
  } catch (cause) {
    throw cannotKeep(path, cause);
  }
}

/** The last payments that this data folder signed; none where it has signed none yet. */
export function readPayments(path: string, at: SettlementPlace): PaymentBook {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    if (codeOf(cause) === "ENOENT") return new PaymentBook(at);
    throw new PaymentsFileError(`The payments at ${path} cannot be read (${codeOf(cause)}).`, {
      whatToDo: "Make the file readable to you, or name another --data-folder.",
      cause,
    });
  }
  return PaymentBook.parse(at, text);
}

/** Keeps the last payments, whole or not at all: before the newest one is handed out. */
export function keepPayments(path: string, book: PaymentBook): void {
  try {
    replaceKeptFile(path, book.format());
  } catch (cause) {
    throw cannotKeep(path, cause);
  }
}

/** @throws PaymentsFileError, PaymentsLocked and PaymentError. */
export async function keepOpening(
  path: string,
  at: SettlementPlace,
  channelId: number,
): Promise<void> {
  const unlock = await lockPayments(path);
  try {
    const book = readPayments(path, at);
    book.noteOpening(channelId);
    keepPayments(path, book);
  } finally {
    unlock();
  }
}

const cannotKeep = (path: string, cause: unknown): ClientError =>
  new PaymentsFileError(`The payments cannot be kept at ${path}: ${describeFault(cause)}.`, {
    whatToDo: "Name a folder of yours with --data-folder; the payment was not handed out.",
    cause,
  });

/** A payment takes some 330 bytes, with every number at its largest 600. */
const LINE_BYTES_MAX = 4_096;

/** A payment, or why a line holds none, and where it stands. */
export type PaymentLine = OfferedPayment & { readonly place: LinePlace };

/**
 * The payments in files, one a line; `-` is standard input. A line that holds none comes as that,
 * and those after it as they are.
 */
export async function* readPaymentFiles(
  files: readonly string[],
  at: SettlementPlace,
  io: Io,
): AsyncGenerator<PaymentLine> {
  for (const path of files) {
    const file = escapeText(nameOfFile(path));
    for await (const line of readLines(path, io, LINE_BYTES_MAX)) {
      // A payer's own book says more than payments.
      if ("text" in line && (line.text === "" || isBookNote(line.text))) continue;
      yield { place: { file, line: line.line }, ...parseLine(at, line) };
    }
  }
}

function parseLine(
  at: SettlementPlace,
  line: ReadLine,
): { readonly payment: ChannelPayment } | { readonly error: PaymentError } {
  if ("problem" in line) {
    const error = new PaymentError("malformed", `This is not a payment: ${line.problem}.`, {
      whatToDo: `Give payments one a line, as ${theirs("channel pay CHANNEL AMOUNT")} prints them.`,
    });
    return { error };
  }
  try {
    return { payment: parsePayment(at, line.text) };
  } catch (error) {
    if (error instanceof PaymentError) return { error };
    throw error;
  }
}
