import { DataFileError, formatHeader, quote } from "./data-file-error.ts";
import type { DataTable } from "./data-table.ts";
import { splitUnit } from "./units.ts";

/**
 * The index of the column that an option names: as it stands in the header, else without the unit
 * that the header has in brackets, else by the last part of a path. Letters' case counts.
 *
 * @throws DataFileError, listing the header, when there is none or more than one.
 */
export function findColumn(table: DataTable, name: string, option: string, what: string): number {
  const { header, file } = table;
  const exact = header.indexOf(name);
  if (exact !== -1) return exact;
  const forms: ((column: string) => string)[] = [
    (column) => splitUnit(column).name,
    (column) => column.slice(column.lastIndexOf(".") + 1),
  ];
  for (const form of forms) {
    const found = [...header.keys()].filter((index) => form(header[index] ?? "") === name);
    if (found.length === 1) return found[0] ?? -1;
  }
  throw new DataFileError(
    { file, line: table.facts.headerLine, column: name },
    what.replace("%", quote(name)),
    {
      whatToDo: `Correct ${option}; the header has: ${formatHeader(header)}.`,
    },
  );
}
