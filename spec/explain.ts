import { bytesToHex } from "@noble/hashes/utils.js";

/** What a sentence may name; `null` is nobody, an empty list none. */
export type FaultValue =
  | number
  | bigint
  | string
  | boolean
  | Uint8Array
  | null
  | readonly FaultValue[];

/** The same in JSON: an amount is decimal text, bytes are `0x`-hexadecimal. */
export type JsonFault = number | string | boolean | null | readonly JsonFault[];

/** The names in the braces of a sentence. */
export type NamesIn<Sentence extends string> =
  Sentence extends `${string}{${infer Name}}${infer Rest}` ? Name | NamesIn<Rest> : never;

/** The values that a sentence needs: an object with its names, or nothing at all. */
export type ValuesFor<Sentence extends string> = [NamesIn<Sentence>] extends [never]
  ? []
  : [Readonly<Record<NamesIn<Sentence>, FaultValue>>];

/** A sentence for people, and for programs what it names. */
export interface Explanation {
  readonly detail: string;
  readonly values: Readonly<Record<string, JsonFault>>;
}

/**
 * Fills a sentence in. Of the values, only those that it names are given.
 *
 * @example
 * explain("batch {batchId} of {owner}", { batchId: 7, owner }); // values: { batchId: 7, owner: "0x…" }
 */
export const explain = <Sentence extends string>(
  sentence: Sentence,
  ...[values]: ValuesFor<Sentence>
): Explanation => fillIn(sentence, values ?? {});

/** The same for a sentence that is not known before it runs. */
export function fillIn(sentence: string, known: Readonly<Record<string, FaultValue>>): Explanation {
  const values: Record<string, JsonFault> = {};
  const detail = sentence.replace(BRACES, (braces, name: string) => {
    const value = known[name];
    if (value === undefined) return braces;
    values[name] = toJson(value);
    return show(values[name]);
  });
  return { detail, values };
}

/** The names in the braces of a sentence, in their order. */
export const listNames = (sentence: string): readonly string[] =>
  [...sentence.matchAll(BRACES)].map(([, name = ""]) => name);

const BRACES = /\{(\w+)\}/g;

function toJson(value: FaultValue): JsonFault {
  if (value instanceof Uint8Array) return `0x${bytesToHex(value)}`;
  if (typeof value === "bigint") return value.toString();
  return typeof value === "object" && value !== null ? value.map(toJson) : value;
}

const show = (value: JsonFault): string => {
  if (value === null) return "nobody";
  return typeof value === "object" ? value.map(show).join(", ") || "none" : String(value);
};
