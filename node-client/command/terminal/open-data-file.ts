import { closeSync, fstatSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { type ByteSource, damagedGzip, startsAsGzip } from "../../files/byte-source.ts";
import type { Io } from "./io.ts";
import { nameOfFile, unreadable } from "./read-file.ts";

const CHUNK_BYTES = 1 << 20;

/** A data file that can be read again and again, until it is closed. */
export interface OpenDataFile extends ByteSource {
  close(): void;
}

/**
 * Opens a data file. Standard input, and what gzip has packed, is written to a temporary file first:
 * a reader of data files takes two looks.
 *
 * @param path Relative to the working directory; `-` is standard input.
 * @throws ClientError when it cannot be read, DataFileError when its gzip is damaged.
 */
export async function openDataFile(path: string, io: Io): Promise<OpenDataFile> {
  const file = nameOfFile(path);
  if (path === "-") {
    const { fd, start } = await spool(io.stdin, path);
    if (!startsAsGzip(start)) return toSource(fd, file, false);
    try {
      return toSource(await unpack(fd, file), file, true);
    } finally {
      closeSync(fd);
    }
  }
  const fd = openFile(resolve(io.cwd, path), path);
  const start = new Uint8Array(2);
  try {
    readSync(fd, start, 0, 2, 0);
    // A pipe such as <(…) can be read once only.
    if (!fstatSync(fd).isFile()) throw Object.assign(new Error("not a file"), { code: "ESPIPE" });
  } catch (cause) {
    closeSync(fd);
    throw unreadable(path, cause);
  }
  if (!startsAsGzip(start)) return toSource(fd, file, false);
  try {
    return toSource(await unpack(fd, file), file, true);
  } finally {
    closeSync(fd);
  }
}

function openFile(path: string, name: string): number {
  try {
    return openSync(path, "r");
  } catch (cause) {
    throw unreadable(name, cause);
  }
}

function toSource(fd: number, file: string, isGzip: boolean): OpenDataFile {
  return {
    ...{ file, isGzip, sizeBytes: fstatSync(fd).size },
    chunks: () => readChunksAt(fd, file),
    close: () => closeSync(fd),
  };
}

function* readChunksAt(fd: number, file: string): Generator<Uint8Array> {
  for (let at = 0; ; ) {
    const chunk = new Uint8Array(CHUNK_BYTES);
    let count: number;
    try {
      count = readSync(fd, chunk, 0, CHUNK_BYTES, at);
    } catch (cause) {
      throw unreadable(file, cause);
    }
    if (count === 0) return;
    at += count;
    yield chunk.subarray(0, count);
  }
}

async function unpack(fd: number, file: string): Promise<number> {
  const unpacked = Readable.from(readChunksAt(fd, file)).pipe(createGunzip());
  try {
    return (await spool(unpacked, file)).fd;
  } catch (cause) {
    throw damagedGzip(file, cause);
  }
}

/** Writes a stream to a file that nobody else sees; it goes with the process, however that ends. */
async function spool(stream: Readable, name: string): Promise<{ fd: number; start: Uint8Array }> {
  const folder = mkdtempSync(join(tmpdir(), "tallyroll-input-"));
  let fd: number | undefined;
  try {
    fd = openSync(join(folder, "input"), "wx+", 0o600);
  } finally {
    rmSync(folder, { recursive: true });
  }
  let start: Uint8Array = new Uint8Array();
  try {
    for await (const piece of stream) {
      const chunk = Buffer.from(piece as Uint8Array | string);
      if (start.length < 2) start = Buffer.concat([start, chunk.subarray(0, 2)]);
      for (let done = 0; done < chunk.length; ) done += writeSync(fd, chunk, done);
    }
  } catch (cause) {
    closeSync(fd);
    throw name === "-" ? unreadable(name, cause) : cause;
  }
  return { fd, start };
}
