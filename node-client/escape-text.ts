/** Control characters, bidi and other invisible marks, lone surrogates, line separators. */
const UNSAFE = /[\p{C}\p{Zl}\p{Zp}]/gu;

/**
 * Text of others as one line of a message or a table may show it: whatever would move a cursor,
 * turn the reading direction, begin a line or stay unseen is written as \u{…}.
 *
 * @param lengthMax In UTF-16 units of the text; what is longer ends with "…".
 * @example
 * escapeText("north\u001b[2J"); // "north\\u{1b}[2J"
 */
export function escapeText(text: string, lengthMax = 256): string {
  const shown = text.length > lengthMax ? `${text.slice(0, lengthMax)}…` : text;
  return shown.replace(UNSAFE, (unsafe) => `\\u{${unsafe.codePointAt(0)?.toString(16)}}`);
}
