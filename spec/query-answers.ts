import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import type { Hex } from "./outputs.ts";
import type { ColumnKind, Table, TypedTable } from "./table-columns.ts";

/**
 * The members of answers (spec §9): what the engine has, how JSON says it, what a client makes of
 * it. An answer is an object of them, in the order of its JSON.
 */

/** @typeParam Row In the engine. @typeParam Info To the callers of a client. */
export interface Member<Row = never, Info = unknown, Source extends string = string> {
  /** The engine's name for it, where a client's is another. */
  readonly source?: Source;
  /** Where it is, if not on both sides. */
  readonly only?: "wire" | "client";
  /** The members of a struct, or of the structs in a list. */
  readonly parts?: Members;
  /** Undefined is left out. */
  readonly write: (value: Row) => unknown;
  readonly read: (json: unknown, answer: JsonObject) => Info;
}
export type JsonObject = Readonly<Record<string, unknown>>;
export type Members = Readonly<Record<string, Member>>;

/** What the engine gives to be written. */
export type RowOfAnswer<A> = {
  readonly [P in keyof A as A[P] extends Member<infer Row, unknown, infer Source>
    ? [Row] extends [undefined]
      ? never
      : string extends Source
        ? P
        : Source
    : never]: A[P] extends Member<infer Row> ? Row : never;
};

/** What a client gives its callers. */
export type InfoOfAnswer<A> = {
  readonly [P in keyof A as A[P] extends Member<never, infer Info>
    ? [Info] extends [never]
      ? never
      : P
    : never]: A[P] extends Member<never, infer Info> ? Info : never;
};

const JSON_NAMES = new Map<string, string>();
/** JSON's name: in snake case and without a unit. `expiresAtSec` is `expires_at`. */
export function toJsonName(name: string): string {
  let known = JSON_NAMES.get(name);
  if (known !== undefined) return known;
  known = name.replace(/Sec$/, "").replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  // Only names that are declared come here: there are few.
  JSON_NAMES.set(name, known);
  return known;
}

export function writeAnswer<A extends Members>(answer: A, row: RowOfAnswer<A>): JsonObject {
  const values: JsonObject = row;
  const json: Record<string, unknown> = {};
  for (const [name, { source = name, only, write }] of Object.entries(answer)) {
    if (only !== "client") json[toJsonName(source)] = write(values[source] as never);
  }
  return json;
}

/** @param json As a node gives it: what a member cannot be read from throws. */
export function readAnswer<A extends Members>(answer: A, json: JsonObject): InfoOfAnswer<A> {
  const info: Record<string, unknown> = {};
  for (const [name, { source = name, only, read }] of Object.entries(answer)) {
    if (only !== "wire") info[name] = read(json[toJsonName(source)], json);
  }
  return info as InfoOfAnswer<A>;
}

/** A value that JSON has as it is. */
export const plain = <Row, Info = Row>(): Member<Row, Info> => ({
  write: (value) => value,
  read: (json) => json as Info,
});
export const count = plain<number>();
export const flag = plain<boolean>();
export const text = plain<string>();
/** Base units: decimal text in JSON. */
export const amount: Member<bigint, bigint> = {
  write: (value) => value.toString(),
  read: (json) => BigInt(json as string),
};
/** Bytes that callers get as hexadecimal. */
export const hex: Member<Uint8Array, Hex> = {
  write: (value) => `0x${bytesToHex(value)}`,
  read: (json) => json as Hex,
};
export const bytes: Member<Uint8Array, Uint8Array> = {
  write: hex.write,
  read: (json) => hexToBytes((json as string).slice(2)),
};

/** Perhaps null, which stays null. */
export const orNull = <Row, Info>({ write, read, parts }: Member<Row, Info>) =>
  ({
    ...(parts && { parts }),
    write: (value) => (value === null ? null : write(value)),
    read: (json, answer) => (json === null ? null : read(json, answer)),
  }) satisfies Member<Row | null, Info | null>;
