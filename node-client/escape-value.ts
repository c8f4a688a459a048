import { escapeText } from "./escape-text.ts";

/**
 * A value of others' JSON for a message: texts quoted and escaped, numbers as they are, lists and
 * objects by what they are.
 *
 * @param lengthMax Of a text, as `escapeText` takes it.
 */
export function escapeValue(value: unknown, lengthMax = 96): string {
  if (value === undefined) return "nothing";
  if (typeof value === "string") return `"${escapeText(value, lengthMax)}"`;
  if (typeof value !== "object" || value === null) return String(value);
  return Array.isArray(value) ? "a list" : "an object";
}
