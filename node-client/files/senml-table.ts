/** SenML (RFC 8428) as a table: one device a base name, one column a name, one row a time. */

import type { Hear } from "./byte-source.ts";
import { DataFileError, quote } from "./data-file-error.ts";
import { type DataTable, describeTable } from "./data-table.ts";
import { addDecimals } from "./decimal-text.ts";
import type { TextSource } from "./decode-text.ts";
import { type JsonRecord, scanRecords } from "./json-table.ts";
import { CellCounts, type Note, noteCells } from "./notes.ts";
import { PendingRow } from "./pending-row.ts";
import type { RowSink } from "./split-rows.ts";

/** Below it, a time is relative to "now" (RFC 8428 §4.5.3): nobody knows when that was. */
const ABSOLUTE_FROM_SEC = 2 ** 28;
const BASES = ["bn", "bt", "bu", "bv", "bs"] as const;
const KNOWN = new Set(["bn", "bt", "bu", "bv", "bs", "bver", "n", "u", "v", "vs", "vb", "vd", "t"]);

/** Whether an object is a SenML record, by the labels that only these have. */
export const isSenmlRecord = (record: JsonRecord): boolean =>
  "bn" in record ||
  "bt" in record ||
  ("n" in record && ["v", "vs", "vb", "vd"].some((label) => label in record));

/** A table of SenML records; times in Unix seconds. */
export function openSenmlTable(source: TextSource): DataTable {
  const header = ["device", "time"];
  const units = new Map<string, string>();
  return {
    ...{ file: source.file, header, isLong: true, known: { device: 0, time: 1 } },
    facts: describeTable(source, "senml"),
    unitOf: (index) => units.get(header[index] ?? ""),
    scan(sink: RowSink, hear?: Hear): Note[] {
      const pending = new PendingRow(header, sink);
      const bases: Record<string, string> = {};
      const leftOut = new CellCounts<"fields_left_out">();
      scanRecords(source, hear, (record, line) => {
        for (const label of BASES) if (label in record) bases[label] = String(record[label]);
        const other = Object.keys(record).find((label) => !KNOWN.has(label));
        if (other !== undefined) leftOut.add("fields_left_out", other, line);
        const value = readValue(record, bases);
        if (value === undefined) return;
        const { device, name } = splitName(bases.bn ?? "", String(record.n ?? ""));
        const unit = String(record.u ?? bases.bu ?? "");
        requireSameUnit(source.file, line, units, name, unit);
        pending.add(device, readTime(source.file, line, record, bases), name, value, line);
      });
      pending.end();
      return [...leftOut].map(([kind, cells]) => {
        const such = `such as ${quote(cells.cell)}`;
        return noteCells(
          kind,
          `Fields of records that are no readings were left out, ${such}.`,
          cells,
        );
      });
    },
  };
}

/** A base name that ends with a colon or slash names the device, what follows the metric. */
function splitName(base: string, name: string): { device: string; name: string } {
  if (base !== "" && name !== "") return { device: base.replace(/[:/]$/, ""), name };
  const whole = base + name;
  const cut = Math.max(whole.lastIndexOf(":"), whole.lastIndexOf("/"));
  return { device: whole.slice(0, Math.max(0, cut)), name: whole.slice(cut + 1) };
}

function readValue(record: JsonRecord, bases: Record<string, string>): string | undefined {
  if ("v" in record) return addDecimals(String(record.v), bases.bv ?? "0");
  const text = record.vs ?? record.vb ?? record.vd;
  return text === undefined || text === null ? undefined : String(text);
}

function readTime(
  file: string,
  line: number,
  record: JsonRecord,
  bases: Record<string, string>,
): string {
  // Without zeros at the end, so that equal times are equal texts.
  const time = addDecimals(String(record.t ?? "0"), bases.bt ?? "0").replace(/\.?0+$/, (zeros) =>
    zeros.startsWith(".") ? "" : zeros,
  );
  if (Number(time) >= ABSOLUTE_FROM_SEC) return time;
  const problem = "The time of the record is relative to now.";
  throw new DataFileError({ file, line, cell: time }, problem, {
    whatToDo: "Have the base time (bt) written, or resolve the records first (RFC 8428 §4.6).",
  });
}

function requireSameUnit(
  file: string,
  line: number,
  units: Map<string, string>,
  name: string,
  unit: string,
): void {
  const known = units.get(name);
  if (known === undefined) units.set(name, unit);
  else if (known !== unit) {
    const problem = `The unit is ${quote(unit)}, and was ${quote(known)} before.`;
    throw new DataFileError({ file, line, column: name }, problem, {
      whatToDo: "Give the records of other units in a file of their own.",
    });
  }
}
