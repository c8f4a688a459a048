/**
 * What a terminal or an editor obeys, hides or turns around instead of showing it: control
 * characters (C0, DEL, C1), marks of direction and zero width, line separators, halves of surrogate
 * pairs, tags and blank fillers; and whatever this version of Unicode does not know or leaves to
 * private agreements, since nobody can say what it shows.
 */
const OBEYED = /[\p{C}\p{Zl}\p{Zp}\u115f\u1160\u3164\uffa0]/gu;
/** Mostly there is nothing to do. */
const IS_PLAIN = /^[ -~]*$/;

/**
 * A text of other people's as it may stand within a line: what a terminal would obey is shown as
 * `\u{1b}`, line breaks too, so that no name or value can look like a line of ours.
 *
 * @example
 * escapeLine("a\u001b[31mb\n"); // "a\\u{1b}[31mb\\u{a}"
 */
export const escapeLine = (text: string): string =>
  IS_PLAIN.test(text) ? text : text.replace(OBEYED, toVisible);

/**
 * The same for a text that a message quotes, which may be of any length.
 *
 * @param lengthMax In UTF-16 units of the text; what is longer ends with "…".
 * @example
 * escapeText("north\u001b[2J"); // "north\\u{1b}[2J"
 */
export const escapeText = (text: string, lengthMax = 256): string =>
  escapeLine(text.length > lengthMax ? `${text.slice(0, lengthMax)}…` : text);

/** Of what another program said, at the most. */
const WORDS_MAX = 300;

/**
 * What another program said, such as an RPC provider's page of an error: one line, and short.
 *
 * @example
 * escapeWords("too many\u001b[2J\n requests"); // "too many\\u{1b}[2J requests"
 */
export const escapeWords = (text: string): string =>
  // Cut first: it may be megabytes.
  escapeText(
    text
      .slice(0, 4 * WORDS_MAX)
      .replace(/\s+/g, " ")
      .trim(),
    WORDS_MAX,
  );

/** A text whose line breaks are ours. */
export const escapeLines = (text: string): string => text.split("\n").map(escapeLine).join("\n");

/** The same within JSON, which stays the same JSON: `\u202e`. Line breaks are between its tokens. */
export const escapeJson = (json: string): string =>
  json.replace(OBEYED, (character) =>
    character === "\n"
      ? character
      : [...Array(character.length).keys()].map((i) => toJsonEscape(character, i)).join(""),
  );

const toVisible = (character: string): string =>
  `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;

const toJsonEscape = (character: string, at: number): string =>
  `\\u${character.charCodeAt(at).toString(16).padStart(4, "0")}`;
