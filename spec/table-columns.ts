/** The shapes that `tables.ts` and `settlement-tables.ts` are written in (spec §6.1). */

export type ColumnType = "INTEGER" | "TEXT" | "BLOB";
export type Cell = number | string | Uint8Array | null;

export interface TableColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly isNullable?: boolean;
}

export interface Table {
  readonly name: string;
  readonly columns: readonly TableColumn[];
  readonly key: readonly string[];
  /** Further unique or ordering indices: how the rows are found, not what they say. */
  readonly indices?: readonly { readonly columns: readonly string[]; readonly isUnique: boolean }[];
}

export const integer = (name: string): TableColumn => ({ name, type: "INTEGER" });
export const text = (name: string): TableColumn => ({ name, type: "TEXT" });
export const blob = (name: string): TableColumn => ({ name, type: "BLOB" });
export const nullableBlob = (name: string): TableColumn => ({
  name,
  type: "BLOB",
  isNullable: true,
});
export const nullableInteger = (name: string): TableColumn => ({
  name,
  type: "INTEGER",
  isNullable: true,
});
