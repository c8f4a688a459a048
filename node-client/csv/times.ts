/** Times of a CSV file: which column holds them, and their value in Unix seconds. */
import { CsvError, formatHeader } from "./csv-error.ts";
import type { CsvTable } from "./rows.ts";

/** Names of time columns, the surest first; any other name with this suffix comes after them. */
const TIME_NAMES = ["timestamp_unix", "timestamp", "time", "date", "datetime"];
const UNIX_SUFFIX = "_unix";

/** Beyond it (the year 5138), a count of seconds is surely one of milliseconds. */
const UNIX_SEC_MAX = 1e11;

const UNIX_SECONDS = /^\d+(?:\.0+)?$/;
/** ISO 8601 with `T` or a space, a zero fraction at most, and no zone but UTC. */
const DATE_TIME = /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2}):(\d{2})(\.\d+)?Z?$/;

/** Why a text is no time; each has its sentence in `PROBLEMS`. */
export type TimeProblem =
  | "empty"
  | "format_unknown"
  | "not_in_calendar"
  | "before_1970"
  | "fraction_of_second"
  | "milliseconds";

const SECONDS_OR_ISO = "Use Unix seconds, YYYY-MM-DD HH:MM:SS or YYYY-MM-DDTHH:MM:SSZ, in UTC.";
const PROBLEMS: Record<TimeProblem, readonly [problem: string, whatToDo: string]> = {
  empty: ["The row has no time.", "Give every row a time, or leave the row out."],
  format_unknown: ["This is no time.", SECONDS_OR_ISO],
  not_in_calendar: ["There is no such day or time of day.", SECONDS_OR_ISO],
  before_1970: ["The time is before 1970.", "Leave the row out: times count from 1970 on."],
  fraction_of_second: ["The time has a fraction of a second.", "Round it to whole seconds."],
  milliseconds: ["The number is too large for Unix seconds.", "Divide milliseconds by 1000."],
};

/**
 * The Unix seconds of a cell, or why it is no time. Takes Unix seconds up to 10^11, and
 * `YYYY-MM-DD HH:MM:SS` or ISO 8601 with `T`, both as UTC with or without `Z`.
 *
 * @example
 * parseTime("2024-05-01 08:00:00"); // 1714550400
 * parseTime("1714550400000"); // "milliseconds"
 */
export function parseTime(text: string): number | TimeProblem {
  if (text === "") return "empty";
  if (UNIX_SECONDS.test(text)) {
    const timeSec = Number(text);
    return timeSec > UNIX_SEC_MAX ? "milliseconds" : timeSec;
  }
  if (/^-\d+(?:\.0+)?$/.test(text)) return "before_1970";
  if (/^-?\d+\.\d+$/.test(text)) return "fraction_of_second";

  const match = DATE_TIME.exec(text);
  if (match === null) return "format_unknown";
  const fields = match.slice(1, 7).map(Number) as [number, number, number, number, number, number];
  const [year, month, day, hour, minute, second] = fields;
  if (year < 1970) return "before_1970";
  const timeMs = Date.UTC(year, month - 1, day, hour, minute, second);
  // Date.UTC carries a 30th of February over into March: only what reads back unchanged exists.
  const readBack = new Date(timeMs).toISOString();
  if (!readBack.startsWith(`${text.slice(0, 10)}T${text.slice(11, 19)}`)) return "not_in_calendar";
  if (/[1-9]/.test(match[7] ?? "")) return "fraction_of_second";
  return timeMs / 1000;
}

/**
 * The index of the time column: `name` if it is given, else among the well-known names the first
 * whose first cell is in Unix seconds, else the first whose first cell is a date and time.
 *
 * @throws CsvError, listing the header, when there is none.
 */
export function findTimeColumn(table: CsvTable, name: string | undefined): number {
  const { file, headerLine: line, header } = table;
  const candidates = name === undefined ? findCandidates(header) : [header.indexOf(name)];
  const firstCell = (index: number) => table.rows[0]?.cells[index] ?? "";
  const found =
    candidates.find((index) => UNIX_SECONDS.test(firstCell(index))) ??
    candidates.find((index) => typeof parseTime(firstCell(index)) === "number") ??
    candidates[0];
  if (found !== undefined && found !== -1) return found;
  const wanted = name === undefined ? `named like ${TIME_NAMES.join(", ")}` : `named "${name}"`;
  throw new CsvError({ file, line }, `There is no time column ${wanted}.`, {
    whatToDo: `Name the time column; the header has: ${formatHeader(header)}.`,
  });
}

function findCandidates(header: readonly string[]): number[] {
  const lower = header.map((column) => column.toLowerCase());
  const known = TIME_NAMES.map((known) => lower.indexOf(known)).filter((index) => index !== -1);
  const others = lower.flatMap((column, index) => (column.endsWith(UNIX_SUFFIX) ? [index] : []));
  return [...new Set([...known, ...others])];
}

/**
 * The times of all rows, in file order: they may repeat and go backwards.
 *
 * @throws CsvError for the first cell that is no time.
 */
export function readTimes(table: CsvTable, timeIndex: number): Float64Array {
  const times = new Float64Array(table.rows.length);
  table.rows.forEach((row, i) => {
    const cell = row.cells[timeIndex] ?? "";
    const time = parseTime(cell);
    if (typeof time === "string") {
      const [problem, whatToDo] = PROBLEMS[time];
      const place = { file: table.file, line: row.line, column: table.header[timeIndex], cell };
      throw new CsvError(place, problem, { whatToDo });
    }
    times[i] = time;
  });
  return times;
}

/**
 * Whether a column only repeats the chosen times, in the same form or another. A column of plain
 * numbers counts only under a time's name: a counter may equal small times by chance.
 */
export function repeatsTimes(table: CsvTable, index: number, times: Float64Array): boolean {
  const hasTimeName = findCandidates(table.header).includes(index);
  return (
    table.rows.length > 0 &&
    table.rows.every((row, i) => {
      const cell = row.cells[index] ?? "";
      return parseTime(cell) === times[i] && (hasTimeName || !UNIX_SECONDS.test(cell));
    })
  );
}
