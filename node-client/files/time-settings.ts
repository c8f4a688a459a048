/** How a file's times are read: by options, and by what a whole pass over it has shown. */

import type { ColumnRoles } from "./column-roles.ts";
import { DataFileError, quote } from "./data-file-error.ts";
import type { DataTable } from "./data-table.ts";
import type { RowRules, RowTaker } from "./file-scan.ts";
import type { CellPlace } from "./notes.ts";
import type { ReadOptions } from "./read-options.ts";
import type { HourRows } from "./repeated-times.ts";
import { parseTimeFormat, TIME_FORMATS_HELP } from "./time-format.ts";
import { refuseBothOrders, refuseTime } from "./time-problems.ts";
import { TimeReader, type TimeSettings } from "./time-reader.ts";
import { findTimeZone } from "./time-zone.ts";

/**
 * What options say.
 *
 * @throws DataFileError for a format or zone that there is not.
 */
export function findTimeSettings(table: DataTable, options: ReadOptions): TimeSettings {
  const { timeFormat, timeZone } = options;
  const format = timeFormat === undefined ? undefined : parseTimeFormat(timeFormat);
  if (timeFormat !== undefined && format === undefined) {
    throw new DataFileError({ file: table.file }, `${quote(timeFormat)} is not a time format.`, {
      whatToDo: `Give --time-format one of: ${TIME_FORMATS_HELP}.`,
    });
  }
  const zone = timeZone === undefined ? undefined : findTimeZone(timeZone);
  if (timeZone !== undefined && zone === undefined) {
    throw new DataFileError({ file: table.file }, `There is no time zone ${quote(timeZone)}.`, {
      whatToDo:
        "Give --time-zone a name such as Europe/Amsterdam (,first or ,second after it for times that " +
        "were twice), UTC, or an offset such as +02:00.",
    });
  }
  return { format, zone, order: undefined, nowSec: options.nowSec };
}

/**
 * What only a whole pass tells: day or month first, then the hours of times that clocks repeat.
 *
 * @returns `undefined` where it tells nothing new.
 * @throws DataFileError where the file does not tell, with the option that does.
 */
export function learnTimes(rules: RowRules, taker: RowTaker): TimeSettings | undefined {
  const { table, roles, times } = rules;
  const { orders, isYearOpen } = taker.reader;
  const column = table.header[roles.times.indices[0] ?? 0] ?? "";
  if (times.format?.order === undefined && times.order === undefined) {
    if (orders.length > 1) throw refuseBothOrders(table.file, column);
    const [order] = orders;
    const { unclear } = taker;
    if (unclear !== undefined && (order === undefined || isYearOpen)) {
      const place = { file: table.file, line: unclear.line, column };
      throw refuseTime(place, unclear.cell, isYearOpen ? "year_unknown" : "order_unknown");
    }
    if (unclear !== undefined) return { ...times, order };
  }
  const repeats = settleRepeats(rules, taker, column);
  return repeats === undefined ? undefined : { ...times, repeats };
}

/** The hours of times that clocks repeat, once a whole pass has shown the rows around them. */
function settleRepeats(
  { table, times }: RowRules,
  taker: RowTaker,
  column: string,
): TimeSettings["repeats"] {
  if (times.repeats !== undefined || taker.reader.count("clock_twice") === 0) return undefined;
  const settled = new Map<string, readonly HourRows[]>();
  let unclear: CellPlace | undefined;
  for (const { name, repeats } of taker.devices.values()) {
    const hours = repeats?.settle(times.zone?.repeatedHour) ?? [];
    if (!("line" in hours)) settled.set(name, hours);
    else if (unclear === undefined || hours.line < unclear.line) unclear = hours;
  }
  if (unclear === undefined) return settled;
  const place = { file: table.file, line: unclear.line, column };
  throw refuseTime(place, unclear.cell, "ambiguous");
}

/** The rows that will not be left out: a row of units says nothing about decimals. */
export function takeTimed(
  sample: readonly (readonly string[])[],
  { times: { indices } }: ColumnRoles,
  times: TimeSettings,
): readonly (readonly string[])[] {
  const reader = new TimeReader(times);
  return sample.filter((row) => {
    const cell = indices.map((index) => (row[index] ?? "").trim()).join(" ");
    return !reader.isUntimed(cell);
  });
}
