/** A first pass over a whole file: what its columns are, and all that has to be said of it. */

import type { ByteSource, Hear } from "./byte-source.ts";
import { findRoles, requireFewDevices } from "./column-roles.ts";
import { ColumnStats } from "./column-stats.ts";
import { DataFileError } from "./data-file-error.ts";
import { type DataTable, namesOf } from "./data-table.ts";
import { findDecimalMark, reviseDecimalMark } from "./decimal-mark.ts";
import { declareMetrics, type UnderstoodDevice } from "./declare-metrics.ts";
import { type RowRules, RowTaker, type ScannedDevice, TimeSpan } from "./file-scan.ts";
import type { Note } from "./notes.ts";
import { openTable } from "./open-table.ts";
import type { ReadOptions } from "./read-options.ts";
import { listNullWords, NullWords } from "./scan-number.ts";
import { refuseBothOrders } from "./time-problems.ts";
import { findTimeSettings, learnTimes, takeTimed } from "./time-settings.ts";
import { type FileUnderstanding, summarize } from "./understanding.ts";

/** A file that was looked through: what a second pass needs to read it. */
export interface UnderstoodFile {
  readonly rules: RowRules;
  /** In order of first appearance. */
  readonly devices: readonly UnderstoodDevice[];
  readonly summary: FileUnderstanding;
}

/** Rows that roles and marks are found on; the pass checks them on all others. */
const SAMPLE_ROWS = 500;
/** A second look is taken where the end of a file says more than its beginning: three times at most. */
const LOOKS_MAX = 5;

/**
 * Looks a file through.
 *
 * @param hear Is given every chunk of bytes of the pass.
 * @throws DataFileError for what cannot be read, naming the option that gets further.
 */
export function understandFile(
  source: ByteSource,
  options: ReadOptions,
  hear?: Hear,
): UnderstoodFile {
  const table = openTable(source, options);
  const sample = takeRows(table, SAMPLE_ROWS);
  const times = findTimeSettings(table, options);
  const roles = findRoles(table, sample, options, times.format);
  const nullWords = listNullWords(options.nulls);
  const others = [roles.device, ...roles.times.indices, ...findTexts(table, options)];
  const indices = [...table.header.keys()].filter((index) => !others.includes(index));
  const rows = options.skipUntimedRows === true ? takeTimed(sample, roles, times) : sample;
  const decimal = options.decimal ?? findDecimalMark(table, rows, indices, nullWords);
  let rules: RowRules = { table, options, roles, times, decimal, nullWords };
  for (let look = 0; look < LOOKS_MAX; look++) {
    const scan = scanFile(rules, hear);
    const next = learnMore(rules, scan);
    if (next === undefined) return finish(rules, scan);
    rules = next;
  }
  throw refuseBothOrders(table.file, table.header[roles.times.indices[0] ?? 0] ?? "");
}

type Scan = ReturnType<typeof scanFile>;

function scanFile(rules: RowRules, hear?: Hear) {
  const { table, options, roles, decimal, nullWords } = rules;
  const { header } = table;
  const span = new TimeSpan(rules, options.nowSec ?? Math.floor(Date.now() / 1_000) + 60);
  const others = [roles.device, roles.unit, ...roles.times.indices];
  let rowCount = 0;
  const taker = new RowTaker(rules, (device, timeSec, cells, line, previousSec) => {
    rowCount += 1;
    span.add(timeSec, previousSec, cells, line);
    const { stats } = device;
    if (stats.length < header.length) fillStats(device);
    for (let index = 0; index < stats.length; index++) {
      stats[index]?.add(cells[index] ?? "", line);
    }
    if (roles.unit !== -1 && device.unit === "") device.unit = (cells[roles.unit] ?? "").trim();
  });
  const fillStats = ({ stats, count }: ScannedDevice): void => {
    for (let index = stats.length; index < header.length; index++) {
      const isMetric = !others.includes(index) && (roles.values?.includes(index) ?? true);
      const column = isMetric ? new ColumnStats(decimal, nullWords) : undefined;
      stats[index] = column;
      // A name that comes late was missing in all objects before.
      if (column !== undefined && rowCount > 1) {
        column.emptyCount += (roles.isLong ? count : rowCount) - 1;
      }
    }
  };
  const left = table.scan(taker.take, hear);
  const notes = [...left, ...roles.notes, ...taker.notes(), ...span.notes()];
  return { taker, reader: taker.reader, span, notes, rowCount };
}

