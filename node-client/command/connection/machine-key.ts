import { randomBytes } from "node:crypto";
import { closeSync, fstatSync, openSync, readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import { decodeCheckedHex, encodeCheckedHex } from "../../kept/checked-hex.ts";
import { describeFault } from "../../kept/file-error.ts";
import { createKeptFile } from "../../kept/kept-file.ts";
import { errorKind, type Io } from "../terminal/io.ts";
import { codeOf, type Terminal } from "../terminal/terminal.ts";

/** The name of the key in a data folder. */
export const KEY_FILE = "machine-key";
/** What a rollup leaves in its data folder, each bound to its machine's key. */
const ROLLUP_FILES = /^(local\.json|node(-0x[0-9a-f]{40})?\.sqlite)$/;
/** Longer than any key with its white space: a wrong path may name something huge. */
const KEY_FILE_BYTES_MAX = 1_024;

/** The machine's X25519 secret and where it came from. */
interface MachineSecret {
  /** 32 bytes. */
  readonly secret: Uint8Array;
  /** For messages: the variable or the file. */
  readonly source: string;
  /** Made by this very call: it cannot open anything that was sealed before. */
  readonly isNew: boolean;
}

const MachineKeyError = errorKind("MachineKeyError");

/**
 * The folder of everything that must outlive a run: `--data-folder`, else `TALLYROLL_HOME`, else
 * `$XDG_DATA_HOME/tallyroll`, else `~/.local/share/tallyroll`.
 */
export function resolveDataFolder(option: string | undefined, io: Io): string {
  const { TALLYROLL_HOME, XDG_DATA_HOME, HOME } = io.env;
  const given = option || TALLYROLL_HOME;
  if (given) return resolve(io.cwd, given);
  // The XDG base directory specification has relative paths ignored.
  if (XDG_DATA_HOME && isAbsolute(XDG_DATA_HOME)) return join(XDG_DATA_HOME, "tallyroll");
  return join(HOME || homedir(), ".local", "share", "tallyroll");
}

/**
 * The machine's secret, made in the data folder on first use: for what seals to the machine or runs
 * it. Two processes that make it at the same time agree on one key.
 */
export function loadMachineSecret(
  dataFolder: string | undefined,
  terminal: Terminal,
): MachineSecret {
  const found = findMachineSecret(dataFolder, terminal);
  return found ?? createKeyFile(pathOfMachineKey(dataFolder, terminal.io), terminal);
}

/** Where the data folder's key is kept. */
export const pathOfMachineKey = (dataFolder: string | undefined, io: Io): string =>
  join(resolveDataFolder(dataFolder, io), KEY_FILE);

/**
 * The machine's secret: `TALLYROLL_MACHINE_KEY`, else the file that `TALLYROLL_MACHINE_KEY_FILE`
 * names, else the data folder's. For what only reads: nothing is made, and a new key would open
 * nothing of what is there.
 *
 * @returns `undefined` where the data folder has none, and no rollup that needs it.
 * @throws MachineKeyError when one of them is there but is not a key, or cannot be read, or is
 * missing where it was named or beside a rollup.
 */
export function findMachineSecret(
  dataFolder: string | undefined,
  terminal: Terminal,
): MachineSecret | undefined {
  const { TALLYROLL_MACHINE_KEY: digits, TALLYROLL_MACHINE_KEY_FILE: file } = terminal.io.env;
  if (digits) {
    const source = "TALLYROLL_MACHINE_KEY";
    return { secret: parseSecret(digits, source), source, isNew: false };
  }
  if (file) {
    const path = resolve(terminal.io.cwd, file);
    const kept = readKeyFile(path, terminal);
    if (kept !== undefined) return kept;
    throw new MachineKeyError(`There is no machine key at ${path}.`, {
      whatToDo: "Correct TALLYROLL_MACHINE_KEY_FILE, or unset it to use the data folder's key.",
    });
  }
  const path = pathOfMachineKey(dataFolder, terminal.io);
  const kept = readKeyFile(path, terminal);
  if (kept === undefined) requireNoRollup(resolveDataFolder(dataFolder, terminal.io), path);
  return kept;
}

/** A new key beside what an older one was used for would open nothing of it. */
function requireNoRollup(folder: string, path: string): void {
  const rollup = listNames(folder).find((name) => ROLLUP_FILES.test(name));
  if (rollup === undefined) return;
  throw new MachineKeyError(
    `There is no machine key at ${path}, and ${rollup} beside it was made with one.`,
    {
      whatToDo:
        "Put your backup of that key back there, or set TALLYROLL_MACHINE_KEY to it; without it " +
        "what was sealed to it opens no more, and another --data-folder starts a new rollup.",
    },
  );
}

function listNames(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // There is none yet, or none to be made: creating the key tells.
    return [];
  }
}

function parseSecret(text: string, source: string): Uint8Array {
  const match = /^(?:0x)?([0-9a-fA-F]{64})$/.exec(text.trim());
  const secret = match?.[1] && decodeCheckedHex(match[1]);
  if (secret) return secret;
  // The text itself stays out of the message: it may be most of a key.
  const why = match === null ? "" : ": a digit of it was changed, by its letters' case";
  throw new MachineKeyError(`${source} holds no machine key${why}.`, {
    whatToDo: "Give 32 bytes as 64 hexadecimal digits, from your backup of the key.",
  });
}

function readKeyFile(path: string, terminal: Terminal): MachineSecret | undefined {
  let text: string;
  try {
    const file = openSync(path, "r");
    try {
      const { mode, size } = fstatSync(file);
      if (process.platform !== "win32" && (mode & 0o077) !== 0) {
        terminal.note(`Others on this computer can read the machine key: chmod 600 ${path}`);
      }
      text = size > KEY_FILE_BYTES_MAX ? "" : readFileSync(file, "utf8");
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    if (codeOf(cause) === "ENOENT") return undefined;
    throw new MachineKeyError(`The machine key at ${path} cannot be read (${codeOf(cause)}).`, {
      whatToDo: "Make it readable to you alone, or set TALLYROLL_MACHINE_KEY.",
      cause,
    });
  }
  return { secret: parseSecret(text, path), source: path, isNew: false };
}

/** The first of two processes that make it wins, and both use its key. */
function createKeyFile(path: string, terminal: Terminal): MachineSecret {
  const secret = Uint8Array.from(randomBytes(32));
  let isMade: boolean;
  try {
    isMade = createKeptFile(path, `${encodeCheckedHex(secret)}\n`);
  } catch (cause) {
    throw new MachineKeyError(`No machine key can be made at ${path}: ${describeFault(cause)}.`, {
      whatToDo:
        "Name a folder of yours with --data-folder, with room left, or set TALLYROLL_MACHINE_KEY.",
      cause,
    });
  }
  const winner = isMade ? undefined : readKeyFile(path, terminal);
  if (winner !== undefined) return winner;
  terminal.note(
    `Made the machine's key: ${path}`,
    "  Back it up: without it nobody can open or replay what is sealed to it.",
    "  Keep it secret: whoever has it reads all values of all open streams, also those on a public",
    "  chain; the values of sealed streams stay hidden.",
  );
  return { secret, source: path, isNew: true };
}
