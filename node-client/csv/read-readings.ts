/** Readings of devices out of CSV text: the mapping is inferred from the header and the cells. */
import type { Column, Metric } from "../../spec/readings.ts";
import { CsvError, formatHeader } from "./csv-error.ts";
import { inferMetrics, readColumn } from "./metrics.ts";
import { type CsvTable, readRows } from "./rows.ts";
import { findTimeColumn, readTimes, repeatsTimes } from "./times.ts";

// The door of this folder: a caller that reads readings also cuts and prints them.
export { formatScaled, parseScaled } from "./decimal.ts";
export { sliceReadings } from "./slice-readings.ts";

/** Names of the column that tells devices apart, the surest first. */
const ID_NAMES = [
  "device_id",
  "device",
  "id",
  "sensor_id",
  "sensor",
  "station_id",
  "station",
  "device_name",
];

export interface ReadOptions {
  /** The file's name, for messages; "CSV" when the text comes from elsewhere. */
  readonly file?: string | undefined;
  /** Decimal places by column name, 0 to 12; other numeric columns have 2. */
  readonly scales?: Readonly<Record<string, number>> | undefined;
  /** The columns to take as metrics, in this order; all of them when absent. */
  readonly columns?: readonly string[] | undefined;
  /** The column that names the device; found by its name when absent. */
  readonly idColumn?: string | undefined;
  /** The column of times; found by its name and form when absent. */
  readonly timeColumn?: string | undefined;
}

/** All readings of one device, in the order of the file. */
export interface DeviceReadings {
  /** The text of the id column. */
  readonly deviceName: string;
  /** The same for all devices of a file. */
  readonly metrics: Metric[];
  /** Unix seconds, as the file claims them: they may repeat and go backwards. */
  readonly times: Float64Array;
  /** One column a metric. */
  readonly columns: Column[];
}

/**
 * Reads CSV text as readings, per device in order of first appearance.
 *
 * - Every column but the id, the time, and times that only repeat the chosen one in another form
 *   is a metric, unless `columns` picks and orders them.
 * - Kinds are inferred over the whole file: decimal numbers become integers scaled by 10^scale,
 *   rounded half away from zero; any other column is text. An empty cell is null.
 *
 * @throws CsvError that names file, line, column and cell, and says what to do.
 *
 * @example
 * const [station] = readReadings("device_id,timestamp,rain_mm\na,1700000000,0.25\n");
 * station.columns[0].values; // Float64Array [25], of metric rain_mm at scale 2
 */
export function readReadings(text: string, options: ReadOptions = {}): DeviceReadings[] {
  const table = readRows(text, options.file ?? "CSV");
  const idIndex = findIdColumn(table, options.idColumn);
  const timeIndex = findTimeColumn(table, options.timeColumn);
  if (idIndex === timeIndex) {
    throw new CsvError(
      { file: table.file, line: table.headerLine, column: table.header[idIndex] },
      "The column cannot hold both the device's name and the time.",
      { whatToDo: `Name two columns of the header: ${formatHeader(table.header)}.` },
    );
  }
  const rowsByDevice = groupRows(table, idIndex);
  const times = readTimes(table, timeIndex);
  const indices =
    options.columns === undefined
      ? findMetricColumns(table, idIndex, timeIndex, times)
      : pickColumns(table, [idIndex, timeIndex], options.columns);
  const metricColumns = inferMetrics(table, indices, options.scales ?? {});

  return [...rowsByDevice].map(([deviceName, rowIndices]) => ({
    deviceName,
    // A copy each, so that one device's declaration can change without the others'.
    metrics: metricColumns.map(({ metric }) => ({ ...metric })),
    times: Float64Array.from(rowIndices, (rowIndex) => times[rowIndex] ?? 0),
    columns: metricColumns.map((column) => readColumn(table, column, rowIndices)),
  }));
}

function findIdColumn(table: CsvTable, name: string | undefined): number {
  const { file, headerLine: line, header } = table;
  const lower = header.map((column) => column.toLowerCase());
  const found =
    name === undefined
      ? ID_NAMES.map((known) => lower.indexOf(known)).find((index) => index !== -1)
      : header.indexOf(name);
  if (found !== undefined && found !== -1) return found;
  const wanted = name === undefined ? `named like ${ID_NAMES.join(", ")}` : `named "${name}"`;
  throw new CsvError({ file, line }, `There is no device column ${wanted}.`, {
    whatToDo: `Name the column that tells devices apart; the header has: ${formatHeader(header)}.`,
  });
}

/** The indices of each device's rows; a Map keeps the order of first appearance. */
function groupRows(table: CsvTable, idIndex: number): Map<string, number[]> {
  const rowsByDevice = new Map<string, number[]>();
  table.rows.forEach((row, rowIndex) => {
    const deviceName = row.cells[idIndex] ?? "";
    if (deviceName === "") {
      const place = { file: table.file, line: row.line, column: table.header[idIndex], cell: "" };
      throw new CsvError(place, "The row names no device.", {
        whatToDo: "Give every row its device, or leave the row out.",
      });
    }
    const rowIndices = rowsByDevice.get(deviceName);
    if (rowIndices === undefined) rowsByDevice.set(deviceName, [rowIndex]);
    else rowIndices.push(rowIndex);
  });
  return rowsByDevice;
}

function findMetricColumns(
  table: CsvTable,
  idIndex: number,
  timeIndex: number,
  times: Float64Array,
): number[] {
  const indices = [...table.header.keys()];
  return indices.filter(
    (index) => index !== idIndex && index !== timeIndex && !repeatsTimes(table, index, times),
  );
}

function pickColumns(
  { file, headerLine: line, header }: CsvTable,
  taken: readonly number[],
  names: readonly string[],
): number[] {
  const findProblem = (column: string, i: number): string | undefined => {
    if (!header.includes(column)) return "There is no such column to pick.";
    if (taken.includes(header.indexOf(column))) return "It names the device or time: no metric.";
    if (names.indexOf(column) !== i) return "The column is picked twice.";
    return undefined;
  };
  return names.map((column, i) => {
    const problem = findProblem(column, i);
    if (problem === undefined) return header.indexOf(column);
    throw new CsvError({ file, line, column }, problem, {
      whatToDo: `Correct --columns; the header has: ${formatHeader(header)}.`,
    });
  });
}
