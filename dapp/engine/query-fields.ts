import { hexToBytes } from "@noble/hashes/utils.js";
import { type Explanation, explain, type ValuesFor } from "../../spec/explain.ts";
import { AMOUNT_MAX } from "../../spec/limits.ts";
import type { QueryErrorName } from "../../spec/query-errors.ts";
import type { EngineParts } from "./operation-context.ts";

export type Answer = Readonly<Record<string, unknown>>;
export type Query = (parts: EngineParts, fields: QueryFields) => Answer;
/** The queries of a subject by their names. */
export type Queries = Readonly<Record<string, Query>>;

/** A query that cannot be answered: the asker's fault, told in the answer (spec §9). */
export class QueryError extends Error {
  override readonly name = "QueryError";
  readonly reason: QueryErrorName;
  readonly values: Explanation["values"];

  constructor(reason: QueryErrorName, { detail, values }: Explanation) {
    super(detail);
    this.reason = reason;
    this.values = values;
  }
}

/** @param sentence For people; what stands in braces is a field of the answer, too. */
export const queryError = <Sentence extends string>(
  reason: QueryErrorName,
  sentence: Sentence,
  ...values: ValuesFor<Sentence>
): QueryError => new QueryError(reason, explain(sentence, ...values));

/** Reads the fields of a query's JSON object; whatever is wrong becomes a `QueryError`. */
export class QueryFields {
  readonly #fields: Readonly<Record<string, unknown>>;

  constructor(fields: Readonly<Record<string, unknown>>) {
    this.#fields = fields;
  }

  has(name: string): boolean {
    return this.#fields[name] !== undefined;
  }

  text(name: string): string {
    const value = this.#fields[name];
    if (typeof value !== "string") throw invalid(name, "is missing or no string");
    return value;
  }

  /** `0x` and twice as many hexadecimal digits. */
  bytes(name: string, length: number): Uint8Array {
    const value = this.text(name);
    if (value.length !== 2 + 2 * length || !/^0x[0-9a-fA-F]*$/.test(value)) {
      const values = { field: name, digits: 2 * length };
      throw queryError(INVALID, '"{field}" is not 0x and {digits} hexadecimal digits', values);
    }
    return hexToBytes(value.slice(2));
  }

  address(name: string): Uint8Array {
    const value = this.text(name);
    if (!/^0x[0-9a-fA-F]{40}$/.test(value)) {
      throw invalid(name, "is no address: expected 0x and 40 hexadecimal digits");
    }
    return hexToBytes(value.slice(2));
  }

  /** A whole number from `least` on; -1 is the cursor in front of what counts from 0. */
  count(name: string, fallback?: number, least = 0): number {
    const value = this.#fields[name];
    if (value === undefined && fallback !== undefined) return fallback;
    if (typeof value !== "number" || !Number.isSafeInteger(value) || value < least) {
      throw invalid(name, "is missing or no whole number");
    }
    return value;
  }

  /** Base units in decimal text, up to 256 bits. */
  amount(name: string): bigint {
    const value = this.text(name);
    const amount = /^(0|[1-9][0-9]{0,77})$/.test(value) ? BigInt(value) : undefined;
    if (amount === undefined || amount > AMOUNT_MAX) {
      throw invalid(name, "is no amount: expected base units in decimal text");
    }
    return amount;
  }

  /** One of a list of names. */
  choice<T extends string>(name: string, names: readonly T[]): T {
    const value = this.text(name);
    const choice = names.find((each) => each === value);
    if (choice !== undefined) return choice;
    throw queryError(INVALID, '"{field}" is one of {choices}', { field: name, choices: names });
  }

  /** Which of two fields is given, if just one is. */
  either<One extends string, Other extends string>(one: One, other: Other): One | Other {
    if (this.has(one) !== this.has(other)) return this.has(one) ? one : other;
    throw queryError(INVALID, 'name one of "{field}" and "{other}"', { field: one, other });
  }

  /** An object's own fields: a cursor of several parts. */
  object(name: string): QueryFields {
    const value = this.#fields[name];
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw invalid(name, "is missing or no object");
    }
    return new QueryFields(value as Record<string, unknown>);
  }

  /** A page size: 1 to `max`. */
  limit(max: number): number {
    const value = this.count("limit", max);
    if (value >= 1 && value <= max) return value;
    throw queryError(INVALID, '"{field}" is 1 to {max}', { field: "limit", max });
  }
}

const INVALID = "field_invalid";

/** A field that is not what the query reads. */
export const invalid = (field: string, problem: string): QueryError =>
  queryError(INVALID, `"{field}" ${problem}` as const, { field });
