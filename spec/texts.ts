import { TEXT_BYTES_MAX } from "./limits.ts";

const textEncoder = new TextEncoder();
const textDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * The UTF-8 bytes of a reading's text.
 *
 * @throws RangeError for one that is ill-formed or longer than 200 bytes.
 */
export function encodeText(text: string): Uint8Array {
  const bytes = textEncoder.encode(text);
  // A lone surrogate would be replaced silently, and another text would come back.
  if (textDecoder.decode(bytes) !== text) throw new RangeError("text is not well-formed");
  if (bytes.length > TEXT_BYTES_MAX) throw new RangeError(`text of ${bytes.length} bytes`);
  return bytes;
}

/** The text; `undefined` for anything but UTF-8 of at most 200 bytes. */
export function decodeText(bytes: Uint8Array): string | undefined {
  if (bytes.length > TEXT_BYTES_MAX) return undefined;
  try {
    return textDecoder.decode(bytes);
  } catch {
    return undefined; // Fatal mode throws a TypeError on anything but UTF-8, and on nothing else.
  }
}
