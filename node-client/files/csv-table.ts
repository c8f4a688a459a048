/** CSV text as a table. */
import type { ByteSource, Hear } from "./byte-source.ts";
import { DataFileError } from "./data-file-error.ts";
import { decodeText, type Encoding } from "./decode-text.ts";
import { type Dialect, isComment } from "./dialect.ts";
import { type RowSink, RowSplitter } from "./split-rows.ts";
import type { Note, Table } from "./table.ts";

/**
 * A table of separated cells below a header. Names are trimmed; one that is missing is called after
 * its place, and one that is there twice gets a number.
 *
 * @throws DataFileError for a file without a header.
 */
export function openCsvTable(source: ByteSource, encoding: Encoding, dialect: Dialect): Table {
  const first = readHeader(source, encoding, dialect);
  if (first === undefined) {
    throw new DataFileError({ file: source.file }, "There is no header.", {
      whatToDo:
        "Give a file whose first line names the columns, or say with --skip-rows which line does.",
      options: ["--skip-rows"],
    });
  }
  const { header, line: headerLine } = first;
  return {
    ...{ file: source.file, header, isLong: false, unitOf: () => undefined },
    facts: {
      ...{ format: "csv", encoding: encoding.name, encodingBy: encoding.by },
      ...{ isGzip: source.isGzip, separator: dialect.separator, headerLine },
    },
    scan: (sink, hear) => scanRows(source, encoding, dialect, headerLine, sink, hear),
  };
}

function readHeader(source: ByteSource, encoding: Encoding, dialect: Dialect) {
  let found: { header: string[]; line: number } | undefined;
  const sink: RowSink = (cells, line) => {
    if (found !== undefined) return;
    if (dialect.isHeaderCommented) {
      found = {
        header: nameColumns([(cells[0] ?? "").replace(/^#+/, ""), ...cells.slice(1)]),
        line,
      };
    } else if (!(dialect.hasComments && isComment(cells))) {
      found = { header: nameColumns(cells), line };
    }
  };
  for (const text of skipLines(decodeText(source, encoding), dialect.skippedLines)) {
    const splitter = new RowSplitter(
      source.file,
      dialect.separator,
      sink,
      dialect.skippedLines + 1,
    );
    // What is behind the header is judged when it is read; here it may be cut anywhere.
    splitter.push(text.slice(0, HEADER_CHARACTERS_MAX));
    if (found === undefined) splitter.end();
    break;
  }
  return found;
}

const HEADER_CHARACTERS_MAX = 1 << 18;

function nameColumns(cells: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return cells.map((cell, index) => {
    const name = cell.trim() === "" ? `column ${index + 1}` : cell.trim();
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return count === 1 ? name : `${name} (${count})`;
  });
}

function scanRows(
  source: ByteSource,
  encoding: Encoding,
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
  for (const text of skipLines(decodeText(source, encoding, hear), dialect.skippedLines)) {
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

/** The text behind its first lines. */
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
