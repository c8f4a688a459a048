import { utf8ToBytes } from "@noble/hashes/utils.js";

const CHARACTERS_MAX = 64;

/**
 * A text of an operation as a refusal's detail quotes it (§8): short, and without anything that a
 * terminal would obey or that would end the quotation.
 */
export function clipText(text: string): string {
  const shown = text.slice(0, CHARACTERS_MAX).replace(/[^ !#-~]/g, "?");
  return text.length > CHARACTERS_MAX ? `${shown}…` : shown;
}

/** The same with its length, as the bounds of names and endpoints count it. */
export const measureText = (text: string) => ({
  text: clipText(text),
  byteCount: utf8ToBytes(text).length,
});
