import type { Hex } from "./outputs.ts";

/**
 * How a table of the state is declared (spec §6.1): a function from columns to the literal of its
 * rows. Run once, it tells which columns there are. Run for every row that is read, it builds the
 * row at the speed of a literal written by hand.
 */

export type ColumnType = "INTEGER" | "TEXT" | "BLOB";
export type Cell = number | string | Uint8Array | null;

/** Seen by the compiler only: a column's SQL name, its value in the engine and in the model. */
export interface ColumnValue<Sql extends string, Native, Model> {
  readonly sql: Sql;
  readonly native: Native;
  readonly model: Model;
}

/** Every kind of column. Amounts are 32-byte big-endian blobs, addresses 20 bytes. */
export interface Columns {
  /** Identifiers, counts, seconds. */
  integer<N extends string>(name: N): ColumnValue<N, number, number>;
  integerOrNull<N extends string>(name: N): ColumnValue<N, number | null, number | null>;
  /** Null in SQL, 0 in the engine. */
  integerOrZero<N extends string>(name: N): ColumnValue<N, number, number | null>;
  flag<N extends string>(name: N): ColumnValue<N, boolean, number>;
  text<N extends string>(name: N): ColumnValue<N, string, string>;
  oneOf<N extends string, const C extends readonly string[]>(
    name: N,
    choices: C,
  ): ColumnValue<N, C[number], string>;
  /** Texts without a comma, joined by commas. */
  words<N extends string>(name: N): ColumnValue<N, readonly string[], string>;
  /** Texts without a line break, one a line. */
  lines<N extends string>(name: N): ColumnValue<N, readonly string[], string>;
  amount<N extends string>(name: N): ColumnValue<N, bigint, bigint>;
  address<N extends string>(name: N): ColumnValue<N, Uint8Array, Hex>;
  addressOrNull<N extends string>(name: N): ColumnValue<N, Uint8Array | null, Hex | null>;
  /** Joined without anything between them. */
  addresses<N extends string>(name: N): ColumnValue<N, readonly Uint8Array[], Hex>;
  bytes<N extends string>(name: N, size: number): ColumnValue<N, Uint8Array, Hex>;
  bytesOrNull<N extends string>(
    name: N,
    size: number,
  ): ColumnValue<N, Uint8Array | null, Hex | null>;
  /** Null in SQL, no bytes in the engine. */
  bytesOrNone<N extends string>(name: N, size: number): ColumnValue<N, Uint8Array, Hex | null>;
  /** Bytes of any number. */
  blob<N extends string>(name: N): ColumnValue<N, Uint8Array, Hex>;
  blobOrNull<N extends string>(name: N): ColumnValue<N, Uint8Array | null, Hex | null>;
}
export type ColumnKind = keyof Columns;
export const listColumnKinds = (): readonly ColumnKind[] => Object.keys(FORMS) as ColumnKind[];

const INTEGER = { type: "INTEGER" } as const;
const TEXT = { type: "TEXT" } as const;
const BLOB = { type: "BLOB" } as const;
const NULLABLE = { isNullable: true } as const;
const FORMS: Readonly<Record<ColumnKind, Pick<TableColumn, "type" | "isNullable" | "size">>> = {
  integer: INTEGER,
  integerOrNull: { ...INTEGER, ...NULLABLE },
  integerOrZero: { ...INTEGER, ...NULLABLE },
  flag: INTEGER,
  text: TEXT,
  oneOf: TEXT,
  words: TEXT,
  lines: TEXT,
  amount: { ...BLOB, size: 32 },
  address: { ...BLOB, size: 20 },
  addressOrNull: { ...BLOB, ...NULLABLE, size: 20 },
  addresses: BLOB,
  bytes: BLOB,
  bytesOrNull: { ...BLOB, ...NULLABLE },
  bytesOrNone: { ...BLOB, ...NULLABLE },
  blob: BLOB,
  blobOrNull: { ...BLOB, ...NULLABLE },
};

export interface TableColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly isNullable?: boolean;
  /** The name in the engine's rows. */
  readonly property: string;
  readonly kind: ColumnKind;
  /** Never changes once its row is there. */
  readonly isFixed: boolean;
  /** Bytes of every value. */
  readonly size?: number;
  /** The only texts. */
  readonly choices?: readonly string[];
}

