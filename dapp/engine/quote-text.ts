const CHARACTERS_MAX = 64;

/**
 * A text of an operation as a refusal's detail shows it: short, and without anything that a
 * terminal would obey.
 */
export function quoteText(text: string): string {
  const shown = text.slice(0, CHARACTERS_MAX).replace(/[^ -~]/g, "?");
  return text.length > CHARACTERS_MAX ? `"${shown}…"` : `"${shown}"`;
}
