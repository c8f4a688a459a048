import { hexToBytes } from "@noble/hashes/utils.js";

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

  address(name: string): Uint8Array {
    const value = this.text(name);
    if (!/^0x[0-9a-fA-F]{40}$/.test(value)) {
      throw new QueryError(`"${name}" is no address: expected 0x and 40 hexadecimal digits`);
    }
    return hexToBytes(value.slice(2));
  }

  count(name: string, fallback?: number): number {
    const value = this.#fields[name];
    if (value === undefined && fallback !== undefined) return fallback;
    if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) {
      throw new QueryError(`"${name}" is missing or no whole number`);
    }
    return value;
  }

  /** A page size: 1 to `max`. */
  limit(max: number): number {
    const value = this.count("limit", max);
    if (value < 1 || value > max) throw new QueryError(`"limit" is 1 to ${max}`);
    return value;
  }
}
