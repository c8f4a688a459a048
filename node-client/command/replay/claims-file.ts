import type { ClientError } from "../../errors.ts";
import { type Claim, GENESIS_INDEX } from "../../replay/replay-history.ts";
import { errorKind } from "../terminal/io.ts";

const FIELDS = ["input", "root", "outputsMerkleRoot"];
const HASH = /^0x[0-9a-fA-F]{64}$/;

/** A file of claims is wrong: nothing may be taken for checked that was not. */
const ClaimsError = errorKind("ClaimsError");

/**
 * Reads claims: a JSON array, or JSON lines, of {"input", "root"?, "outputsMerkleRoot"?}. Strict:
 * a misspelt field would be a claim that nobody checks. Input -1 is before the first: its root is the
 * genesis root.
 *
 * @param name The file's name, for messages.
 * @returns The claims, at least one, by rising input.
 * @throws ClaimsError that names the entry and the field.
 * @example
 * parseClaims('{"input":3,"root":"0x…"}\n', "claims.jsonl");
 */
export function parseClaims(text: string, name: string): Claim[] {
  const claims = readEntries(text, name).map(([place, entry]) =>
    parseClaim(entry, `${place} of ${name}`),
  );
  if (claims.length === 0) throw fail(`There is no claim in ${name}`);
  return claims.sort((a, b) => a.inputIndex - b.inputIndex);
}

function readEntries(text: string, name: string): (readonly [place: string, entry: unknown])[] {
  if (text.trimStart().startsWith("[")) {
    const list = parseJson(text, name) as unknown[];
    return list.map((entry, i) => [`entry ${i}`, entry]);
  }
  return text.split("\n").flatMap((line, i) => {
    const place = `line ${i + 1}`;
    return line.trim() === "" ? [] : [[place, parseJson(line, `${place} of ${name}`)] as const];
  });
}

function parseJson(text: string, place: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw fail(`The claims cannot be read: ${place} is not JSON`, cause);
  }
}

function parseClaim(entry: unknown, place: string): Claim {
  if (typeof entry !== "object" || entry === null || Array.isArray(entry)) {
    throw fail(`The claim in ${place} is not a JSON object`);
  }
  const fields = entry as Record<string, unknown>;
  const unknown = Object.keys(fields).find((field) => !FIELDS.includes(field));
  if (unknown !== undefined) {
    throw fail(`The claim in ${place} has an unknown field ${JSON.stringify(unknown)}`);
  }
  const { input, root, outputsMerkleRoot } = fields;
  if (typeof input !== "number" || !Number.isSafeInteger(input) || input < GENESIS_INDEX) {
    throw fail(`The claim in ${place} has no whole number "input"`);
  }
  if (input === GENESIS_INDEX && (root === undefined || outputsMerkleRoot !== undefined)) {
    throw fail(`The claim in ${place} is of the genesis, which has a "root" and no outputs`);
  }
  if (root === undefined && outputsMerkleRoot === undefined) {
    throw fail(`The claim in ${place} claims nothing`);
  }
  const hashes = Object.entries({ root, outputsMerkleRoot })
    .filter(([, value]) => value !== undefined)
    .map(([field, value]) => {
      if (typeof value === "string" && HASH.test(value)) return [field, value.toLowerCase()];
      throw fail(`The claim in ${place} has a "${field}" that is not 32 bytes in hexadecimal`);
    });
  return { inputIndex: input, ...Object.fromEntries(hashes) };
}

function fail(problem: string, cause?: unknown): ClientError {
  return new ClaimsError(`${problem}.`, {
    whatToDo: 'Write claims as {"input": n, "root": "0x…", "outputsMerkleRoot": "0x…"}.',
    cause,
  });
}
