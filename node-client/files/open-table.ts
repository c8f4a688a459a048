/** Which format a file has, by its first characters. */
import type { ByteSource } from "./byte-source.ts";
import { openCsvTable } from "./csv-table.ts";
import { DataFileError } from "./data-file-error.ts";
import { decodeText, type Encoding, findEncoding } from "./decode-text.ts";
import { findDialect } from "./dialect.ts";
import { openInfluxTable } from "./influx-table.ts";
import { JsonSplitter } from "./json-records.ts";
import { openJsonTable } from "./json-table.ts";
import type { FileFormat, ReadOptions } from "./read-options.ts";
import { isSenmlRecord, openSenmlTable } from "./senml-table.ts";
import type { Table } from "./table.ts";
import { openTimeColumnsTable } from "./time-columns-table.ts";

/** How much of a file is looked at to find out what it is; a pass over it all checks it. */
const SAMPLE_CHARACTERS = 1 << 18;

/**
 * A file as a table, in whichever format it is.
 *
 * @throws DataFileError where it is empty, or not what the options say.
 */
export function openTable(source: ByteSource, options: ReadOptions): Table {
  const encoding = findEncoding(source, options.encoding);
  const { text, isWhole } = takeSample(source, encoding);
  if (text.trim() === "") {
    throw new DataFileError({ file: source.file }, "The file is empty.", {
      whatToDo: "Give a file whose first line names the columns.",
    });
  }
  const format = options.format ?? findFormat(text);
  if (format === "senml") return openSenmlTable(source, encoding);
  if (format === "ndjson") return openJsonTable(source, encoding);
  if (format === "influx") return openInfluxTable(source, encoding);
  const dialect = findDialect(text, isWhole, options);
  return openTimeColumnsTable(openCsvTable(source, encoding, dialect));
}

function takeSample(source: ByteSource, encoding: Encoding): { text: string; isWhole: boolean } {
  let text = "";
  for (const piece of decodeText(source, encoding)) {
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
