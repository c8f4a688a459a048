/** The first pass over a file: devices, times, and what is in the columns. */

import { countOf } from "../count-of.ts";
import type { ColumnRoles } from "./column-roles.ts";
import type { ColumnStats } from "./column-stats.ts";
import { DataFileError, formatHeader } from "./data-file-error.ts";
import type { DataTable } from "./data-table.ts";
import type { CellPlace, Note } from "./notes.ts";
import type { ReadOptions } from "./read-options.ts";
import { RepeatedTimes } from "./repeated-times.ts";
import type { NullWords } from "./scan-number.ts";
import type { TimeProblem } from "./time-problems.ts";
import { refuseTime } from "./time-problems.ts";
import { type DeviceClock, TimeReader, type TimeSettings } from "./time-reader.ts";

/** How rows are taken apart; the same in both passes. */
export interface RowRules {
  readonly table: DataTable;
  readonly options: ReadOptions;
  readonly roles: ColumnRoles;
  readonly times: TimeSettings;
  readonly decimal: "." | ",";
  readonly nullWords: NullWords;
}

export interface ScannedDevice extends DeviceClock {
  readonly name: string;
  count: number;
  /** By column; shared by all devices but in long form. */
  readonly stats: (ColumnStats | undefined)[];
  /** In long form, by the column that says it. */
  unit: string;
}

/** What is done with a row that is whole: device, time and cells. */
type ReadingSink = (
  device: ScannedDevice,
  timeSec: number,
  cells: readonly string[],
  line: number,
  /** The time of the device's row before; -Infinity before its first. */
  previousSec: number,
) => void;

/** Takes the rows of a table apart into device, time and cells; one pass. */
export class RowTaker {
  readonly devices = new Map<string, ScannedDevice>();
  readonly reader: TimeReader;
  readonly #rules: RowRules;
  readonly #sink: ReadingSink;
  readonly #shared: (ColumnStats | undefined)[] = [];
  readonly #isFixedWidth: boolean;
  readonly #skipsUntimed: boolean;
  #last: ScannedDevice | undefined;
  emptyRows = 0;
  shortRows: { count: number; line: number } | undefined;
  untimedRows: { count: number; line: number; example: string } | undefined;
  /** The first date of which nothing tells whether its day or month is first. */
  unclear: CellPlace | undefined;

  constructor(rules: RowRules, sink: ReadingSink) {
    this.#rules = rules;
    this.#sink = sink;
    this.#isFixedWidth = rules.table.facts.format === "csv";
    this.#skipsUntimed = rules.options.skipUntimedRows ?? false;
    this.reader = new TimeReader(rules.times);
  }

  /** @throws DataFileError for a row of another width, without a device, or without a time. */
  readonly take = (cells: string[], line: number): void => {
    const { table, roles } = this.#rules;
    if (this.#isFixedWidth && cells.length !== table.header.length && !this.#fits(cells, line))
      return;
    const [first = 0, second] = roles.times.indices;
    const time = cells[first] ?? "";
    if (time.trim() === "" && isBlank(cells)) {
      this.emptyRows += 1;
      return;
    }
    const cell = second === undefined ? time : `${time.trim()} ${(cells[second] ?? "").trim()}`;
    // Before the device: a row of units has none.
    if (this.#skipsUntimed && this.reader.isUntimed(cell)) {
      this.untimedRows ??= { count: 0, line, example: cell.trim() };
      this.untimedRows.count += 1;
      return;
    }
    const device = this.#findDevice(cells, cell, line);
    const previousSec = device.lastSec;
    const sec = this.reader.read(cell, device, line);
    if (Number.isNaN(sec) && !this.#isToBeSeen(cell, line)) {
      throw this.#refuse(cell.trim(), line, this.reader.problem ?? "format_unknown");
    }
    device.count += 1;
    this.#sink(device, sec, cells, line, previousSec);
  };

  /** Whether the row can be read although it has more or fewer cells than the header. */
  #fits(cells: string[], line: number): boolean {
    const { table, options } = this.#rules;
    const { header, file } = table;
    if (isBlank(cells)) {
      this.emptyRows += 1;
      return false;
    }
    const isLong = cells.length > header.length;
    if (isLong && isBlank(cells.slice(header.length))) return true;
    if (!isLong && options.skipShortRows) {
      this.shortRows ??= { count: 0, line };
      this.shortRows.count += 1;
      return false;
    }
    const counts = `${countOf(cells.length, "cell")} where the header has ${header.length}`;
    const others = isLong ? "" : ", leave such rows out with --skip-short-rows";
    throw new DataFileError({ file, line }, `The row has ${counts}.`, {
      whatToDo:
        `Give it one cell a column (${formatHeader(header)})${others}, or say with --separator ` +
        "and --skip-rows how the file is laid out.",
    });
  }

