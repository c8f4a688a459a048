import { InvalidArgumentError } from "commander";
import { requireQueryField } from "./query-help.ts";

/**
 * A query out of the words of a command line: one JSON object, or a name and fields.
 *
 * Values of digits are numbers, `true`, `false` and values in double quotes are JSON, all others
 * are text. A single word is split at its spaces; of several, each is one field with its spaces.
 *
 * @throws InvalidArgumentError that says which word is wrong.
 * @example
 * parseQuery(["latest", "stream_id=1", "limit=5"]); // {"query":"latest","stream_id":1,"limit":5}
 */
export function parseQuery(words: readonly string[]): string {
  const [only = ""] = words;
  if (words.length === 1 && only.trimStart().startsWith("{")) return only;
  const [name = "", ...fields] =
    words.length === 1 ? only.split(" ").filter((word) => word !== "") : words;
  if (!/^[a-z_]+$/.test(name)) {
    throw new InvalidArgumentError(`A query begins with its name, not ${JSON.stringify(name)}.`);
  }
  const query: [string, unknown][] = [["query", name]];
  for (const field of fields) {
    const at = field.indexOf("=");
    if (at <= 0) {
      throw new InvalidArgumentError(`Give the query's fields as name=value: ${field}`);
    }
    requireQueryField(name, field.slice(0, at));
    query.push([field.slice(0, at), parseValue(field.slice(at + 1))]);
  }
  return JSON.stringify(Object.fromEntries(query));
}

function parseValue(text: string): unknown {
  if (/^\d+$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text);
  if (text === "true" || text === "false") return text === "true";
  if (!text.startsWith('"')) return text;
  try {
    return JSON.parse(text);
  } catch {
    throw new InvalidArgumentError(`This text in quotes never ends: ${text}`);
  }
}
