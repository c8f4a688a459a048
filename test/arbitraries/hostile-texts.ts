import { mutateBytes } from "./hostile-bytes.ts";
import type { SeededRng } from "./seeded-rng.ts";

/** Texts and JSON that others made, with something done to them: for files, lines and answers. */

/** What a hostile author puts into a field: empty, huge, of another type, made for a terminal. */
const VALUES: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e21,
  2 ** 53,
  "",
  " ",
  "0x",
  "0x0",
  `0x${"0".repeat(64)}`,
  `0x${"f".repeat(64)}`,
  "-1",
  "1e3",
  "NaN",
  "__proto__",
  "\u001b[2J\u001b]0;title\u0007",
  "\u009b31m",
  "\u202e\u2066reversed",
  "line\nline\r\nline",
  "\ud800",
  "x".repeat(70_000),
  [],
  {},
  [[[[[[[[]]]]]]]],
  { toString: 1, __proto__: null, length: 1 },
];

/**
 * A JSON value with one to three of its parts replaced, removed, doubled or moved. The value given
 * stays as it is.
 */
export function mutateJson(value: unknown, rng: SeededRng): unknown {
  let result = structuredClone(value);
  for (let i = rng.between(1, 3); i > 0; i--) result = mutatePart(result, rng);
  return result;
}

const without = <T>(list: readonly T[], at: number): T[] => list.filter((_, i) => i !== at);
const replaced = <T>(list: readonly T[], at: number, item: T): T[] =>
  list.map((old, i) => (i === at ? item : old));

function mutatePart(value: unknown, rng: SeededRng): unknown {
  if (Array.isArray(value) && value.length > 0 && !rng.chance(4)) {
    const at = rng.below(value.length);
    const item = value[at];
    switch (rng.below(4)) {
      case 0:
        return without(value, at);
      case 1:
        return [...value.slice(0, at), item, ...value.slice(at)];
      default:
        return replaced(value, at, mutatePart(item, rng));
    }
  }
  if (typeof value === "object" && value !== null && !rng.chance(6)) {
    const entries = Object.entries(value);
    if (entries.length > 0) {
      const at = rng.below(entries.length);
      const [name, part] = entries[at]!;
      switch (rng.below(6)) {
        case 0:
          return Object.fromEntries(without(entries, at));
        case 1:
          return Object.fromEntries(replaced(entries, at, [name, rng.pick(entries)[1]]));
        case 2:
          return Object.fromEntries([...entries, [name.toUpperCase(), part]]);
        default:
          return Object.fromEntries(replaced(entries, at, [name, mutatePart(part, rng)]));
      }
    }
  }
  if (typeof value === "string" && value.length > 0 && rng.chance(2)) {
    return mutateText(value, rng);
  }
  if (typeof value === "number" && rng.chance(2)) return value + rng.between(-2, 2);
  return rng.pick(VALUES);
}

/** Not every object has a text of its own. */
const toText = (value: unknown): string =>
  typeof value === "object" ? JSON.stringify(value) : String(value);

/** A text with something done to its characters, its UTF-8 bytes or its lines. */
export function mutateText(text: string, rng: SeededRng): string {
  const at = rng.below(text.length + 1);
  switch (rng.below(7)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return text.slice(0, at) + toText(rng.pick(VALUES)) + text.slice(at);
    case 2:
      return text.slice(0, at) + text.slice(rng.below(text.length + 1));
    case 3: {
      const lines = text.split("\n");
      return replaced(lines, rng.below(lines.length), rng.pick(lines)).join("\n");
    }
    case 4: {
      const lines = text.split("\n");
      return without(lines, rng.below(lines.length)).join("\n");
    }
    case 5: {
      const other = String.fromCharCode(rng.between(32, 126));
      return text.slice(0, at) + other + text.slice(at + 1);
    }
    default:
      return new TextDecoder().decode(mutateBytes(new TextEncoder().encode(text), rng));
  }
}