  #findDevice(cells: readonly string[], time: string, line: number): ScannedDevice {
    const { roles, table } = this.#rules;
    let name = roles.deviceName ?? "";
    if (roles.device !== -1) {
      name = cells[roles.device] ?? "";
      if (name === this.#last?.name) return this.#last;
      name = name.trim();
      if (name === "") name = roles.deviceName ?? "";
      if (name === "") {
        // Units and sums have neither: naming the device would only lead to the next refusal.
        if (this.reader.isUntimed(time)) {
          const problem = time.trim() === "" ? "empty" : "format_unknown";
          throw this.#refuse(time.trim(), line, problem);
        }
        const place = { file: table.file, line, column: table.header[roles.device], cell: "" };
        throw new DataFileError(place, "The row names no device.", {
          whatToDo: "Give every row its device, or name the one of all rows with --device NAME.",
        });
      }
    }
    let device = this.devices.get(name);
    if (device === undefined) {
      const stats = roles.isLong ? [] : this.#shared;
      const { zone, repeats: known } = this.#rules.times;
      const repeats = zone && new RepeatedTimes(known && (known.get(name) ?? []));
      device = { name, count: 0, stats, unit: "", lastSec: Number.NEGATIVE_INFINITY, repeats };
      this.devices.set(name, device);
    }
    this.#last = device;
    return device;
  }

  /** A date whose order the rest of the file may tell is not an error yet. */
  #isToBeSeen(cell: string, line: number): boolean {
    if (this.reader.problem !== "order_unknown") return false;
    this.unclear ??= { cell: cell.trim(), line };
    return true;
  }

  #refuse(cell: string, line: number, problem: TimeProblem): DataFileError {
    const { table, roles } = this.#rules;
    const column = roles.times.indices.map((index) => table.header[index] ?? "").join(", ");
    return refuseTime({ file: table.file, line, column }, cell, problem);
  }

  notes(): Note[] {
    const notes = this.reader.notes();
    if (this.emptyRows > 0) {
      const text = "Rows without any value were skipped.";
      notes.push({ kind: "empty_rows", text, count: this.emptyRows });
    }
    if (this.shortRows !== undefined) {
      const text = "Rows with too few cells were skipped.";
      notes.push({ kind: "short_rows", text, ...this.shortRows });
    }
    if (this.untimedRows !== undefined) {
      const text = "Rows without a time were skipped.";
      notes.push({ kind: "untimed_rows", text, ...this.untimedRows });
    }
    return notes;
  }
}

const isBlank = (cells: readonly string[]): boolean => cells.every((cell) => cell.trim() === "");

/** The times of a pass, and columns that only repeat them. */
export class TimeSpan {
  readonly #rules: RowRules;
  readonly #nowSec: number;
  /** Columns of times that have repeated the chosen ones so far. */
  readonly repeating: Set<number>;
  readonly #readers: readonly TimeReader[];
  firstSec = Number.POSITIVE_INFINITY;
  lastSec = Number.NEGATIVE_INFINITY;
  readonly #odd = new Map<string, { count: number; line: number; timeSec: number }>();

  constructor(rules: RowRules, nowSec: number) {
    this.#rules = rules;
    this.#nowSec = nowSec;
    this.repeating = new Set(rules.roles.times.others);
    this.#readers = [
      new TimeReader(rules.times),
      new TimeReader({ ...rules.times, format: undefined }),
    ];
  }

  add(timeSec: number, previousSec: number, cells: readonly string[], line: number): void {
    if (Number.isNaN(timeSec)) return;
    if (timeSec < this.firstSec) this.firstSec = timeSec;
    if (timeSec > this.lastSec) this.lastSec = timeSec;
    if (timeSec < previousSec) this.#see("backwards", line, timeSec);
    if (timeSec < 946_684_800) this.#see("before_2000", line, timeSec);
    if (timeSec > this.#nowSec) this.#see("future", line, timeSec);
    for (const index of this.repeating) {
      const cell = cells[index] ?? "";
      if (!this.#readers.some((reader) => reader.canBe(cell, timeSec)))
        this.repeating.delete(index);
    }
  }

  #see(kind: string, line: number, timeSec: number): void {
    const known = this.#odd.get(kind) ?? { count: 0, line, timeSec };
    known.count += 1;
    this.#odd.set(kind, known);
  }

  notes(): Note[] {
    const texts: Readonly<Record<string, string>> = {
      backwards: "Times go backwards; the order of the file is kept.",
      before_2000: "Times are before the year 2000.",
      future: "Times are in the future.",
    };
    const { header } = this.#rules.table;
    const { indices, others } = this.#rules.roles.times;
    const notes: Note[] = [...this.#odd].map(([kind, { count, line, timeSec }]) => ({
      kind: `time_${kind}`,
      text: texts[kind] ?? "",
      ...{ count, line, example: new Date(timeSec * 1_000).toISOString().replace(".000", "") },
    }));
    const kept = others.filter((index) => !this.repeating.has(index));
    if (kept.length > 0) {
      const used = indices.map((index) => header[index]).join(" and ");
      const rest = kept.map((index) => header[index]).join(", ");
      const text = `The time is that of ${used}; other times stay columns: ${rest}. --time chooses.`;
      notes.push({ kind: "other_times", text, count: kept.length });
    }
    return notes;
  }
}
