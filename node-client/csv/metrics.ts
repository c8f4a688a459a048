/** The metrics of a CSV file: which columns they are, of which kind, and their values. */
import {
  METRIC_VALUE_MAX,
  METRICS_MAX,
  NAME_BYTES_MAX,
  SCALE_MAX,
  TEXT_BYTES_MAX,
} from "../../spec/limits.ts";
import type { Column, Metric } from "../../spec/readings.ts";
import { CsvError, formatHeader } from "./csv-error.ts";
import { isDecimal, isScale, parseScaled } from "./decimal.ts";
import type { CsvTable } from "./rows.ts";
import { inferUnit } from "./units.ts";

/** Decimal places of a numeric column that `scales` does not name. */
export const SCALE_DEFAULT = 2;

/** A metric and the place of its column in the header. */
export interface MetricColumn {
  readonly metric: Metric;
  readonly index: number;
}

/**
 * Declares one metric a column. A column is numeric if `scales` names it or if every cell that is
 * not empty is a decimal number, a wholly empty column included; else it is text.
 *
 * @throws CsvError for too many columns, a name too long or empty, or an unknown or wrong scale.
 */
export function inferMetrics(
  table: CsvTable,
  indices: readonly number[],
  scales: Readonly<Record<string, number>>,
): MetricColumn[] {
  const { file, headerLine: line, header } = table;
  assertScales(table, scales);
  if (indices.length === 0) {
    throw new CsvError({ file, line }, "There is no column left for a metric.", {
      whatToDo: `Pick some with --columns; the header has: ${formatHeader(header)}.`,
    });
  }
  if (indices.length > METRICS_MAX) {
    const counts = `${indices.length} metric columns; a stream has at most ${METRICS_MAX}`;
    throw new CsvError({ file, line }, `There are ${counts}.`, {
      whatToDo: `Pick some with --columns; the header has: ${formatHeader(header)}.`,
    });
  }
  return indices.map((index) => ({ index, metric: inferMetric(table, index, scales) }));
}

function assertScales(table: CsvTable, scales: Readonly<Record<string, number>>): void {
  const { file, header } = table;
  for (const [column, scale] of Object.entries(scales)) {
    if (!header.includes(column)) {
      throw new CsvError({ file, column }, "There is no such column to scale.", {
        whatToDo: `Name one of the header's: ${formatHeader(header)}.`,
      });
    }
    if (!isScale(scale)) {
      throw new CsvError({ file, column }, `A scale of ${scale} decimals is not possible.`, {
        whatToDo: `Give an integer of 0 to ${SCALE_MAX}.`,
      });
    }
  }
}

function inferMetric(
  table: CsvTable,
  index: number,
  scales: Readonly<Record<string, number>>,
): Metric {
  const name = table.header[index] ?? "";
  const byteCount = Buffer.byteLength(name, "utf8");
  if (byteCount === 0 || byteCount > NAME_BYTES_MAX) {
    const size = byteCount === 0 ? "is empty" : `has ${byteCount} bytes`;
    const problem = `The name of column ${index + 1} ${size}.`;
    throw new CsvError({ file: table.file, line: table.headerLine, column: name }, problem, {
      whatToDo: `Rename it to 1 to ${NAME_BYTES_MAX} bytes, or leave it out with --columns.`,
    });
  }
  // Own keys only: a column may be called "constructor".
  const scale = Object.hasOwn(scales, name) ? scales[name] : undefined;
  const isInteger = scale !== undefined || table.rows.every(hasNumberAt(index));
  return isInteger
    ? {
        name,
        unit: inferUnit(name),
        kind: "integer",
        scale: scale ?? SCALE_DEFAULT,
        minimum: -METRIC_VALUE_MAX,
        maximum: METRIC_VALUE_MAX,
        group: 0,
      }
    : { name, unit: "", kind: "text", scale: 0, minimum: 0, maximum: 0, group: 0 };
}

const hasNumberAt =
  (index: number) =>
  (row: { readonly cells: readonly string[] }): boolean =>
    row.cells[index] === "" || isDecimal(row.cells[index] ?? "");

/**
 * The values of one metric in the rows at `rowIndices`, in that order. An empty cell is null; text
 * is kept exactly, its dictionary in order of first use.
 *
 * @throws CsvError for the first of these cells that is no number, out of range, or too long a text.
 */
export function readColumn(
  table: CsvTable,
  { metric, index }: MetricColumn,
  rowIndices: readonly number[],
): Column {
  const values = new Float64Array(rowIndices.length);
  const present = new Uint8Array(rowIndices.length);
  const entries = new Map<string, number>();
  rowIndices.forEach((rowIndex, i) => {
    const cell = table.rows[rowIndex]?.cells[index] ?? "";
    if (cell === "") return;
    present[i] = 1;
    if (metric.kind === "integer") {
      values[i] = readNumber(table, rowIndex, metric, cell);
      return;
    }
    assertTextFits(table, rowIndex, metric, cell);
    const entry = entries.get(cell) ?? entries.size;
    entries.set(cell, entry);
    values[i] = entry;
  });
  return {
    values,
    present: present.includes(0) ? present : undefined,
    dictionary: metric.kind === "text" ? [...entries.keys()] : undefined,
  };
}

function readNumber(table: CsvTable, rowIndex: number, metric: Metric, cell: string): number {
  const line = table.rows[rowIndex]?.line;
  const place = { file: table.file, line, column: metric.name, cell };
  if (!isDecimal(cell)) {
    throw new CsvError(place, "This is no decimal number, but the column has a scale.", {
      whatToDo: "Correct or empty the cell, or give no --scale to have the column read as text.",
    });
  }
  try {
    return parseScaled(cell, metric.scale);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    const problem = `At ${metric.scale} decimals the number is beyond ±${METRIC_VALUE_MAX}.`;
    const whatToDo =
      metric.scale > 0
        ? `Lower the scale: --scale ${metric.name}=N with N below ${metric.scale}.`
        : "Correct the cell, or give the metric in a larger unit.";
    throw new CsvError(place, problem, { whatToDo, cause });
  }
}

function assertTextFits(table: CsvTable, rowIndex: number, metric: Metric, cell: string): void {
  const byteCount = Buffer.byteLength(cell, "utf8");
  if (byteCount <= TEXT_BYTES_MAX) return;
  const place = { file: table.file, line: table.rows[rowIndex]?.line, column: metric.name, cell };
  throw new CsvError(place, `The text has ${byteCount} bytes.`, {
    whatToDo: `Shorten it to ${TEXT_BYTES_MAX} bytes, or leave the column out with --columns.`,
  });
}
