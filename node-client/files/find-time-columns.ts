import { adviseSkipping, formatHeader } from "./data-file-error.ts";
import { type DataTable, findColumn, refuseHeader } from "./data-table.ts";
import { refuseArray } from "./json-table.ts";
import { parseTimeText } from "./parse-time.ts";
import type { ReadOptions } from "./read-options.ts";
import type { TimeFormat } from "./time-format.ts";
import { parsedTime } from "./time-problems.ts";

/** What the columns of a table are found by. */
export interface TableStart {
  readonly table: DataTable;
  /** Of the header, as they are compared. */
  readonly names: readonly string[];
  /** The first rows. */
  readonly sample: readonly (readonly string[])[];
  readonly options: ReadOptions;
}

/** Where the times are, and which other columns have times, too. */
export interface TimeColumns {
  /** One, or that of the date and that of the time of day. */
  readonly indices: readonly number[];
  readonly others: readonly number[];
}

/** Names of time columns, the surest first; letters and digits only. */
const TIME_NAMES = [
  ...["timestampunix", "timestamp", "time", "date", "datetime", "createdat", "ts", "receivedat"],
  ...["lastchanged", "lastupdated", "recordedat", "measuredat", "observedat", "eventtime"],
  ...["utctime", "localtime", "gpstime", "timestamputc", "datetimeutc", "epoch", "unixtime"],
  ...["zeitstempel", "zeit", "datum", "uhrzeit", "horodate", "heure", "fecha", "hora"],
];
const TIME_ENDING = /(?:unix|timestamp|datetime)$/;
const CLOCK_ONLY = /^\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?: *[AaPp][Mm])?$/;
const SAMPLE_ROWS = 50;

type CellKind = "unix" | "time" | "date" | "clock" | "none";

/**
 * Finds the time columns: those that are named, else by well-known names and by the cells' form;
 * Unix seconds before dates, and both before the date and the time of day in two columns.
 *
 * @throws DataFileError, listing the header, when there is none.
 */
export function findTimeColumns(start: TableStart, format: TimeFormat | undefined): TimeColumns {
  const { table, names, options } = start;
  const found = names.map((_, index) => findKind(start, index, format));
  // Of the times in an array, none is the reading's.
  const kinds = found.map((kind, index) => (table.arrayOf?.(index) === undefined ? kind : "none"));
  const isTime = (index: number): boolean => kinds[index] === "unix" || kinds[index] === "time";
  const named = listNamed(names).filter((index) => table.arrayOf?.(index) === undefined);
  const all = [...new Set([...named, ...names.keys()])];
  const others = (indices: readonly number[]): TimeColumns => ({
    indices,
    others: all.filter(
      (index) =>
        !indices.includes(index) &&
        (kinds[index] === "time" || (kinds[index] === "unix" && named.includes(index))),
    ),
  });
  if (options.timeColumns !== undefined) {
    const what = "There is no time column named %.";
    return others(options.timeColumns.map((name) => findColumn(table, name, "--time", what)));
  }
  const unix = named.find((index) => kinds[index] === "unix");
  const best = unix ?? named.find(isTime);
  if (best !== undefined) return others([best]);
  const date = all.find((index) => kinds[index] === "date");
  const clock = all.find((index) => kinds[index] === "clock");
  if (date !== undefined && clock !== undefined) return others([date, clock]);
  const byForm = all.find((index) => kinds[index] === "time");
  const chosen = byForm ?? named[0];
  if (chosen !== undefined) return others([chosen]);
  const { file, header } = table;
  const inner = found.findIndex((kind) => kind === "time" || kind === "unix");
  const array = inner === -1 ? undefined : table.arrayOf?.(inner);
  if (array !== undefined) throw refuseArray(file, 1, array);
  const problem =
    "There is no time column named like timestamp, time or date, and no column of times.";
  const whatToDo =
    "Name it with --time, and with --time-format how it is written; the header has: " +
    `${formatHeader(header)}.${adviseSkipping(header)}`;
  throw refuseHeader(table, problem, whatToDo);
}

function listNamed(names: readonly string[]): number[] {
  const known = TIME_NAMES.map((name) => names.indexOf(name)).filter((index) => index !== -1);
  const ending = [...names.keys()].filter((index) => TIME_ENDING.test(names[index] ?? ""));
  return [...new Set([...known, ...ending])];
}

/**
 * What the first cells of a column are; all of them have to agree but for the two kinds of times,
 * and for a minority of units and sums where rows without a time are left out.
 */
function findKind(
  { sample, options }: TableStart,
  index: number,
  format: TimeFormat | undefined,
): CellKind {
  const found: CellKind[] = [];
  for (const row of sample.slice(0, SAMPLE_ROWS)) {
    const cell = (row[index] ?? "").trim();
    if (cell !== "") found.push(findCellKind(cell, format));
  }
  const times = found.filter((kind) => kind !== "none");
  const kinds = new Set(
    options.skipUntimedRows && 2 * times.length >= found.length ? times : found,
  );
  if (kinds.size === 0 || kinds.has("none")) return "none";
  const [first] = kinds;
  if (kinds.size === 1) return first ?? "none";
  return kinds.has("date") || kinds.has("clock") ? "none" : "time";
}

function findCellKind(cell: string, format: TimeFormat | undefined): CellKind {
  if (format !== undefined && format.order === undefined) {
    const problem = format.parse(cell);
    if (problem === undefined) return /^-?[\d.,]+$/.test(cell) ? "unix" : "time";
    return CLOCK_ONLY.test(cell) ? "clock" : "none";
  }
  const problem = parseTimeText(cell, format?.order);
  if (problem === undefined || problem === "order_unknown" || problem === "zone_unknown") {
    return parsedTime.form.startsWith("unix") ? "unix" : "time";
  }
  if (problem === "date_only") return "date";
  return CLOCK_ONLY.test(cell) ? "clock" : "none";
}
