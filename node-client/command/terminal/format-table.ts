import { escapeLine } from "../../escape-text.ts";
import { padLeft, padRight, widthOf, wrapLine, wrapWords } from "./wrap-text.ts";

/** A text, or a number as it stands. */
export type Cell = string | number;

/**
 * Rows as columns of equal width under their names, two spaces apart. Columns that hold nothing but
 * numbers stand to the right. Cells hold other people's texts: see `escapeLine`. Where the table is
 * wider than the terminal, each row becomes a record: a line a cell, an empty line between them.
 *
 * @param columns The terminal's width; `undefined` where no terminal is written to.
 * @example
 * formatTable(["id", "name"], [["1", "north"], ["12", "south"]], undefined);
 * //  id  name
 * //   1  north
 * //  12  south
 */
export function formatTable(
  columnNames: readonly string[],
  cells: readonly (readonly Cell[])[],
  columns: number | undefined,
): string {
  const [names = [], ...rows] = [columnNames, ...cells].map((row) =>
    row.map((cell) => escapeLine(String(cell))),
  );
  const widths = names.map((name, column) =>
    Math.max(widthOf(name), ...rows.map((row) => widthOf(row[column] ?? ""))),
  );
  const isNumeric = names.map(
    (_, column) => rows.length > 0 && rows.every((row) => /^-?[\d.]*$/.test(row[column] ?? "")),
  );
  const lines = [names, ...rows].map((row) =>
    row
      .map((cell, column) => (isNumeric[column] ? padLeft : padRight)(cell, widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  const isTooWide = columns !== undefined && lines.some((line) => widthOf(line) > columns);
  if (isTooWide && rows.length > 0) return formatRecords(names, rows, columns);
  return lines.map((line) => `${wrapLine(line, columns)}\n`).join("");
}

function formatRecords(
  names: readonly string[],
  rows: readonly (readonly string[])[],
  columns: number,
): string {
  const nameWidth = Math.max(...names.map(widthOf)) + 1;
  return rows
    .map((row) =>
      names
        .map((name, column) => [name, row[column] ?? ""] as const)
        .filter(([name, cell]) => name !== "" || cell !== "")
        .map(([name, cell]) => formatField(name, cell, columns, nameWidth))
        .join(""),
    )
    .join("\n");
}

/**
 * What is known of one thing, a line a field: its name, then its text, which others may have made.
 * A text that is too long goes on under its beginning.
 *
 * @param columns The terminal's width; `undefined` where no terminal is written to.
 * @example
 * formatFields([["service", "1, weather"], ["mode", "pull"]], undefined);
 * // service   1, weather
 * // mode      pull
 */
export function formatFields(
  fields: readonly (readonly string[])[],
  columns: number | undefined,
  nameWidth = 9,
): string {
  return fields
    .map(([name = "", text = ""]) => formatField(name, escapeLine(text), columns, nameWidth))
    .join("");
}

function formatField(
  name: string,
  text: string,
  columns: number | undefined,
  nameWidth: number,
): string {
  const prefix = `${padRight(name, nameWidth)} `;
  if (columns === undefined || widthOf(prefix) + widthOf(text) <= columns) {
    return `${prefix}${text}`.trimEnd().concat("\n");
  }
  return `${wrapWords(prefix, text.split(" "), columns, nameWidth + 1).join("\n")}\n`;
}
