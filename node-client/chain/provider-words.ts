const WORDS_MAX = 300;
/** Control characters of both kinds, marks that turn the direction of text, and what breaks lines. */
const UNSHOWABLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]+/gu;

/**
 * What a provider said, fit to stand in a message of ours: one line, short, and without anything
 * that a terminal obeys.
 *
 * @example
 * escapeWords("too many\u001b[2J requests"); // "too many?[2J requests"
 */
export function escapeWords(words: string): string {
  // Cut first: it may be a page of megabytes.
  const start = words.slice(0, 4 * WORDS_MAX).replace(/\s+/g, " ");
  const shown = start.replace(UNSHOWABLE, "?").trim();
  return shown.length > WORDS_MAX ? `${shown.slice(0, WORDS_MAX)}…` : shown;
}
