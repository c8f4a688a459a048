/** A file's columns to the metrics of a stream that exists: what was declared decides. */

import type { Metric } from "../../spec/readings.ts";
import { noteKind, noteRounded } from "./choose-metric.ts";
import { DataFileError, quote, showWord } from "./data-file-error.ts";
import { listUnits, type MetricColumn, type UnderstoodDevice } from "./declare-metrics.ts";
import type { ScannedDevice } from "./file-scan.ts";
import type { Note } from "./notes.ts";
import type { UnderstoodFile } from "./understand-file.ts";
import { isSameUnit, splitUnit } from "./units.ts";

/**
 * Fits the columns of a device, in whatever order and with whatever gaps, to declared metrics: a
 * metric without a column is null, and a column without a metric is reported, not sent.
 *
 * @throws DataFileError where options ask for what the stream does not have, or numbers are of
 *   another unit than it declares.
 */
export function fitMetrics(
  file: UnderstoodFile,
  device: UnderstoodDevice,
  declared: readonly Metric[],
): { readonly columns: readonly MetricColumn[]; readonly notes: readonly Note[] } {
  const { options, table } = file.rules;
  const { header } = table;
  const notes: Note[] = [];
  const own = device.columns;
  const used = new Set<number>();
  const picked = options.columns === undefined ? undefined : new Set(own.map(({ index }) => index));
  const columns = declared.map((metric): MetricColumn => {
    const index = findSource(file, device, metric.name, own);
    const isLeftOut = picked !== undefined && !picked.has(index);
    const isExact = own.find((column) => column.index === index)?.plan.isExact ?? false;
    const plan = { kind: metric.kind, scale: metric.scale, unit: undefined, isExact };
    const stats = index === -1 || isLeftOut ? undefined : device.stats[index];
    if (stats === undefined) {
      if (!isLeftOut) notes.push(noteMissing(metric.name));
      return { metric, index: -1, plan, stats };
    }
    used.add(index);
    if (metric.kind === "integer") {
      requireSameUnit(file, device, index, metric);
      const column = { name: header[index] ?? "", stats };
      const text = `Decimals of the stream: ${metric.scale}; the digits after these are rounded.`;
      notes.push(
        ...noteKind(column, "boolean", "True and False were read as 1 and 0."),
        ...noteRounded(column, metric.scale, text),
      );
    }
    return { metric, index, plan, stats };
  });
  const fresh = own.filter(({ index }) => !used.has(index));
  for (const { metric, index } of fresh) {
    if (picked !== undefined) throw refuseUndeclared(file, header[index] ?? "");
    notes.push(noteNew(metric.name));
  }
  return { columns, notes };
}

/** The column of a declared name: by the metric's name, or by the header's, units and all. */
function findSource(
  { rules }: UnderstoodFile,
  { stats }: ScannedDevice,
  name: string,
  own: readonly MetricColumn[],
): number {
  const known = own.find(({ metric }) => metric.name === name);
  if (known !== undefined) return known.index;
  const { header } = rules.table;
  const isFree = (index: number): boolean => stats[index] !== undefined;
  const exact = header.indexOf(name);
  if (exact !== -1 && isFree(exact)) return exact;
  const clean = [...header.keys()].filter(
    (index) => isFree(index) && splitUnit(header[index] ?? "").name === name,
  );
  return clean.length === 1 ? (clean[0] ?? -1) : -1;
}

/** A number of another unit would be signed as one of the declared. */
function requireSameUnit(
  { rules }: UnderstoodFile,
  device: ScannedDevice,
  index: number,
  { name, unit }: Metric,
): void {
  // A name such as temp_celsius says the unit where the declaration leaves it out.
  const declared = unit === "" ? splitUnit(name).unit : unit;
  const other = listUnits(rules, device, index).find((own) => !isSameUnit(own, declared));
  if (other === undefined) return;
  const { table } = rules;
  const has = declared === "" ? "no unit" : `the unit ${declared}`;
  const problem = `The numbers are in ${other}, and the stream declares ${has} for ${quote(name)}.`;
  throw new DataFileError({ file: table.file, column: table.header[index] }, problem, {
    whatToDo:
      `Convert the column${declared === "" ? "" : ` to ${declared}`} and name its unit so, leave ` +
      "it out with --columns, or declare another stream with --stream-name.",
  });
}

const noteMissing = (name: string): Note => ({
  kind: "metric_missing",
  column: name,
  text: `The stream has a metric ${showWord(name)}, the file no such column: no values of it are sent.`,
});

const noteNew = (name: string): Note => ({
  kind: "column_new",
  column: name,
  text:
    `The stream has no metric ${showWord(name)}, and what it declares is for good: the column is ` +
    "not sent. To send it, declare another stream with --stream-name.",
});

const refuseUndeclared = ({ rules }: UnderstoodFile, column: string): DataFileError =>
  new DataFileError({ file: rules.table.file, column }, "The stream has no such metric.", {
    whatToDo: "Leave it out of --columns, or declare another stream with --stream-name.",
  });
