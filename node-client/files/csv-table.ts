import type { Hear } from "./byte-source.ts";
import { DataFileError } from "./data-file-error.ts";
import { type DataTable, describeTable } from "./data-table.ts";
import { decodeText, type TextSource } from "./decode-text.ts";
import { type Dialect, isComment } from "./dialect.ts";
import type { Note } from "./notes.ts";
import { parseTimeText } from "./parse-time.ts";
import { scanNumber } from "./scan-number.ts";
import { type RowSink, RowSplitter } from "./split-rows.ts";

/**
 * A table of separated cells below a header. Names are trimmed; one that is missing is called after
 * its place, and one that is there twice gets a number.
 *
 * @param given The names of the columns of a file that has no header.
 * @throws DataFileError for a file without a header.
 */
export function openCsvTable(
  source: TextSource,
  dialect: Dialect,
  given?: readonly string[],
): DataTable {
  const first =
    given === undefined
      ? readHeader(source, dialect)
      : { header: nameColumns(given), line: dialect.skippedLines };
  if (first === undefined) {
    throw new DataFileError({ file: source.file }, "There is no header.", {
      whatToDo:
        "Give a file whose first line names the columns, or say with --skip-rows which line does.",
    });
  }
  const { header, line: headerLine } = first;
  return {
    ...{ file: source.file, header, isLong: false, unitOf: () => undefined },
    facts: describeTable(source, "csv", dialect.separator, given ? undefined : headerLine),
    scan: (sink, hear) => scanRows(source, dialect, headerLine, sink, hear),
  };
}

function readHeader(source: TextSource, dialect: Dialect) {
  const { separator, skippedLines, hasComments, isHeaderCommented } = dialect;
  let found: { header: string[]; line: number } | undefined;
  const sink: RowSink = (cells, line) => {
    if (found !== undefined || (hasComments && !isHeaderCommented && isComment(cells))) return;
    const [first = "", ...others] = cells;
    const named = isHeaderCommented ? [first.replace(/^#+/, ""), ...others] : cells;
    found = { header: nameColumns(named), line };
  };
  for (const text of skipLines(decodeText(source), skippedLines)) {
    const splitter = new RowSplitter(source.file, separator, sink, skippedLines + 1);
    // What follows the header is judged when it is read; here it may be cut anywhere.
    splitter.push(text.slice(0, HEADER_CHARACTERS_MAX));
    if (found === undefined) splitter.end();
    break;
  }
  return found;
}

const HEADER_CHARACTERS_MAX = 1 << 18;

function nameColumns(cells: readonly string[]): string[] {
  const names = cells.map((cell) => cell.trim());
  // What a file calls a column itself is not another column's name, wherever it stands.
  const taken = new Set(names);
  const seen = new Set<string>();
  return names.map((own, index) => {
    const name = own === "" ? `column ${index + 1}` : own;
    let free = name;
    for (let n = 2; seen.has(free) || (free !== own && taken.has(free)); n++) {
      free = `${name} (${n})`;
    }
    seen.add(free);
    return free;
  });
}

/**
 * Refuses a first row of values: as names it would be lost, and its file has no header.
 *
 * @throws DataFileError
 */
export function requireNames({ file, header, facts }: DataTable): void {
  const isNumber = (name: string): boolean => scanNumber(name, 46) || scanNumber(name, 44);
  const value = header.find((name) => isNumber(name) || isTime(name));
  if (value === undefined) return;
  const line = facts.headerLine ?? 1;
  throw new DataFileError({ file, line, cell: value }, "This is a value and no column's name.", {
    whatToDo:
      "If the file has no header, name its columns with --header A,B,…; if another line is its " +
      `header, say so with --skip-rows; if this one is, give its names with --header and --skip-rows ${line}.`,
  });
}

function isTime(text: string): boolean {
  const problem = /\d/.test(text) ? parseTimeText(text, undefined) : "format_unknown";
  return problem === undefined || ["order_unknown", "zone_unknown", "date_only"].includes(problem);
}

function scanRows(
  source: TextSource,
  dialect: Dialect,
  headerLine: number,
  sink: RowSink,
  hear: Hear | undefined,
): Note[] {
  let comments = 0;
  const take: RowSink = dialect.hasComments
    ? (cells, line) => {
        if (line > headerLine && !isComment(cells)) sink(cells, line);
        else if (line !== headerLine) comments += 1;
      }
    : (cells, line) => {
        if (line > headerLine) sink(cells, line);
      };
  const line = dialect.skippedLines + 1;
  const splitter = new RowSplitter(source.file, dialect.separator, take, line);
  for (const text of skipLines(decodeText(source, hear), dialect.skippedLines)) {
    splitter.push(text);
  }
  splitter.end();
  const notes: Note[] = [];
  const note = (kind: string, count: number, what: string): void => {
    if (count === 0) return;
    notes.push({ kind, count, text: `Lines ${what} were skipped.` });
  };
  note("lines_before_header", dialect.skippedLines, "before the header");
  note("comment_lines", comments, "that begin with #");
  note("empty_lines", splitter.emptyLines, "without any cell");
  return notes;
}

function* skipLines(pieces: Iterable<string>, count: number): Generator<string> {
  let left = count;
  let isAfterCarriage = false;
  for (const text of pieces) {
    let at = 0;
    while (left > 0 && at < text.length) {
      const character = text[at];
      const isBreak = character === "\r" || (character === "\n" && !isAfterCarriage);
      if (isBreak) left -= 1;
      isAfterCarriage = character === "\r";
      at += 1;
      // The LF of a CRLF belongs to the line that was skipped.
      if (left === 0 && isAfterCarriage && text[at] === "\n") at += 1;
    }
    if (at < text.length) yield at === 0 ? text : text.slice(at);
  }
}

const TIME_NAME = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}/;

/**
 * Such a table turned into one with a row a time: the entity, the time, the value, and the other
 * columns as they are. Any other table comes back as it is.
 */
export function openTimeColumnsTable(table: DataTable): DataTable {
  const times = [...table.header.keys()].filter((index) =>
    TIME_NAME.test(table.header[index] ?? ""),
  );
  if (times.length < 2 || times.includes(0)) return table;
  const others = [...table.header.keys()].filter((index) => index > 0 && !times.includes(index));
  const header = [
    ...[table.header[0] ?? "", "time", "value"],
    ...others.map((index) => table.header[index] ?? ""),
  ];
  return {
    ...table,
    ...{ header, isLong: true, known: { device: 0, time: 1 } },
    scan(sink, hear): Note[] {
      const notes = table.scan((cells, line) => {
        for (const index of times) {
          const value = cells[index] ?? "";
          if (value === "") continue;
          const rest = others.map((other) => cells[other] ?? "");
          sink([cells[0] ?? "", table.header[index] ?? "", value, ...rest], line);
        }
      }, hear);
      const text = `The header holds ${times.length} times: each row was read as one entity's values at these.`;
      return [...notes, { kind: "time_columns", text, count: times.length }];
    },
  };
}
