/** Bytes of a data file that can be read more than once, in chunks. */
import { gunzipSync } from "node:zlib";
import { DataFileError } from "./data-file-error.ts";

/** A file, or what stands for one; every call of `chunks` reads it from its beginning. */
export interface ByteSource {
  /** For messages. */
  readonly file: string;
  /** `undefined` where nobody knows before it was read. */
  readonly sizeBytes: number | undefined;
  readonly isGzip: boolean;
  chunks(): Iterable<Uint8Array>;
}

/** Is given every chunk of a pass, and whether the pass begins with it. */
export type Hear = (chunk: Uint8Array, isFirst: boolean) => void;

const CHUNK_BYTES = 1 << 20;
/** Text in memory is small; an archive that claims more is a file to be read from disk. */
const UNPACKED_BYTES_MAX = 1 << 30;

/** Whether bytes begin as gzip does (RFC 1952). */
export const startsAsGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/** Bytes in memory as a source; gzip is unpacked. */
export function fromBytes(given: Uint8Array, file: string): ByteSource {
  const isGzip = startsAsGzip(given);
  const bytes = isGzip ? unpack(given, file) : given;
  return {
    ...{ file, isGzip, sizeBytes: bytes.length },
    *chunks() {
      for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
        yield bytes.subarray(at, at + CHUNK_BYTES);
      }
    },
  };
}

function unpack(bytes: Uint8Array, file: string): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: UNPACKED_BYTES_MAX });
  } catch (cause) {
    throw damagedGzip(file, cause);
  }
}

export const damagedGzip = (file: string, cause: unknown): DataFileError =>
  new DataFileError({ file }, "The gzip file is damaged.", {
    whatToDo: "Fetch it again, or unpack it with gunzip and give what comes out.",
    cause,
  });
