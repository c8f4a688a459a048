import type { Io } from "./io.ts";
import { streamChunks } from "./read-file.ts";

/** A line of a file that others wrote: its text, or what keeps it from being one. */
export type ReadLine = {
  /** From 1. */
  readonly line: number;
} & ({ readonly text: string } | { readonly problem: string });

const NEWLINE = 0x0a;

/**
 * The lines of a file, without the white space around them. One that is too long or is not UTF-8
 * comes as a problem, and those after it as they are. Never holds more than a chunk and a line.
 *
 * @param path As in `readText`.
 * @throws ClientError, from the iteration, when the file cannot be read.
 */
export async function* readLines(
  path: string,
  io: Io,
  lineBytesMax: number,
): AsyncGenerator<ReadLine> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let [line, byteCount] = [1, 0];
  let parts: Uint8Array[] = [];
  const add = (part: Uint8Array): void => {
    byteCount += part.length;
    // What is too long already is only counted.
    if (byteCount <= lineBytesMax) parts.push(part);
  };
  const finish = (): ReadLine => {
    const at = { line };
    const [bytes, isLong] = [Buffer.concat(parts), byteCount > lineBytesMax];
    [line, byteCount, parts] = [line + 1, 0, []];
    if (isLong) return { ...at, problem: `it is longer than ${lineBytesMax} bytes` };
    try {
      return { ...at, text: decoder.decode(bytes).trim() };
    } catch {
      return { ...at, problem: "it is not UTF-8" };
    }
  };
  for await (const chunk of streamChunks(path, io)) {
    let from = 0;
    for (let to = chunk.indexOf(NEWLINE); to !== -1; to = chunk.indexOf(NEWLINE, from)) {
      add(chunk.subarray(from, to));
      from = to + 1;
      yield finish();
    }
    if (from < chunk.length) add(chunk.slice(from));
  }
  if (byteCount > 0) yield finish();
}
