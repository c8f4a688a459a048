import type { Table, TableColumn } from "../../spec/tables.ts";

/**
 * The SQL of the state, generated from spec/tables.ts: tables, indices, and the triggers that feed
 * every written row to the root (spec §6). A copy of the file opens in any SQLite tool for reading;
 * writing to it there fails, because only the engine has the functions that the triggers call.
 */

/** The SQL functions that a table's triggers call with the whole row, in column order. */
export const addFunctionName = (table: string): string => `root_add_${table}`;
export const removeFunctionName = (table: string): string => `root_remove_${table}`;

/**
 * Every statement that creates an empty state, in order. `schema` is the attached database they
 * create it in; SQLite stores the same text for every `schema`.
 *
 * @example
 * for (const sql of createStateSql(TABLES, "main")) database.run(sql);
 */
export function createStateSql(tables: readonly Table[], schema: string): readonly string[] {
  return tables.flatMap((table) => [
    createTableSql(table, schema),
    ...createIndexSql(table, schema),
    ...createTriggerSql(table, schema),
  ]);
}

/** A key of one integer is the rowid itself; every other table is stored by its key. */
export function isRowidTable(table: Table): boolean {
  const key = table.columns.find((column) => column.name === table.key[0]);
  return table.key.length === 1 && key?.type === "INTEGER";
}

function createTableSql(table: Table, schema: string): string {
  const isRowid = isRowidTable(table);
  const lines = table.columns.map((column) => `  ${columnSql(column, isRowid && isKey(column))}`);
  if (!isRowid) lines.push(`  PRIMARY KEY (${table.key.join(", ")})`);
  const options = isRowid ? "STRICT" : "STRICT, WITHOUT ROWID";
  return `CREATE TABLE ${schema}.${table.name} (\n${lines.join(",\n")}\n) ${options}`;

  function isKey(column: TableColumn): boolean {
    return column.name === table.key[0];
  }
}

function columnSql(column: TableColumn, isRowid: boolean): string {
  const parts = [column.name, column.type];
  if (isRowid) parts.push("PRIMARY KEY");
  else if (column.isNullable !== true) parts.push("NOT NULL");
  const check = checkSql(column);
  if (check !== undefined) parts.push(`CHECK (${check})`);
  return parts.join(" ");
}

/** What a reader of the file may rely on. */
function checkSql({ name, kind, size, choices }: TableColumn): string | undefined {
  if (size !== undefined) return `length(${name}) = ${size}`;
  if (kind === "flag") return `${name} IN (0, 1)`;
  if (choices === undefined) return undefined;
  return `${name} IN (${choices.map((choice) => `'${choice}'`).join(", ")})`;
}

function createIndexSql(table: Table, schema: string): string[] {
  return table.indices.map((columns) => {
    const name = `${table.name}_by_${columns.join("_")}`;
    return `CREATE UNIQUE INDEX ${schema}.${name} ON ${table.name} (${columns.join(", ")})`;
  });
}

function createTriggerSql(table: Table, schema: string): string[] {
  const call = (name: string, row: "NEW" | "OLD"): string =>
    `${name}(${table.columns.map((column) => `${row}.${column.name}`).join(", ")})`;
  const add = call(addFunctionName(table.name), "NEW");
  const remove = call(removeFunctionName(table.name), "OLD");
  const trigger = (event: string, calls: string): string =>
    `CREATE TRIGGER ${schema}.${table.name}_after_${event.toLowerCase()}` +
    ` AFTER ${event} ON ${table.name} BEGIN\n  SELECT ${calls};\nEND`;
  return [
    trigger("INSERT", add),
    trigger("UPDATE", `${remove}, ${add}`),
    trigger("DELETE", remove),
  ];
}
