import type { Table, TableColumn } from "../../spec/tables.ts";

/** The SQL that reads and writes rows of any table, a placeholder a cell. */

type Named = Pick<TableColumn, "name">;

/** The columns of a table as a select list, in the order of its declaration. */
export const columnList = (table: Table): string => nameAll(table.columns, ", ");

export const selectSql = (table: Table, where: readonly Named[], columns = columnList(table)) =>
  `SELECT ${columns} FROM ${table.name} WHERE ${nameAll(where, " AND ", " = ?")}`;

/** An INSERT of a whole row. */
export const insertSql = (table: Table): string =>
  `INSERT INTO ${table.name} (${columnList(table)})` +
  ` VALUES (${table.columns.map(() => "?").join(", ")})`;

/** An INSERT, or an UPDATE of what is live; never a REPLACE. */
export const upsertSql = (table: Table): string => {
  const live = table.columns.filter((column) => !column.isFixed);
  const set = live.map(({ name }) => `${name} = excluded.${name}`).join(", ");
  return `${insertSql(table)} ON CONFLICT (${table.key.join(", ")}) DO UPDATE SET ${set}`;
};

export const updateSql = (table: Table, set: readonly Named[]): string =>
  `UPDATE ${table.name} SET ${nameAll(set, ", ", " = ?")} WHERE ${keyIs(table)}`;

export const removeSql = (table: Table): string =>
  `DELETE FROM ${table.name} WHERE ${keyIs(table)}`;

const keyIs = ({ key }: Table): string => key.map((name) => `${name} = ?`).join(" AND ");

const nameAll = (columns: readonly Named[], separator: string, suffix = ""): string =>
  columns.map(({ name }) => name + suffix).join(separator);