/** A table as SQL and the root see it: `key` and `indices` have the columns' SQL names. */
export interface Table {
  readonly name: string;
  readonly columns: readonly TableColumn[];
  readonly key: readonly string[];
  /** How the rows are found, not what they say. No two rows have the same values in an index. */
  readonly indices: readonly (readonly string[])[];
  /** The first identifier, where the key is one that is counted. */
  readonly firstId: number;
  /** Rows of another table that a row weighs for until they are there (spec §14.1). */
  readonly reserves?: Reserves;
}

/** `count` rows of another table, of which `used` are there: columns of the row that reserves. */
interface Reserves {
  readonly rowsOf: string;
  readonly count: string;
  readonly used: string;
}

type Fields = Readonly<Record<string, ColumnValue<string, unknown, unknown>>>;

export interface TypedTable<
  Name extends string = string,
  F extends Fields = Fields,
  Key extends readonly string[] = readonly string[],
  Indices extends readonly (readonly string[])[] = readonly (readonly string[])[],
> extends Table {
  readonly name: Name;
  /** The declaration. The values that `fixed` and `live` give are put where they belong. */
  readonly declare: (fixed: Columns, live: Columns) => F;
  /** For the compiler: key and indices by the names in the engine's rows. */
  readonly types?: { readonly key: Key; readonly indices: Indices };
}

/** A row as the engine sees it. */
export type RowOf<T> =
  T extends TypedTable<string, infer F>
    ? { readonly [Property in keyof F]: F[Property]["native"] }
    : never;

/** A row as the model sees it: SQL names, bytes in hexadecimal. */
export type ModelRowOf<T> =
  T extends TypedTable<string, infer F>
    ? { readonly [Property in keyof F as F[Property]["sql"]]: F[Property]["model"] }
    : never;

/** The values of the key, in its order. */
export type KeyOf<T> =
  T extends TypedTable<string, infer F, infer Key>
    ? { readonly [I in keyof Key]: F[Key[I]]["native"] }
    : never;

/** The values of a whole index, by name: at most one row has them. */
export type UniqueOf<T> =
  T extends TypedTable<string, infer F, readonly string[], infer Indices>
    ? ValuesOf<F, Indices[number]>
    : never;
type ValuesOf<F extends Fields, Index> = Index extends readonly string[]
  ? { readonly [Property in Index[number]]: F[Property]["native"] }
  : never;

/**
 * Declares a table. Columns of `fixed` never change once a row is there, columns of `live` may.
 *
 * @example
 * const NOTES = table("notes", (fixed, live) => ({
 *   noteId: fixed.integer("note_id"),
 *   amountWei: live.amount("amount"),
 * }), { key: ["noteId"] });
 */
export function table<
  Name extends string,
  F extends Fields,
  const Key extends readonly (keyof F & string)[],
  const Indices extends readonly (readonly (keyof F & string)[])[] = readonly [],
>(
  name: Name,
  declare: (fixed: Columns, live: Columns) => F,
  options: {
    readonly key: Key;
    readonly indices?: Indices;
    readonly firstId?: number;
    readonly reserves?: Reserves;
  },
): TypedTable<Name, F, Key, Indices> {
  const columns = listColumns(declare);
  const nameOf = (property: string): string =>
    columns.find((column) => column.property === property)!.name;
  const toSql = (properties: readonly string[]): readonly string[] => properties.map(nameOf);
  const { reserves } = options;
  return {
    name,
    columns,
    key: toSql(options.key),
    indices: (options.indices ?? []).map(toSql),
    firstId: options.firstId ?? 1,
    ...(reserves && {
      reserves: { ...reserves, count: nameOf(reserves.count), used: nameOf(reserves.used) },
    }),
    declare,
  };
}

/** The columns of a declaration, in its order. */
function listColumns(declare: (fixed: Columns, live: Columns) => Fields): readonly TableColumn[] {
  const described: unknown = declare(describeColumns(true), describeColumns(false));
  const byProperty = described as Readonly<Record<string, Omit<TableColumn, "property">>>;
  return Object.entries(byProperty).map(([property, column]) => ({ ...column, property }));
}

/** Columns that describe themselves. */
function describeColumns(isFixed: boolean): Columns {
  const describe = (kind: ColumnKind) => (name: string, detail?: number | readonly string[]) => ({
    ...{ name, kind, isFixed, ...FORMS[kind] },
    ...(typeof detail === "number" ? { size: detail } : {}),
    ...(typeof detail === "object" ? { choices: detail } : {}),
  });
  const entries = listColumnKinds().map((kind) => [kind, describe(kind)]);
  const described: unknown = Object.fromEntries(entries);
  return described as Columns;
}
