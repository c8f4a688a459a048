/** Which columns say whose reading a row is, and when it was: by options, else by names and cells. */

import { adviseSkipping, DataFileError, formatHeader, showWord } from "./data-file-error.ts";
import { type DataTable, findColumn, refuseHeader } from "./data-table.ts";
import { findTimeColumns, type TableStart, type TimeColumns } from "./find-time-columns.ts";
import { refuseArray } from "./json-table.ts";
import type { Note } from "./notes.ts";
import type { ReadOptions } from "./read-options.ts";
import type { TimeFormat } from "./time-format.ts";

/** What the columns of a table are for; all others may be metrics. */
export interface ColumnRoles {
  /** -1 where all rows are of one device. */
  readonly device: number;
  readonly deviceName: string | undefined;
  readonly times: TimeColumns;
  /** The column that gives the unit of a row's value; -1 for none. */
  readonly unit: number;
  /** What a device measures is its own. */
  readonly isLong: boolean;
  /** The columns that may be metrics where options or the format say so. */
  readonly values: readonly number[] | undefined;
  readonly notes: readonly Note[];
}

/** Names of the column that tells devices apart, the surest first; letters and digits only. */
const DEVICE_NAMES = [
  ...["deviceid", "device", "sensorid", "sensor", "stationid", "station", "devicename", "nodeid"],
  ...["node", "deveui", "entityid", "statisticid", "meterid", "meter", "vehicleid", "vehicle"],
  ...["vin", "thingid", "thing", "assetid", "asset"],
];
/** It may as well count the rows. */
const WEAK_NAME = "id";
const ENTITY_NAMES = ["entityid", "statisticid"];
const STATE_NAMES = ["state", "value", "mean", "sum"];
const UNIT_NAMES = ["unit", "unitofmeasurement"];
/** So many rows that are all of different devices say that the column counts them. */
const DISTINCT_ROWS_MIN = 10;
/** So many rows a device has at least where its name may be a number of the row. */
const DEVICE_ROWS_MIN = 2;
const DECIMAL = /^[+-]?\d+(?:[.,]\d+)?$/;

/** A name as it is compared: the last part of a path, its letters and digits, in lower case. */
function normalizeName(table: DataTable, name: string): string {
  const last = table.facts.format === "ndjson" ? name.slice(name.lastIndexOf(".") + 1) : name;
  return last.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
}

/**
 * Finds the roles of the columns on the first rows of a table.
 *
 * @throws DataFileError where there is no device or time, with the options that name one.
 */
export function findRoles(
  table: DataTable,
  sample: readonly (readonly string[])[],
  options: ReadOptions,
  format: TimeFormat | undefined,
): ColumnRoles {
  const names = table.header.map((name) => normalizeName(table, name));
  const start = { table, names, sample, options };
  requireOneDeviceOption(start);
  const notes: Note[] = [];
  const long = options.long?.map((name) =>
    findColumn(table, name, "--long", "There is no column % of the long form."),
  );
  const header = formatHeader(table.header);
  if (long !== undefined && new Set(long).size < 2) {
    const whatToDo = `Name the entity's and the value's with --long ENTITY,VALUE: ${header}.`;
    throw refuseHeader(table, "The long form has two columns at least.", whatToDo);
  }
  if (options.timeColumns !== undefined && options.timeColumns.length > 2) {
    const whatToDo = `Name one with --time, or those of the date and of the clock: ${header}.`;
    throw refuseHeader(table, "A time stands in two columns at most.", whatToDo);
  }
  const device = findDevice(start, long);
  const times =
    table.known === undefined || options.timeColumns !== undefined
      ? findTimeColumns(start, format)
      : { indices: [table.known.time], others: [] };
  if (device !== -1 && times.indices.includes(device)) {
    const problem = "The column cannot hold both the device's name and the time.";
    const whatToDo = `Name two columns with --device-column and --time: ${header}.`;
    throw refuseHeader(table, problem, whatToDo, table.header[device]);
  }
  const isEntities =
    device !== -1 &&
    ENTITY_NAMES.includes(names[device] ?? "") &&
    names.some((name) => STATE_NAMES.includes(name));
  const isLong = long !== undefined || table.isLong || isEntities;
  if (isEntities && !table.isLong && long === undefined) {
    const text = "Long form: each entity is a device of its own, with its own kind of values.";
    notes.push({ kind: "long_form", text, column: table.header[device] });
  }
  return {
    ...{ device, times, isLong, notes },
    deviceName: options.device,
    unit: isLong ? names.findIndex((name) => UNIT_NAMES.includes(name)) : -1,
    values: long?.slice(1),
  };
}

