/** Which columns say whose reading a row is, and when it was: by options, else by names and cells. */
import { DataFileError, formatHeader, showWord } from "./data-file-error.ts";
import { findColumn } from "./find-column.ts";
import { findTimeColumns, type TimeColumns } from "./find-time-columns.ts";
import type { ReadOptions } from "./read-options.ts";
import type { Note, Table } from "./table.ts";
import type { TimeFormat } from "./time-format.ts";

/** What the columns of a table are for; all others may be metrics. */
export interface ColumnRoles {
  /** -1 where all rows are of one device. */
  readonly device: number;
  /** The one device's name. */
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
  ...[
    "node",
    "deveui",
    "entityid",
    "statisticid",
    "meterid",
    "meter",
    "vehicleid",
    "vehicle",
    "vin",
  ],
  ...["thingid", "thing", "assetid", "asset"],
];
/** It may as well count the rows. */
const WEAK_NAME = "id";
const ENTITY_NAMES = ["entityid", "statisticid"];
const STATE_NAMES = ["state", "value", "mean", "sum"];
const UNIT_NAMES = ["unit", "unitofmeasurement"];
/** So many rows that are all of different devices say that the column counts them. */
const DISTINCT_ROWS_MIN = 10;

/** A name as it is compared: the last part of a path, its letters and digits, in lower case. */
export function normalizeName(table: Table, name: string): string {
  const last = table.facts.format === "ndjson" ? name.slice(name.lastIndexOf(".") + 1) : name;
  return last.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
}

/**
 * Finds the roles of the columns on the first rows of a table.
 *
 * @throws DataFileError where there is no device or time, with the options that name one.
 */
export function findRoles(
  table: Table,
  sample: readonly (readonly string[])[],
  options: ReadOptions,
  format: TimeFormat | undefined,
): ColumnRoles {
  const names = table.header.map((name) => normalizeName(table, name));
  const notes: Note[] = [];
  const long = options.long?.map((name) =>
    findColumn(table, name, "--long", "There is no column % of the long form."),
  );
  const device = findDevice(table, names, sample, options, long);
  const times =
    table.known === undefined || options.timeColumns !== undefined
      ? findTimeColumns(table, names, sample, options.timeColumns, format, options.skipUntimedRows)
      : { indices: [table.known.time], others: [] };
  if (device !== -1 && times.indices.includes(device)) throw refuseBoth(table, device);
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

function findDevice(
  table: Table,
  names: readonly string[],
  sample: readonly (readonly string[])[],
  options: ReadOptions,
  long: readonly number[] | undefined,
): number {
  if (options.deviceColumn !== undefined) {
    return findColumn(
      table,
      options.deviceColumn,
      "--device-column",
      "There is no device column named %.",
    );
  }
  if (options.device !== undefined) return -1;
  if (long !== undefined) return long[0] ?? -1;
  if (table.known !== undefined) return table.known.device;
  const found = DEVICE_NAMES.map((name) => names.indexOf(name)).find((index) => index !== -1);
  if (found !== undefined) return found;
  const weak = names.indexOf(WEAK_NAME);
  const isCounter = weak !== -1 && countsRows(sample, weak);
  if (weak !== -1 && !isCounter) return weak;
  throw refuseNoDevice(table, isCounter ? (table.header[weak] ?? "") : undefined);
}

/** Whether a column is new in every row: then it counts rows, or names them, but no devices. */
function countsRows(sample: readonly (readonly string[])[], index: number): boolean {
  const cells = sample.map((row) => row[index] ?? "");
  const isDistinct = new Set(cells).size === cells.length;
  const isNumbered = cells.length > 1 && cells.every((cell) => /^\d+$/.test(cell));
  return isDistinct && (isNumbered || cells.length >= DISTINCT_ROWS_MIN);
}

function refuseNoDevice(table: Table, counter: string | undefined): DataFileError {
  const { file, header } = table;
  const why =
    counter === undefined
      ? "There is no device column named like device_id, sensor or station."
      : `The column ${showWord(counter)} is new in every row, so it names no device.`;
  return new DataFileError({ file, line: table.facts.headerLine }, why, {
    whatToDo:
      "Name the one device of the file with --device NAME, or the column that tells devices " +
      `apart with --device-column; the header has: ${formatHeader(header)}.`,
    options: ["--device", "--device-column"],
  });
}

/**
 * Refuses a column that made as many devices as there are rows.
 *
 * @throws DataFileError
 */
export function requireFewDevices(
  table: Table,
  roles: ColumnRoles,
  options: ReadOptions,
  rowCount: number,
  deviceCount: number,
): void {
  const isChosen = options.deviceColumn !== undefined || options.long !== undefined;
  if (isChosen || rowCount < 2 * DISTINCT_ROWS_MIN || deviceCount < rowCount) return;
  throw refuseNoDevice(table, table.header[roles.device] ?? "");
}

const refuseBoth = (table: Table, index: number): DataFileError =>
  new DataFileError(
    { file: table.file, line: table.facts.headerLine, column: table.header[index] },
    "The column cannot hold both the device's name and the time.",
    {
      whatToDo: `Name two columns with --device-column and --time: ${formatHeader(table.header)}.`,
      options: ["--device-column", "--time"],
    },
  );
