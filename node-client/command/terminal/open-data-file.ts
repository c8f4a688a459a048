import { closeSync, fstatSync, readSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { type ByteSource, damagedGzip, startsAsGzip } from "../../files/byte-source.ts";
import { openUnseen } from "../../kept/kept-file.ts";
import type { Io } from "./io.ts";
import { nameOfFile, openFile, readOpenFile, unreadable } from "./read-file.ts";

/** A data file that can be read again and again, until it is closed. */
export interface OpenDataFile extends ByteSource {
  close(): void;
}

/**
 * Opens a data file. Standard input, and what gzip has packed, is written to a temporary file first:
 * a reader of data files takes two looks.
 *
 * @param path Relative to the working directory; `-` is standard input.
 */
export async function openDataFile(path: string, io: Io): Promise<OpenDataFile> {
  const file = nameOfFile(path);
  const fd = path === "-" ? await spool(io.stdin, path) : openSeekable(path, io);
  if (!startsAsGzip(readStart(fd))) return toSource(fd, file, false);
  try {
    return toSource(await unpack(fd, file), file, true);
  } finally {
    closeSync(fd);
  }
}

function openSeekable(path: string, io: Io): number {
  const fd = openFile(resolve(io.cwd, path), path);
  try {
    readStart(fd);
    // A pipe such as <(…) can be read once only.
    if (fstatSync(fd).isFile()) return fd;
    throw Object.assign(new Error("not a file"), { code: "ESPIPE" });
  } catch (cause) {
    closeSync(fd);
    throw unreadable(path, cause);
  }
}

function readStart(fd: number): Uint8Array {
  const start = new Uint8Array(2);
  readSync(fd, start, 0, 2, 0);
  return start;
}

function toSource(fd: number, file: string, isGzip: boolean): OpenDataFile {
  return {
    ...{ file, isGzip, sizeBytes: fstatSync(fd).size },
    chunks: () => readOpenFile(fd, file, 0),
    close: () => closeSync(fd),
  };
}

async function unpack(fd: number, file: string): Promise<number> {
  const unpacked = Readable.from(readOpenFile(fd, file, 0)).pipe(createGunzip());
  try {
    return await spool(unpacked, file);
  } catch (cause) {
    throw damagedGzip(file, cause);
  }
}

/** Writes a stream to a file that nobody else sees. */
async function spool(stream: Readable, name: string): Promise<number> {
  const fd = openUnseen();
  try {
    for await (const piece of stream) writeFileSync(fd, piece as Uint8Array | string);
  } catch (cause) {
    closeSync(fd);
    throw name === "-" ? unreadable(name, cause) : cause;
  }
  return fd;
}
