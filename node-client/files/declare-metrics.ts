/** The metrics of a file's devices: names, kinds, units and scales. */

import { METRIC_VALUE_MAX, METRICS_MAX, NAME_BYTES_MAX } from "../../spec/limits.ts";
import type { Metric } from "../../spec/readings.ts";
import { type ColumnPlan, noteNulls, planMetric } from "./choose-metric.ts";
import { findColumnOptions } from "./column-options.ts";
import type { ColumnStats } from "./column-stats.ts";
import { formatHeader, showWord } from "./data-file-error.ts";
import { type DataTable, refuseHeader } from "./data-table.ts";
import type { RowRules, ScannedDevice } from "./file-scan.ts";
import { mergeNotes, type Note } from "./notes.ts";
import { findUnitSign, splitUnit } from "./units.ts";

export interface MetricColumn {
  readonly metric: Metric;
  /** In the header; -1 for a metric that the file does not have. */
  readonly index: number;
  readonly plan: ColumnPlan;
  readonly stats: ColumnStats | undefined;
}

/** A device of a file, and the columns that are its metrics: the same for all but in long form. */
export interface UnderstoodDevice extends ScannedDevice {
  readonly columns: readonly MetricColumn[];
}

export interface LeftOutColumn {
  readonly header: string;
  readonly reason: "empty" | "repeats_time" | "not_picked" | "gives_unit";
}

/**
 * Declares one metric a column.
 *
 * @throws DataFileError for too many columns, unfit names, and options of columns that are not there.
 */
export function declareMetrics(
  rules: RowRules,
  scanned: readonly ScannedDevice[],
  repeating: ReadonlySet<number>,
) {
  const { table, options, roles } = rules;
  const asked = findColumnOptions(rules);
  const isPicked = asked.picked !== undefined;
  const names = nameMetrics(rules, asked.picked);
  const notes: Note[] = [...names.notes];
  const leftOut = new Map<number, LeftOutColumn["reason"]>();
  const used = new Set<number>();
  const byStats = new Map<ScannedDevice["stats"], MetricColumn[]>();
  for (const device of scanned) {
    if (byStats.has(device.stats)) continue;
    const found: MetricColumn[] = [];
    for (const index of asked.picked ?? device.stats.keys()) {
      const stats = device.stats[index];
      if (stats === undefined) continue;
      const isText = asked.texts.has(index);
      if (!isPicked && !isText && repeating.has(index)) {
        leftOut.set(index, "repeats_time");
        continue;
      }
      const column = {
        ...{ file: table.file, name: table.header[index] ?? "", stats, isText, isPicked },
        ...{ scale: asked.scales.get(index), scaleDefault: options.scaleDefault },
        isMarkSaid: options.decimal !== undefined,
      };
      const plan = planMetric(column, notes);
      if (plan === undefined) {
        leftOut.set(index, "empty");
        continue;
      }
      used.add(index);
      notes.push(...noteNulls(column, plan));
      const said = plan.unit ?? findRowUnit(rules, device) ?? names.units[index] ?? "";
      const unit = table.unitOf(index) ?? said;
      found.push({ index, plan, stats, metric: toMetric(names.names[index] ?? "", unit, plan) });
    }
    byStats.set(device.stats, found);
    requireFew(rules, found);
  }
  const usedNames = [...used].map((index) => names.names[index] ?? "");
  requireNames(rules, usedNames);
  for (const index of used) leftOut.delete(index);
  if (roles.unit !== -1) leftOut.set(roles.unit, "gives_unit");
  const reasons = [...leftOut].sort(([a], [b]) => a - b);
  return {
    devices: scanned.map(
      (device): UnderstoodDevice => ({ ...device, columns: byStats.get(device.stats) ?? [] }),
    ),
    leftOut: reasons.map(([index, reason]) => ({ header: table.header[index] ?? "", reason })),
    notes: mergeNotes(notes),
  };
}

function toMetric(name: string, unit: string, { kind, scale }: ColumnPlan): Metric {
  return kind === "text"
    ? { name, unit: "", kind, scale: 0, minimum: 0, maximum: 0, group: 0 }
    : { name, unit, kind, scale, minimum: -METRIC_VALUE_MAX, maximum: METRIC_VALUE_MAX, group: 0 };
}

/** The unit that the unit's column gives a device. */
const findRowUnit = ({ roles }: RowRules, { unit }: ScannedDevice): string | undefined =>
  roles.unit === -1 ? undefined : findUnitSign(unit);

/** All units that a file gives the numbers of a column: those of the cells before that of the name. */
export function listUnits(
  rules: RowRules,
  device: ScannedDevice,
  index: number,
): readonly string[] {
  const { table } = rules;
  const ofFormat = table.unitOf(index) ?? "";
  const inCells = [...(device.stats[index]?.units.keys() ?? [])];
  const said = findRowUnit(rules, device) ?? splitUnit(table.header[index] ?? "").unit;
  const nearest = inCells.length > 0 ? inCells : [said];
  return [ofFormat, ...(ofFormat === "" ? nearest : inCells)].filter((unit) => unit !== "");
}

/** Names without units; as they are in the header where two would be the same. */
function nameMetrics({ table }: RowRules, picked: readonly number[] | undefined) {
  const split = table.header.map((column) => splitUnit(column));
  const indices = picked ?? [...table.header.keys()];
  const notes: Note[] = [];
  const names = split.map(({ name }, index) => {
    const header = table.header[index] ?? "";
    const isAlone = !indices.some(
      (other) => other !== index && (split[other]?.name === name || table.header[other] === name),
    );
    if (isAlone || name === header) return isAlone ? name : header;
    const text = `Two columns would be called ${showWord(name)}: their names keep their units.`;
    notes.push({ kind: "same_names", text, column: name });
    return header;
  });
  return { names, units: split.map(({ unit }) => unit), notes: mergeNotes(notes) };
}

function requireFew({ table }: RowRules, found: readonly MetricColumn[]): void {
  if (found.length <= METRICS_MAX) return;
  const counts = `${found.length} metric columns; a stream has at most ${METRICS_MAX}`;
  throw refuseHeader(table, `There are ${counts}.`, advisePicking(table));
}

/**
 * Refuses a file of which no stream can be declared, since it has no value at all, or a column that
 * could only be guessed at.
 *
 * @throws DataFileError
 */
export function requireMetrics(
  { table }: RowRules,
  devices: Iterable<readonly MetricColumn[]>,
): void {
  const columns = [...devices].flat();
  for (const { plan } of columns) if (plan.refusal !== undefined) throw plan.refusal;
  if (columns.length > 0) return;
  throw refuseHeader(table, "There is no column left for a metric.", advisePicking(table));
}

const advisePicking = ({ header }: DataTable): string =>
  `Pick some with --columns; the header has: ${formatHeader(header)}.`;

function requireNames({ table }: RowRules, names: readonly string[]): void {
  for (const name of names) {
    const byteCount = Buffer.byteLength(name, "utf8");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it refuses.
    const isPrintable = !/^\ufeff|[\u0000-\u001f\u007f]/.test(name);
    if (isPrintable && byteCount <= NAME_BYTES_MAX) continue;
    const problem = isPrintable
      ? `The name has ${byteCount} bytes.`
      : "The name is not printable text.";
    const whatToDo = `Rename the column to 1 to ${NAME_BYTES_MAX} bytes, or pick others with --columns.`;
    throw refuseHeader(table, problem, whatToDo, name);
  }
}
