import { closeSync, openSync, readSync } from "node:fs";
import { resolve } from "node:path";
import { ClientError } from "../../errors.ts";
import { collect, type Io } from "./io.ts";
import { LineSplitter } from "./line-splitter.ts";
import { codeOf } from "./terminal.ts";

const CHUNK_BYTES = 1 << 20;
/** What stands for standard input in place of a path. */
const STANDARD_INPUT = "-";

/** The name of an input file in messages. */
export const nameOfFile = (path: string): string =>
  path === STANDARD_INPUT ? "standard input" : path || '""';

/**
 * A whole text, strictly UTF-8: a text that silently became "\ufffd" would be signed and committed
 * to as such.
 *
 * @param path Relative to the working directory; `-` is standard input.
 * @throws ClientError when it cannot be read, or is not UTF-8.
 */
export async function readText(path: string, io: Io): Promise<string> {
  const bytes = Buffer.concat([...(await readChunks(path, io))]);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new ClientError(`The text of ${nameOfFile(path)} is not UTF-8.`, {
      whatToDo: "Save it as UTF-8; nothing may be lost on the way to a signature.",
      cause,
    });
  }
}

/**
 * A file in chunks, read as they are asked for: a history may be larger than memory. Standard input
 * is read to its end first.
 */
export async function readChunks(path: string, io: Io): Promise<Iterable<Uint8Array>> {
  if (path === STANDARD_INPUT) return await collect(streamChunks(path, io));
  const read = readFileChunks(resolve(io.cwd, path), path);
  // The first chunk is taken at once, so that a wrong path is reported before anything else happens.
  const first = read.next();
  return first.done ? [] : prepend(first.value, read);
}

function* prepend<Value>(first: Value, rest: Iterable<Value>): Generator<Value> {
  yield first;
  yield* rest;
}

/** The same without an end of standard input: its chunks come as they arrive, and none is kept. */
export async function* streamChunks(path: string, io: Io): AsyncGenerator<Uint8Array> {
  if (path !== STANDARD_INPUT) {
    yield* await readChunks(path, io);
    return;
  }
  try {
    for await (const chunk of io.stdin) yield Buffer.from(chunk as Uint8Array | string);
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

function* readFileChunks(path: string, name: string): Generator<Uint8Array> {
  const fd = openFile(path, name);
  try {
    yield* readOpenFile(fd, name, null);
  } finally {
    closeSync(fd);
  }
}

/** @throws ClientError when it cannot be opened. */
export function openFile(path: string, name: string): number {
  try {
    return openSync(path, "r");
  } catch (cause) {
    throw unreadable(name, cause);
  }
}

/** @param from The byte to begin with; null goes on where the file is, as a pipe has to. */
export function* readOpenFile(
  fd: number,
  name: string,
  from: number | null,
): Generator<Uint8Array> {
  for (let at = from; ; ) {
    const chunk = new Uint8Array(CHUNK_BYTES);
    let count: number;
    try {
      count = readSync(fd, chunk, 0, CHUNK_BYTES, at);
    } catch (cause) {
      throw unreadable(name, cause);
    }
    if (count === 0) return;
    if (at !== null) at += count;
    yield chunk.subarray(0, count);
  }
}

const PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EISDIR: "it is a folder",
  EACCES: "you may not read it",
  ESPIPE: "it can be read only once, as a pipe can; give it as standard input, -",
};

/** The error of a path that cannot be read. */
export function unreadable(path: string, cause: unknown): ClientError {
  // An empty path is that of the working directory: mostly a variable that is not set.
  const code = path === "" ? "ENOENT" : (codeOf(cause) ?? "");
  return new ClientError(`Cannot read ${nameOfFile(path)}: ${PROBLEMS[code] ?? (code || cause)}.`, {
    whatToDo: "Name a file that you can read, or - for standard input.",
    cause,
  });
}

/** A line of a file that others wrote: its text, or what keeps it from being one. */
export type ReadLine = {
  /** From 1. */
  readonly line: number;
} & ({ readonly text: string } | { readonly problem: string });

/**
 * The lines of a file, without the white space around them. One that is too long or is not UTF-8
 * comes as a problem, and those after it as they are. Never holds more than a chunk and a line.
 *
 * @param path As in `readText`.
 */
export async function* readLines(
  path: string,
  io: Io,
  lineBytesMax: number,
): AsyncGenerator<ReadLine> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const splitter = new LineSplitter(lineBytesMax);
  const read = (bytes: Uint8Array | undefined): ReadLine => {
    const at = { line: splitter.number };
    if (bytes === undefined) return { ...at, problem: `it is longer than ${lineBytesMax} bytes` };
    try {
      return { ...at, text: decoder.decode(bytes).trim() };
    } catch {
      return { ...at, problem: "it is not UTF-8" };
    }
  };
  for await (const chunk of streamChunks(path, io)) {
    for (const bytes of splitter.take(chunk)) yield read(bytes);
  }
  for (const bytes of splitter.end()) yield read(bytes);
}
