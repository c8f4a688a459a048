/** Which format a file has, by its first characters. */
import type { ByteSource } from "./byte-source.ts";
import { openCsvTable, openTimeColumnsTable, requireNames } from "./csv-table.ts";
import { DataFileError } from "./data-file-error.ts";
import { type DataTable, refuseHeader } from "./data-table.ts";
import { decodeText, findEncoding, type TextSource } from "./decode-text.ts";
import { findDialect } from "./dialect.ts";
import { openInfluxTable } from "./influx-table.ts";
import { JsonSplitter, openJsonTable } from "./json-table.ts";
import { type FileFormat, FORMAT_NAMES, type ReadOptions } from "./read-options.ts";
import { isSenmlRecord, openSenmlTable } from "./senml-table.ts";

/** How much of a file is looked at to find out what it is; a pass over it all checks it. */
const SAMPLE_CHARACTERS = 1 << 18;

/**
 * A file as a table, in whichever format it is.
 *
 * @throws DataFileError where it is empty, or not what the options say.
 */
export function openTable(source: ByteSource, options: ReadOptions): DataTable {
  requireNoArchive(source);
  const { file } = source;
  const coded = findEncoding(source, options.encoding);
  const { text, isWhole } = takeSample(coded);
  if (text.trim() === "") {
    throw new DataFileError({ file }, "The file is empty.", {
      whatToDo: "Give a file whose first line names the columns.",
    });
  }
  const format = options.format ?? findFormat(text);
  requireOptionsOf(file, format, options);
  if (format === "senml") return openSenmlTable(coded);
  if (format === "ndjson") return openJsonTable(coded, options.records);
  if (format === "influx") return openInfluxTable(coded);
  const dialect = findDialect(text, isWhole, options);
  const table = openCsvTable(coded, dialect, options.header);
  const turned = openTimeColumnsTable(table);
  // Only there do values stand in a header: the times of its columns.
  if (turned === table && options.header === undefined) requireNames(table);
  if (options.format === undefined) requireNoFields(table);
  return turned;
}

/** As ZIP files begin, and the workbooks of Excel and LibreOffice, which are ZIP files (APPNOTE 4.3.7). */
const ZIP_START = [0x50, 0x4b, 0x03, 0x04];

function requireNoArchive(source: ByteSource): void {
  const [chunk] = source.chunks();
  if (chunk === undefined || !ZIP_START.every((byte, i) => chunk[i] === byte)) return;
  const problem = "This is a workbook (.xlsx, .ods) or a ZIP file.";
  throw new DataFileError({ file: source.file }, problem, {
    whatToDo: "Save the sheet as CSV, or unpack the file, and give what comes of it.",
  });
}

/** An option of another format would be passed over without a word. */
function requireOptionsOf(file: string, format: FileFormat, options: ReadOptions): void {
  const { separator, skipRows, header, skipShortRows, records } = options;
  const given: readonly (readonly [option: string, of: FileFormat, isGiven: boolean])[] = [
    ["--separator", "csv", separator !== undefined && !(format === "influx" && separator === ",")],
    ["--skip-rows", "csv", skipRows !== undefined && skipRows > 0],
    ["--header", "csv", header !== undefined],
    ["--skip-short-rows", "csv", skipShortRows === true],
    ["--records", "ndjson", records !== undefined],
  ];
  const odd = given.find(([, of, isGiven]) => isGiven && of !== format);
  if (odd === undefined) return;
  const [option, of] = odd;
  const problem = `The file is ${FORMAT_NAMES[format]}, and ${option} is for ${FORMAT_NAMES[of]}.`;
  throw new DataFileError({ file }, problem, {
    whatToDo: `Leave out ${option}, or say --format ${of} if the file is that.`,
  });
}

/** InfluxDB's tables have a row a field, and their tags name the devices: no plain table says so. */
function requireNoFields(table: DataTable): void {
  if (!["_time", "_value", "_field"].every((name) => table.header.includes(name))) return;
  const problem = "The columns _time, _value and _field are those of an export of InfluxDB.";
  const whatToDo = "Read it as one with --format influx, or as a plain table with --format csv.";
  throw refuseHeader(table, problem, whatToDo);
}

function takeSample(source: TextSource): { text: string; isWhole: boolean } {
  let text = "";
  for (const piece of decodeText(source)) {
    text += piece;
    if (text.length > SAMPLE_CHARACTERS) {
      return { text: text.slice(0, SAMPLE_CHARACTERS), isWhole: false };
    }
  }
  return { text, isWhole: true };
}

function findFormat(text: string): FileFormat {
  const start = text.trimStart();
  if (/^#(group|datatype|default)\b/.test(start)) return "influx";
  if (!/^(\{|\[\s*\{)/.test(start)) return "csv";
  let isSenml: boolean | undefined;
  const splitter = new JsonSplitter("", (record) => {
    isSenml ??= isSenmlRecord(record);
  });
  try {
    splitter.push(text);
  } catch {
    // Whoever reads it all says where it is wrong.
  }
  return isSenml === true ? "senml" : "ndjson";
}
