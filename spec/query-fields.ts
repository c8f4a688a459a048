import { hexToBytes } from "@noble/hashes/utils.js";
import { AMOUNT_MAX, PAGE_ITEMS_MAX, PATH_HASHES_MAX } from "./limits.ts";
import type { Hex } from "./outputs.ts";
import { type JsonObject, toJsonName } from "./query-answers.ts";
import { invalidField, queryError } from "./query-errors.ts";

/** The fields of queries (spec §9): how each is read, and what a client gives for it. */

/** @typeParam Read What the engine reads. @typeParam Given What a client gives. */
export interface QueryField<Read = unknown, Given = unknown> {
  /** @throws QueryError where the value is not what the query takes. */
  readonly read: (value: unknown, name: string) => Read;
  readonly isOptional?: boolean;
  /** What the protocol's table says of it beside its name. */
  readonly note?: string;
  /** Seen by the compiler only. */
  readonly given?: Given;
}
export type QueryFields = Readonly<Record<string, QueryField>>;

/** What the engine reads of a query: a field is checked when it is looked at. */
export type Asked<F> = { readonly [P in keyof F]: F[P] extends QueryField<infer T> ? T : never } & {
  /** Whether a field is given, whatever it is. */
  has(name: keyof F): boolean;
  /** Which of two fields is given, if just one is. */
  either<Name extends keyof F & string>(one: Name, other: Name): Name;
};

/** What a client gives. */
export type Given<F> = {
  readonly [P in keyof F]?: (F[P] extends QueryField<unknown, infer T> ? T : never) | undefined;
};

export function readFields<F extends QueryFields>(fields: F, json: JsonObject): Asked<F> {
  const has = (name: string): boolean => json[toJsonName(name)] !== undefined;
  const either = (one: string, other: string): string => {
    if (has(one) !== has(other)) return has(one) ? one : other;
    const values = { field: one, other };
    throw queryError(INVALID, 'name one of "{field}" and "{other}"', values);
  };
  const asked: object = new Proxy(
    { has, either },
    {
      get(own: JsonObject, name: string) {
        const key = toJsonName(name);
        return Object.hasOwn(own, name) ? own[name] : fields[name]?.read(json[key], key);
      },
    },
  );
  return asked as Asked<F>;
}

const INVALID = "field_invalid";
type Read<T> = (value: unknown, name: string) => T;
const field = <T, Given = T>(read: Read<T>): QueryField<T, Given> => ({ read });

const readText: Read<string> = (value, name) => {
  if (typeof value !== "string") throw invalidField(name, "is missing or no string");
  return value;
};
/** A whole number from `least` on; -1 is the cursor in front of what counts from 0. */
const readCount =
  (least: number): Read<number> =>
  (value, name) => {
    if (typeof value === "number" && Number.isSafeInteger(value) && value >= least) return value;
    throw invalidField(name, "is missing or no whole number");
  };

export const text = field(readText);
export const count = field(readCount(0));
export const address = field<Uint8Array, Hex>((value, name) => {
  const digits = readText(value, name);
  if (/^0x[0-9a-fA-F]{40}$/.test(digits)) return hexToBytes(digits.slice(2));
  throw invalidField(name, "is no address: expected 0x and 40 hexadecimal digits");
});
/** Base units in decimal text, up to 256 bits. */
export const amount = field((value, name) => {
  const digits = readText(value, name);
  const read = /^(0|[1-9][0-9]{0,77})$/.test(digits) ? BigInt(digits) : undefined;
  if (read !== undefined && read <= AMOUNT_MAX) return read;
  throw invalidField(name, "is no amount: expected base units in decimal text");
});
/** `0x` and twice as many hexadecimal digits. */
export const bytes = (length: number) =>
  field<Uint8Array, Hex>((value, name) => {
    const digits = readText(value, name);
    if (digits.length === 2 + 2 * length && /^0x[0-9a-fA-F]*$/.test(digits)) {
      return hexToBytes(digits.slice(2));
    }
    const values = { field: name, digits: 2 * length };
    throw queryError(INVALID, '"{field}" is not 0x and {digits} hexadecimal digits', values);
  });
/** `0x` and the hexadecimal digits of any bytes. */
export const anyBytes = field<Uint8Array, Hex>((value, name) => {
  const digits = readText(value, name);
  const isWhole = digits.length % 2 === 0 && /^0x[0-9a-fA-F]*$/.test(digits);
  if (isWhole) return hexToBytes(digits.slice(2));
  throw invalidField(name, "is no bytes: expected 0x and pairs of hexadecimal digits");
});
/** Hashes: as many as a path of a range may have. */
export const path = field<readonly Uint8Array[], readonly Hex[]>((value, name) => {
  const hashes = Array.isArray(value) && value.length <= PATH_HASHES_MAX ? value : undefined;
  if (hashes !== undefined) return hashes.map((hash) => bytes(32).read(hash, name));
  const values = { field: name, max: PATH_HASHES_MAX };
  throw queryError(INVALID, '"{field}" is no list of at most {max} hashes', values);
});
/** One of a list of names. */
export const choice = <T extends string>(names: readonly T[]) =>
  field((value, name) => {
    const given = readText(value, name);
    const found = names.find((each) => each === given);
    if (found !== undefined) return found;
    throw queryError(INVALID, '"{field}" is one of {choices}', { field: name, choices: names });
  });

/** May be left out: then `fallback` is read. */
export function optional<T, Given>(of: QueryField<T, Given>): QueryField<T | undefined, Given>;
export function optional<T, Given, F>(
  of: QueryField<T, Given>,
  fallback: F,
): QueryField<T | F, Given>;
export function optional<T, Given, F>({ read, ...rest }: QueryField<T, Given>, fallback?: F) {
  const readIfGiven = (value: unknown, name: string) =>
    value === undefined ? fallback : read(value, name);
  return { ...rest, isOptional: true, read: readIfGiven };
}

/** A page size. */
export const limit = optional(
  field((value, name) => {
    const items = readCount(0)(value, name);
    if (items >= 1 && items <= PAGE_ITEMS_MAX) return items;
    throw queryError(INVALID, '"{field}" is 1 to {max}', { field: name, max: PAGE_ITEMS_MAX });
  }),
  PAGE_ITEMS_MAX,
);
/** The number of the last item that the page before had. */
export const after = optional(count, 0);
/** The same of what counts from 0. */
export const afterFromZero = {
  ...optional(field(readCount(-1)), -1),
  note: "−1 or absent: the first",
};
/** A cursor of several parts. */
export const cursor = <F extends QueryFields>(parts: F) => ({
  ...optional(
    field<Asked<F>, object>((value, name) => {
      if (typeof value === "object" && value !== null && !Array.isArray(value)) {
        return readFields(parts, value as JsonObject);
      }
      throw invalidField(name, "is missing or no object");
    }),
  ),
  note: "an object",
});
