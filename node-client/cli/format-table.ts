/**
 * Rows as columns of equal width under their names, two spaces apart. Columns that hold nothing but
 * numbers stand to the right.
 *
 * @example
 * formatTable(["id", "name"], [["1", "north"], ["12", "south"]]);
 * //  id  name
 * //   1  north
 * //  12  south
 */
export function formatTable(
  names: readonly string[],
  rows: readonly (readonly string[])[],
): string {
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
