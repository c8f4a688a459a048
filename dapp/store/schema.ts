import { TABLES, type Table, type TableColumn } from "../../spec/tables.ts";

/**
 * The SQL of the state, generated from spec/tables.ts: tables, indices, and the triggers that feed
 * every written row to the root (spec §6). A copy of the file opens in any SQLite tool for reading;
 * writing to it there fails, because only the engine has the functions that the triggers call.
 */

/** What a reader of the file may rely on, by column name: the same name means the same everywhere. */
const CHECKS: Readonly<Record<string, string>> = {
  account: "length(account) = 20",
  token: "length(token) = 20",
  owner: "length(owner) = 20",
  buyer: "length(buyer) = 20",
  deposited: "length(deposited) = 32",
  withdrawn: "length(withdrawn) = 32",
  in_balances: "length(in_balances) = 32",
  amount: "length(amount) = 32",
  encryption_key: "length(encryption_key) = 32",
  key_hash: "length(key_hash) = 32",
  last_batch_hash: "length(last_batch_hash) = 32",
  batch_hash: "length(batch_hash) = 32",
  previous_hash: "length(previous_hash) = 32",
  commitment: "length(commitment) = 32",
  salt: "length(salt) = 16",
  is_break: "is_break IN (0, 1)",
  is_revoked: "is_revoked IN (0, 1)",
  visibility: "visibility IN ('open', 'sealed')",
  kind: "kind IN ('integer', 'text')",
  in_channels: "length(in_channels) = 32",
  in_escrows: "length(in_escrows) = 32",
  threshold: "length(threshold) = 32",
  sender: "length(sender) = 20",
  signer: "length(signer) = 20",
  recipient: "length(recipient) = 20",
  payment_group: "length(payment_group) = 32",
  payment_address: "length(payment_address) = 20",
  value: "length(value) = 32",
  last_planned: "length(last_planned) = 32",
  last_actual: "length(last_actual) = 32",
  redeemed: "length(redeemed) = 32",
  last_cumulative: "length(last_cumulative) = 32",
  message_digest: "length(message_digest) = 32",
  payments: "payments IN ('mpe', 'eip712', 'both')",
  provider: "length(provider) = 20",
  price: "length(price) = 32",
  ceiling: "length(ceiling) = 32",
  mode: "mode IN ('pull', 'pubsub')",
  escrow_kind: "escrow_kind IN ('standard', 'intent')",
  status:
    "status IN ('offered', 'active', 'running', 'delivered', 'disputed', 'ending'," +
    " 'released', 'refunded', 'expired')",
  held: "length(held) = 32",
  fill_left: "length(fill_left) = 32",
  proof: "length(proof) = 32",
  escrow_id: "length(escrow_id) = 16",
  ect: "length(ect) = 32",
  arbiter: "length(arbiter) = 20",
  is_withdrawn: "is_withdrawn IN (0, 1)",
  auto_renew: "auto_renew IN (0, 1)",
};

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

/** The table of that name. Throws `RangeError` for a name that the state doesn't have. */
export function tableNamed(name: string): Table {
  const table = TABLES.find((candidate) => candidate.name === name);
  if (table === undefined) throw new RangeError(`no such table: ${name}`);
  return table;
}

/** The columns of a table as a select list, in the order of spec/tables.ts. */
export const columnList = (table: string): string =>
  tableNamed(table)
    .columns.map((column) => column.name)
    .join(", ");

/** An INSERT of a whole row, one placeholder a column in the order of spec/tables.ts. */
export const insertSql = (table: string): string =>
  `INSERT INTO ${table} (${columnList(table)})` +
  ` VALUES (${tableNamed(table)
    .columns.map(() => "?")
    .join(", ")})`;

/** A key of one integer is the rowid itself; every other table is stored by its key. */
function isRowidTable(table: Table): boolean {
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
  const check = CHECKS[column.name];
  if (check !== undefined) parts.push(`CHECK (${check})`);
  return parts.join(" ");
}

function createIndexSql(table: Table, schema: string): string[] {
  return (table.indices ?? []).map(({ columns, isUnique }) => {
    const name = `${table.name}_by_${columns.join("_")}`;
    const kind = isUnique ? "UNIQUE INDEX" : "INDEX";
    return `CREATE ${kind} ${schema}.${name} ON ${table.name} (${columns.join(", ")})`;
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
