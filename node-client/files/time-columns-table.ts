/** Exports with one row an entity and one column a time, as energy dashboards make them. */
import type { DataTable, Note } from "./data-table.ts";

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
