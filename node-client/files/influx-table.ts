/** Annotated CSV, as InfluxDB exports it: measurement and tags name the device, fields the metric. */

import type { Hear } from "./byte-source.ts";
import { DataFileError } from "./data-file-error.ts";
import { type DataTable, describeTable } from "./data-table.ts";
import { decodeText, type TextSource } from "./decode-text.ts";
import type { Note } from "./notes.ts";
import { PendingRow } from "./pending-row.ts";
import { type RowSink, RowSplitter } from "./split-rows.ts";

const NO_TAGS = new Set(["", "result", "table", "_start", "_stop", "_time", "_value", "_field"]);
/** What makes a plain table of it, for whoever wants one row a time. */
const PIVOT = 'pivot(rowKey: ["_time"], columnKey: ["_field"], valueColumn: "_value")';

/** Where the columns of the table are that is under way; an export may hold many. */
type Layout = ReturnType<typeof findLayout>;

/** A table of annotated CSV; a device is `measurement,tag=value,…`, as line protocol has it. */
export function openInfluxTable(source: TextSource): DataTable {
  const header = ["device", "time"];
  return {
    ...{ file: source.file, header, isLong: true, known: { device: 0, time: 1 } },
    facts: describeTable(source, "influx", ","),
    unitOf: () => undefined,
    scan(sink: RowSink, hear?: Hear): Note[] {
      const pending = new PendingRow(header, sink);
      let defaults: readonly string[] = [];
      let layout: Layout | undefined;
      const fields = new Set<string>();
      const splitter = new RowSplitter(source.file, ",", (cells, line) => {
        if (cells[0]?.startsWith("#")) {
          if (cells[0] === "#default") defaults = cells;
          // The annotations of the next table: a header follows them.
          layout = undefined;
          return;
        }
        if (layout === undefined || (cells.includes("_time") && cells.includes("_value"))) {
          layout = findLayout(source.file, cells, line);
          return;
        }
        const cell = (index: number): string => cells[index] || (defaults[index] ?? "");
        const field = layout.field === -1 ? "value" : cell(layout.field);
        fields.add(field);
        pending.add(nameDevice(layout, cell), cell(layout.time), field, cell(layout.value), line);
      });
      for (const text of decodeText(source, hear)) splitter.push(text);
      splitter.end();
      pending.end();
      return fields.size < 2 ? [] : [noteFields(fields.size)];
    },
  };
}

function findLayout(file: string, header: readonly string[], line: number) {
  const find = (name: string): number => header.indexOf(name);
  const [time, value, field] = [find("_time"), find("_value"), find("_field")];
  if (time === -1 || value === -1) {
    throw new DataFileError({ file, line }, "The annotated CSV has no _time or no _value.", {
      whatToDo: `Export it with ${PIVOT} and without annotations, and read that with --format csv.`,
    });
  }
  const tags = [...header.keys()].filter((index) => !NO_TAGS.has(header[index] ?? ""));
  return { header, tags, time, value, field };
}

function nameDevice({ header, tags }: Layout, cell: (index: number) => string): string {
  const measurement = tags.find((index) => header[index] === "_measurement");
  const others = tags
    .filter((index) => index !== measurement && cell(index) !== "")
    .map((index) => `${header[index]}=${cell(index)}`);
  return [...(measurement === undefined ? [] : [cell(measurement)]), ...others].join(",");
}

const noteFields = (count: number): Note => ({
  kind: "fields_apart",
  text:
    `The export has ${count} fields one after the other: each reading holds one of them. For ` +
    `one reading a time, export it with ${PIVOT}.`,
  count,
});