/** Null in JSON, undefined to callers. */
export const orNone = <Row, Info>(
  member: Member<Row, Info>,
): Member<Row | null, Info | undefined> => ({
  write: orNull(member).write,
  read: (json, answer) => (json == null ? undefined : member.read(json, answer)),
});
/** Left out where the engine does not say it. */
export const optional = <Row, Info>({ write, read }: Member<Row, Info>) =>
  ({
    write: (value) => (value === undefined ? undefined : write(value)),
    read: (json, answer) => (json === undefined ? undefined : read(json, answer)),
  }) satisfies Member<Row | undefined, Info | undefined>;
/** Callers do not get it. */
export const wireOnly = <Row>({ write }: Member<Row>): Member<Row, never> => ({
  only: "wire",
  write,
  read: () => undefined as never,
});
/** What a client makes of other members. */
export const onlyHere = <Info>(read: (answer: JsonObject) => Info): Member<undefined, Info> => ({
  only: "client",
  write: () => undefined,
  read: (_, answer) => read(answer),
});
/** Known by another name in the engine and in JSON, and to callers as what `convert` makes of it. */
export const converted = <Row, Info, To, Source extends string>(
  source: Source,
  { write, read }: Member<Row, Info>,
  convert: (info: Info) => To,
): Member<Row, To, Source> => ({ source, write, read: (json, of) => convert(read(json, of)) });
export const renamed = <Row, Info, Source extends string>(
  source: Source,
  member: Member<Row, Info>,
): Member<Row, Info, Source> => ({ ...member, source });

export const list = <Row, Info>(
  item: Member<Row, Info>,
): Member<readonly Row[], readonly Info[]> => ({
  ...(item.parts && { parts: item.parts }),
  write: (rows) => rows.map((row) => item.write(row)),
  read: (json, answer) => (json as readonly unknown[]).map((each) => item.read(each, answer)),
});
export const struct = <A extends Members>(answer: A): Member<RowOfAnswer<A>, InfoOfAnswer<A>> => ({
  parts: answer,
  write: (row) => writeAnswer(answer, row),
  read: (json) => readAnswer(answer, json as JsonObject),
});

type Shown<Native> = Native extends Uint8Array
  ? Hex
  : Native extends null
    ? undefined
    : Native extends readonly Uint8Array[]
      ? readonly Hex[]
      : Native;
type MembersOf<T, Without> =
  T extends TypedTable<string, infer F>
    ? {
        readonly [P in keyof F as Exclude<P, Without>]: Member<
          F[P]["native"],
          Shown<F[P]["native"]> | (null extends F[P]["model"] ? undefined : never)
        >;
      }
    : never;

const COLUMNS: Readonly<Record<ColumnKind, Member>> = {
  integer: count,
  integerOrNull: orNone(count),
  integerOrZero: { write: (value: number) => value || null, read: orNone(count).read },
  flag,
  text,
  oneOf: text,
  words: plain(),
  lines: plain(),
  amount,
  address: hex,
  addressOrNull: orNone(hex),
  addresses: list(hex),
  bytes: hex,
  bytesOrNull: orNone(hex),
  bytesOrNone: {
    write: (value: Uint8Array) => (value.length === 0 ? null : hex.write(value)),
    read: orNone(hex).read,
  },
  blob: hex,
  blobOrNull: orNone(hex),
};

/** The columns of a table but some as members, by the names in the engine's rows. */
export function membersOf<T extends Table, Without extends string = never>(
  { columns }: T,
  ...without: readonly Without[]
): MembersOf<T, Without> {
  const left: readonly string[] = without;
  const members: unknown = Object.fromEntries(
    columns
      .filter(({ property }) => !left.includes(property))
      .map(({ property, kind }) => [property, COLUMNS[kind]]),
  );
  return members as MembersOf<T, Without>;
}