/** Two options that each say whose a row is would leave one of them without effect. */
function requireOneDeviceOption({ table, names, sample, options }: TableStart): void {
  const { device, deviceColumn, long } = options;
  const { file, header, known } = table;
  const given = [
    ...(device === undefined ? [] : ["--device"]),
    ...(deviceColumn === undefined ? [] : ["--device-column"]),
    ...(long === undefined || long[0] === deviceColumn ? [] : ["--long"]),
  ];
  if (given.length > 1) {
    const both = given.join(" and ");
    throw new DataFileError({ file }, `${both} both say which device a row is of.`, {
      whatToDo: `Give one of ${both}.`,
    });
  }
  if (device === undefined) return;
  const entity = names.findIndex((name) => ENTITY_NAMES.includes(name));
  const isLong = entity !== -1 && names.some((name) => STATE_NAMES.includes(name));
  const isNamed = sample.some((row) => (row[known?.device ?? -1] ?? "").trim() !== "");
  if (!isLong && !isNamed) return;
  const problem = "The column tells devices apart, and --device would make one of them all.";
  const whatToDo = "Leave out --device: each gets its own stream.";
  throw refuseHeader(table, problem, whatToDo, header[isLong ? entity : (known?.device ?? 0)]);
}

function findDevice(
  { table, names, sample, options }: TableStart,
  long: readonly number[] | undefined,
): number {
  if (options.deviceColumn !== undefined) {
    const what = "There is no device column named %.";
    return findColumn(table, options.deviceColumn, "--device-column", what);
  }
  // Rows of a format that tells devices apart may still name none, and this one then is theirs.
  if (table.known !== undefined && options.device !== undefined) return table.known.device;
  if (options.device !== undefined) return -1;
  if (long !== undefined) return long[0] ?? -1;
  if (table.known !== undefined) return table.known.device;
  const inArray = (index: number): boolean => table.arrayOf?.(index) !== undefined;
  const find = (name: string): number =>
    names.findIndex((other, index) => other === name && !inArray(index));
  const named = DEVICE_NAMES.map(find).filter((index) => index !== -1);
  const found = named.find((index) => !isMeasured(sample, index));
  if (found !== undefined) return found;
  const weak = find(WEAK_NAME);
  const isCounter = weak !== -1 && countsRows(sample, weak);
  if (weak !== -1 && !isCounter) return weak;
  const inner = names.findIndex(
    (name, index) => inArray(index) && (name === WEAK_NAME || DEVICE_NAMES.includes(name)),
  );
  const array = inner === -1 ? undefined : table.arrayOf?.(inner);
  if (array !== undefined) throw refuseArray(table.file, 1, array);
  const [measured] = named;
  if (measured !== undefined) throw refuseNoDevice(table, measured, "holds decimals");
  if (!isCounter) throw refuseNoDevice(table, -1);
  const isEvery = new Set(sample.map((row) => row[weak])).size === sample.length;
  throw refuseNoDevice(table, weak, `is new in ${isEvery ? "every row" : "most rows"}`);
}

/** Whether a column holds decimals: what a meter shows, not which one it is. */
function isMeasured(sample: readonly (readonly string[])[], index: number): boolean {
  const cells = sample.map((row) => (row[index] ?? "").trim()).filter((cell) => cell !== "");
  return cells.some((cell) => /[.,]/.test(cell)) && cells.every((cell) => DECIMAL.test(cell));
}

/** Whether a column counts rows, or names them, but no devices: it is new in most of them. */
function countsRows(sample: readonly (readonly string[])[], index: number): boolean {
  const cells = sample.map((row) => row[index] ?? "");
  const { size } = new Set(cells);
  const isMany = cells.length >= DISTINCT_ROWS_MIN;
  if (!cells.every((cell) => /^\d+$/.test(cell))) return isMany && size === cells.length;
  return isMany ? size * DEVICE_ROWS_MIN > cells.length : size > 1 && size === cells.length;
}

function refuseNoDevice(table: DataTable, index: number, fault = ""): DataFileError {
  const { header } = table;
  const why =
    index === -1
      ? "There is no device column named like device_id, sensor or station."
      : `The column ${showWord(header[index] ?? "")} ${fault}, so it names no device.`;
  const whatToDo =
    "Name the one device of the file with --device NAME, or the column that tells devices " +
    `apart with --device-column; the header has: ${formatHeader(header)}.${adviseSkipping(header)}`;
  return refuseHeader(table, why, whatToDo);
}

/**
 * Refuses a column that made as many devices as there are rows; of one that may count the rows,
 * half as many are too many: a row that is there twice makes no device.
 *
 * @throws DataFileError
 */
export function requireFewDevices(
  {
    table,
    roles,
    options,
  }: Readonly<{ table: DataTable; roles: ColumnRoles; options: ReadOptions }>,
  rowCount: number,
  devices: readonly { readonly name: string }[],
): void {
  const isChosen = options.deviceColumn !== undefined || options.long !== undefined;
  if (isChosen || rowCount < 2 * DISTINCT_ROWS_MIN) return;
  const isWeak = normalizeName(table, table.header[roles.device] ?? "") === WEAK_NAME;
  const mayCount = isWeak || devices.every(({ name }) => /^\d+$/.test(name));
  if (devices.length * (mayCount ? DEVICE_ROWS_MIN : 1) < rowCount + (mayCount ? 1 : 0)) return;
  const fault = `is new in ${devices.length === rowCount ? "every row" : "most rows"}`;
  throw refuseNoDevice(table, roles.device, fault);
}
