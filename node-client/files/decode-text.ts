/** The characters of a file: by its byte order mark, by an option, else UTF-8, strictly. */
import { isAscii, isUtf8 } from "node:buffer";
import type { ByteSource, Hear } from "./byte-source.ts";
import { DataFileError, quote } from "./data-file-error.ts";

/** A file of which the encoding is known. */
export interface TextSource extends ByteSource {
  /** The name of the WHATWG Encoding Standard, and who says it. */
  readonly encoding: string;
  readonly encodingBy: "mark" | "option" | "default";
}

const LINE_FEED = 10;
const ENCODING_ADVICE =
  "Say which it is with --encoding, such as windows-1252 (Western Europe), windows-1250, " +
  "windows-1251, utf-16le or shift_jis; nothing may be lost on the way to a signature.";

/**
 * A file with its encoding.
 *
 * @throws DataFileError for a name that is not an encoding.
 */
export function findEncoding(source: ByteSource, given: string | undefined): TextSource {
  const { file, sizeBytes, isGzip } = source;
  const open = (encoding: string, encodingBy: TextSource["encodingBy"]): TextSource => ({
    file,
    sizeBytes,
    isGzip,
    encoding,
    encodingBy,
    chunks: () => source.chunks(),
  });
  if (given !== undefined) return open(parseEncoding(file, given), "option");
  const [[a, b, c] = []] = source.chunks();
  if (a === 0xef && b === 0xbb && c === 0xbf) return open("utf-8", "mark");
  if (a === 0xff && b === 0xfe) return open("utf-16le", "mark");
  if (a === 0xfe && b === 0xff) return open("utf-16be", "mark");
  return open("utf-8", "default");
}

function parseEncoding(file: string, label: string): string {
  try {
    return new TextDecoder(label).encoding;
  } catch (cause) {
    throw new DataFileError({ file }, `There is no encoding ${quote(label)}.`, {
      whatToDo: "Give --encoding a name such as utf-8, utf-16le, latin1 or windows-1252.",
      cause,
    });
  }
}

/**
 * The text of a file in pieces, without its byte order mark. No character is cut in two.
 *
 * @param hear Is given every chunk of bytes, for a hash or a progress line.
 * @throws DataFileError, with the line, for bytes that the encoding does not have, and for NUL.
 */
export function* decodeText(source: TextSource, hear: Hear = () => {}): Generator<string> {
  let line = 1;
  const pieces = source.encoding === "utf-8" ? decodeUtf8(source, hear) : decodeOther(source, hear);
  for (const text of pieces) {
    const nul = text.indexOf("\0");
    if (nul !== -1) throw holdsNul(source.file, line + countBreaks(text.slice(0, nul)));
    yield text;
    line += countBreaks(text);
  }
}

/** UTF-8 by the platform's fast checks; `TextDecoder` would take several times as long. */
function* decodeUtf8(source: ByteSource, hear: Hear): Generator<string> {
  let rest: Buffer = Buffer.alloc(0);
  let isFirst = true;
  const decode = (bytes: Buffer): string => {
    if (isAscii(bytes)) return bytes.toString("latin1");
    if (!isUtf8(bytes)) throw notUtf8(source, bytes);
    return bytes.toString("utf8");
  };
  for (const chunk of source.chunks()) {
    hear(chunk, isFirst);
    let bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    if (rest.length > 0) bytes = Buffer.concat([rest, bytes]);
    if (isFirst && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) {
      bytes = bytes.subarray(3);
    }
    isFirst = false;
    const end = findEnd(bytes);
    rest = bytes.subarray(end);
    if (end > 0) yield decode(bytes.subarray(0, end));
  }
  if (rest.length > 0) yield decode(rest);
}

/** Where the last character begins that is not whole; the end where all are. */
function findEnd(bytes: Uint8Array): number {
  for (let at = bytes.length - 1; at >= 0 && at >= bytes.length - 3; at--) {
    const byte = bytes[at] ?? 0;
    if (byte < 0x80) break;
    if (byte < 0xc0) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return at + length > bytes.length ? at : bytes.length;
  }
  return bytes.length;
}

function* decodeOther(source: TextSource, hear: Hear): Generator<string> {
  const { file, encoding } = source;
  const decoder = new TextDecoder(encoding, { fatal: true });
  let isFirst = true;
  try {
    for (const chunk of source.chunks()) {
      hear(chunk, isFirst);
      isFirst = false;
      const text = decoder.decode(chunk, { stream: true });
      if (text !== "") yield text;
    }
    const last = decoder.decode();
    if (last !== "") yield last;
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw new DataFileError({ file }, `The text is not ${encoding.toUpperCase()}.`, {
      whatToDo: ENCODING_ADVICE,
      cause,
    });
  }
}

/** Finds the line, and shows how it would read, so that the right encoding can be chosen. */
function notUtf8(source: ByteSource, piece: Buffer): DataFileError {
  let line = 1;
  // The piece may be anywhere in the file: the first line that fails is looked for from the start.
  let shown = "";
  let rest: Buffer = Buffer.alloc(0);
  search: for (const chunk of source.chunks()) {
    const bytes = Buffer.concat([rest, chunk]);
    let start = 0;
    for (;;) {
      const end = bytes.indexOf(LINE_FEED, start);
      if (end === -1) break;
      const text = bytes.subarray(start, end);
      if (!isUtf8(text)) {
        shown = text.toString("latin1");
        break search;
      }
      line += 1;
      start = end + 1;
    }
    rest = bytes.subarray(start);
  }
  if (shown === "") shown = (rest.length > 0 ? rest : piece).toString("latin1", 0, 120);
  const example = `In windows-1252 the line would be ${quote(shown.trim())}.`;
  return new DataFileError({ file: source.file, line }, "The text is not UTF-8.", {
    whatToDo: `${ENCODING_ADVICE} ${example}`,
  });
}

function countBreaks(text: string): number {
  let count = 0;
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) count += 1;
  return count;
}

function holdsNul(file: string, line: number): DataFileError {
  const problem = "The text holds a NUL, so it is damaged or of another encoding.";
  return new DataFileError({ file, line }, problem, {
    whatToDo: "Mend the file, or say what its characters are with --encoding, such as utf-16le.",
  });
}
