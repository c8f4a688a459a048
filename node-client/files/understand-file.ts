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
import { listNullWords, NullWords } from "./null-words.ts";
import { openTable } from "./open-table.ts";
import type { ReadOptions } from "./read-options.ts";
import { refuseBothOrders } from "./time-problems.ts";
import { findTimeSettings, learnTimes, takeTimed } from "./time-settings.ts";
import { type FileUnderstanding, summarize } from "./understanding.ts";

/** A file that was looked through: what a second pass needs to read it. */
export interface UnderstoodFile {
  readonly rules: RowRules;
  readonly options: ReadOptions;
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
  const texts = findTexts(table, options);
  const indices = [...table.header.keys()].filter(
    (index) =>
      index !== roles.device && !roles.times.indices.includes(index) && !texts.includes(index),
  );
  const rows = options.skipUntimedRows === true ? takeTimed(sample, roles, times) : sample;
  const decimal = options.decimal ?? findDecimalMark(table, rows, indices, nullWords);
  let rules: RowRules = {
    ...{ table, roles, times, decimal, nullWords },
    skipShortRows: options.skipShortRows ?? false,
    skipUntimedRows: options.skipUntimedRows ?? false,
  };
  for (let look = 0; look < LOOKS_MAX; look++) {
    const scan = scanFile(rules, options, hear);
    const next = learnMore(rules, options, scan);
    if (next === undefined) return finish(rules, options, scan);
    rules = next;
  }
  throw refuseBothOrders(table.file, table.header[roles.times.indices[0] ?? 0] ?? "");
}

interface Scan {
  readonly taker: RowTaker;
  readonly span: TimeSpan;
  readonly notes: readonly Note[];
  readonly rowCount: number;
}

function scanFile(rules: RowRules, options: ReadOptions, hear?: Hear): Scan {
  const { table, roles, decimal, nullWords } = rules;
  const span = new TimeSpan(rules, options.nowSec ?? Math.floor(Date.now() / 1_000) + 60);
  let rowCount = 0;
  const taker = new RowTaker(rules, (device, timeSec, cells, line, previousSec) => {
    rowCount += 1;
    span.add(timeSec, previousSec, cells, line);
    const { stats } = device;
    if (stats.length < table.header.length) fillStats(table, rules, device);
    for (let index = 0; index < stats.length; index++) {
      stats[index]?.add(cells[index] ?? "", line);
    }
    if (roles.unit !== -1 && device.unit === "") device.unit = (cells[roles.unit] ?? "").trim();
  });
  const fillStats = (
    { header }: DataTable,
    { roles: r }: RowRules,
    { stats, count }: ScannedDevice,
  ): void => {
    for (let index = stats.length; index < header.length; index++) {
      const isOther = index === r.device || index === r.unit || r.times.indices.includes(index);
      const isMetric = !isOther && (r.values === undefined || r.values.includes(index));
      stats[index] = isMetric ? new ColumnStats(decimal, nullWords) : undefined;
      // A name that comes late was missing in all objects before.
      if (stats[index] !== undefined && rowCount > 1) {
        (stats[index] as ColumnStats).emptyCount += r.isLong ? count - 1 : rowCount - 1;
      }
    }
  };
  const notes = table.scan(taker.take, hear);
  return {
    taker,
    span,
    notes: [...notes, ...roles.notes, ...taker.notes(), ...span.notes()],
    rowCount,
  };
}

/** Other rules where the whole file says more than its first rows; `undefined` where it does not. */
function learnMore(rules: RowRules, options: ReadOptions, { taker }: Scan): RowRules | undefined {
  const times = learnTimes(rules, taker);
  if (times !== undefined) return { ...rules, times };
  if (options.decimal !== undefined) return undefined;
  const { table } = rules;
  const texts = findTexts(table, options);
  const columns: [number, ColumnStats][] = [];
  for (const stats of new Set([...taker.devices.values()].map((device) => device.stats))) {
    stats.forEach((column, index) => {
      if (column !== undefined && !texts.includes(index)) columns.push([index, column]);
    });
  }
  const decimal = reviseDecimalMark(table, rules.decimal, columns);
  return decimal === rules.decimal ? undefined : { ...rules, decimal };
}

/** Columns of which an option says that they are no numbers; an unknown one is refused later. */
function findTexts({ header }: DataTable, { texts = [] }: ReadOptions): readonly number[] {
  return [...header.keys()].filter((index) =>
    namesOf(header[index]!).some((name) => texts.includes(name)),
  );
}

function finish(rules: RowRules, options: ReadOptions, scan: Scan): UnderstoodFile {
  const { table, roles } = rules;
  const scanned = [...scan.taker.devices.values()];
  requireFewDevices(table, roles, options, scan.rowCount, scanned);
  if (scan.rowCount === 0) {
    throw new DataFileError({ file: table.file }, "There are no readings.", {
      whatToDo: "Give a file with at least one row below its header.",
    });
  }
  const { repeating } = scan.span;
  const { devices, leftOut, notes } = declareMetrics(rules, options, scanned, repeating);
  const silent = devices.filter(({ columns }) => columns.length === 0);
  const all = [...scan.notes, ...notes, ...noteUnusedNulls(rules, options, scanned)];
  if (rules.decimal === ",") {
    all.push({ kind: "decimal_comma", text: "A comma stands before the decimals of numbers." });
  }
  const { length: count } = silent;
  if (count > 0 && count < devices.length) {
    const text = "Devices without any value are left out, unless they have a stream already.";
    all.push({ kind: "silent_devices", text, count, example: silent[0]?.name });
  }
  const summary = summarize(rules, devices, scan, leftOut, all);
  return { rules, options, devices, summary };
}

/** A word that no cell has may be a mistyped one. */
function noteUnusedNulls(
  { decimal }: RowRules,
  { nulls = [] }: ReadOptions,
  devices: readonly ScannedDevice[],
): Note[] {
  if (nulls.length === 0) return [];
  const columns = new Set(devices.map(({ stats }) => stats));
  const found = new Set(
    [...columns].flat().flatMap((stats) => [...(stats?.nullWords.keys() ?? [])]),
  );
  const mark = decimal.charCodeAt(0);
  return nulls
    .map((word) => word.trim())
    .filter((word) => {
      const words = new NullWords([word]);
      return ![...found].some((cell) => words.has(cell, mark));
    })
    .map((word) => ({
      kind: "null_unused",
      text: "No cell of a metric is what --null names.",
      example: word,
    }));
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
