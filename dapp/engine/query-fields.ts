import { hexToBytes } from "@noble/hashes/utils.js";
import { AMOUNT_MAX } from "../../spec/limits.ts";

/** A query that cannot be answered: the asker's fault, told in the answer (spec §9). */
export class QueryError extends Error {
  override readonly name = "QueryError";
}

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
    if (typeof value !== "string") throw new QueryError(`"${name}" is missing or no string`);
    return value;
  }

  /** `0x` and twice as many hexadecimal digits. */
  bytes(name: string, length: number): Uint8Array {
    const value = this.text(name);
    if (value.length !== 2 + 2 * length || !/^0x[0-9a-fA-F]*$/.test(value)) {
      throw new QueryError(`"${name}" is not 0x and ${2 * length} hexadecimal digits`);
    }
    return hexToBytes(value.slice(2));
  }

  address(name: string): Uint8Array {
    const value = this.text(name);
    if (!/^0x[0-9a-fA-F]{40}$/.test(value)) {
      throw new QueryError(`"${name}" is no address: expected 0x and 40 hexadecimal digits`);
    }
    return hexToBytes(value.slice(2));
  }

  /** A whole number from `least` on; -1 is the cursor in front of what counts from 0. */
  count(name: string, fallback?: number, least = 0): number {
    const value = this.#fields[name];
    if (value === undefined && fallback !== undefined) return fallback;
    if (typeof value !== "number" || !Number.isSafeInteger(value) || value < least) {
      throw new QueryError(`"${name}" is missing or no whole number`);
    }
    return value;
  }

  /** Base units in decimal text, up to 256 bits. */
  amount(name: string): bigint {
    const value = this.text(name);
    const amount = /^(0|[1-9][0-9]{0,77})$/.test(value) ? BigInt(value) : undefined;
    if (amount === undefined || amount > AMOUNT_MAX) {
      throw new QueryError(`"${name}" is no amount: expected base units in decimal text`);
    }
    return amount;
  }

  /** One of a list of names. */
  choice<T extends string>(name: string, names: readonly T[]): T {
    const value = this.text(name);
    const choice = names.find((each) => each === value);
    if (choice === undefined) throw new QueryError(`"${name}" is one of ${names.join(", ")}`);
    return choice;
  }

  /** An object's own fields: a cursor of several parts. */
  object(name: string): QueryFields {
    const value = this.#fields[name];
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new QueryError(`"${name}" is missing or no object`);
    }
    return new QueryFields(value as Record<string, unknown>);
  }

  /** A page size: 1 to `max`. */
  limit(max: number): number {
    const value = this.count("limit", max);
    if (value < 1 || value > max) throw new QueryError(`"limit" is 1 to ${max}`);
    return value;
  }
}