/** Other rules where the whole file says more than its first rows; `undefined` where it does not. */
function learnMore(rules: RowRules, { taker }: Scan): RowRules | undefined {
  const times = learnTimes(rules, taker);
  if (times !== undefined) return { ...rules, times };
  const { table, options } = rules;
  if (options.decimal !== undefined) return undefined;
  const texts = findTexts(table, options);
  const columns = listStats(taker).filter(([index]) => !texts.includes(index));
  const decimal = reviseDecimalMark(table, rules.decimal, columns);
  return decimal === rules.decimal ? undefined : { ...rules, decimal };
}

/** What a pass has found in each column that may be a metric: of all devices, or in long form of each. */
function listStats({ devices }: RowTaker): (readonly [index: number, stats: ColumnStats])[] {
  const tables = new Set([...devices.values()].map(({ stats }) => stats));
  return [...tables].flatMap((stats) =>
    stats.flatMap((column, index) => (column === undefined ? [] : [[index, column] as const])),
  );
}

/** Columns of which an option says that they are no numbers; an unknown one is refused later. */
const findTexts = ({ header }: DataTable, { texts = [] }: ReadOptions): readonly number[] =>
  [...header.keys()].filter((index) =>
    namesOf(header[index]!).some((name) => texts.includes(name)),
  );

function finish(rules: RowRules, scan: Scan): UnderstoodFile {
  const { table } = rules;
  const scanned = [...scan.taker.devices.values()];
  requireFewDevices(rules, scan.rowCount, scanned);
  if (scan.rowCount === 0) {
    throw new DataFileError({ file: table.file }, "There are no readings.", {
      whatToDo: "Give a file with at least one row below its header.",
    });
  }
  const { devices, leftOut, notes } = declareMetrics(rules, scanned, scan.span.repeating);
  const silent = devices.filter(({ columns }) => columns.length === 0);
  const stats = listStats(scan.taker).map(([, column]) => column);
  const all = [...scan.notes, ...notes, ...noteUnusedNulls(rules, stats)];
  if (rules.decimal === ",") {
    all.push({ kind: "decimal_comma", text: "A comma stands before the decimals of numbers." });
  }
  const { length: count } = silent;
  if (count > 0 && count < devices.length) {
    const text = "Devices without any value are left out, unless they have a stream already.";
    all.push({ kind: "silent_devices", text, count, example: silent[0]?.name });
  }
  return { rules, devices, summary: summarize(rules, devices, scan, leftOut, all) };
}

/** A word that no cell has may be a mistyped one. */
function noteUnusedNulls(
  { decimal, options: { nulls = [] } }: RowRules,
  columns: readonly ColumnStats[],
): Note[] {
  const found = nulls.length === 0 ? [] : columns.flatMap(({ nullWords }) => [...nullWords.keys()]);
  const mark = decimal.charCodeAt(0);
  const isUnused = (word: string): boolean => {
    const words = new NullWords([word]);
    return !found.some((cell) => words.has(cell, mark));
  };
  const text = "No cell of a metric is what --null names.";
  const unused = nulls.map((word) => word.trim()).filter(isUnused);
  return unused.map((example) => ({ kind: "null_unused", text, example }));
}

/** Ends a scan that has seen enough. */
class Enough extends Error {}

function takeRows(table: DataTable, count: number): (readonly string[])[] {
  const rows: (readonly string[])[] = [];
  try {
    table.scan((cells) => {
      if (cells.some((cell) => cell.trim() !== "")) rows.push(cells);
      if (rows.length === count) throw new Enough();
    });
  } catch (error) {
    if (!(error instanceof Enough)) throw error;
  }
  return rows;
}
