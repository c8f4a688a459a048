import { escapeLine } from "../escape-text.ts";

/**
 * Rows as columns of equal width under their names, two spaces apart. Columns that hold nothing but
 * numbers stand to the right. Cells hold other people's texts: see `escapeLine`.
 *
 * @example
 * formatTable(["id", "name"], [["1", "north"], ["12", "south"]]);
 * //  id  name
 * //   1  north
 * //  12  south
 */
export function formatTable(
  columnNames: readonly string[],
  cells: readonly (readonly string[])[],
): string {
  const [names = [], ...rows] = [columnNames, ...cells].map((row) => row.map(escapeLine));
  const widths = names.map((name, column) =>
    Math.max(name.length, ...rows.map((row) => (row[column] ?? "").length)),
  );
  const isNumeric = names.map(
    (_, column) => rows.length > 0 && rows.every((row) => /^-?[\d.]*$/.test(row[column] ?? "")),
  );
  return [names, ...rows]
    .map((row) =>
      row
        .map((cell, column) =>
          isNumeric[column] ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
        )
        .join("  ")
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join("");
}

/**
 * What is known of one thing, a line a field: its name, then its text, which others may have made.
 *
 * @example
 * formatFields([["service", "1, weather"], ["mode", "pull"]]);
 * // service   1, weather
 * // mode      pull
 */
export function formatFields(fields: readonly (readonly string[])[], nameWidth = 9): string {
  return fields
    .map(([name = "", text = ""]) => `${name.padEnd(nameWidth)} ${escapeLine(text)}\n`)
    .join("");
}
