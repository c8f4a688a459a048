/** Small files as text: what is read of them, and what is asked for. */
import { expect, test } from "vitest";
import { fromBytes } from "../../node-client/files/byte-source.ts";
import { DataFileError } from "../../node-client/files/data-file-error.ts";
import type { ReadOptions } from "../../node-client/files/read-options.ts";
import { collectReadings } from "../../node-client/files/read-readings.ts";
import { type UnderstoodFile, understandFile } from "../../node-client/files/understand-file.ts";
import { formatScaled } from "../../spec/decimal.ts";
import { listOptions } from "./list-options.ts";

/** Looks a text through as a file. */
export const look = (text: string, options: ReadOptions = {}): UnderstoodFile =>
  understandFile(fromBytes(Buffer.from(text), "some.csv"), options);

/** Devices as `name: metric=values`, with the unit behind the metric. */
export function show(file: UnderstoodFile): string[] {
  return collectReadings(file).flatMap(({ deviceName, metrics, columns }) =>
    columns.map(({ values, present, dictionary }, m) => {
      const { name = "", unit = "", scale = 0 } = metrics[m] ?? {};
      const cells = [...values].map((value, row) => {
        if (present?.[row] === 0) return "null";
        return dictionary === undefined ? formatScaled(value, scale) : `'${dictionary[value]}'`;
      });
      return `${deviceName}: ${name}${unit === "" ? "" : ` ${unit}`} = ${cells.join(" ")}`;
    }),
  );
}

export const read = (text: string, options: ReadOptions = {}): string[] =>
  show(look(text, options));

/** The error of an action, and the options that its advice names. */
export function refuse(
  action: () => unknown,
): DataFileError & { readonly options: readonly string[] } {
  try {
    action();
  } catch (error) {
    if (!(error instanceof DataFileError)) throw error;
    return Object.assign(error, { options: listOptions(error) });
  }
  throw new Error("it was not refused");
}

export const kindsOf = (file: UnderstoodFile): string[] =>
  file.summary.notes.map(({ kind }) => kind);
export const rowsOf = (count: number, row: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => `${row(i)}\n`).join("");

/** A time of a row. */
export const T = "2024-05-01T00:00:00Z";

/** A text, how it is refused, and what an option of the advice makes of it. */
export type Asked = readonly [
  rule: string,
  text: string,
  options: ReadOptions,
  asked: { readonly options: readonly string[]; readonly cell?: string; readonly line?: number },
  further: readonly (readonly [ReadOptions, readonly string[]])[],
];

/** Each is refused, and each of its options then reads it. */
export function testAsked(cases: readonly Asked[]): void {
  test.each(cases)("%s", (_, text, options, asked, further) => {
    const error = refuse(() => read(text, options));
    expect(error).toMatchObject(asked);
    for (const [more, lines] of further) expect(read(text, { ...options, ...more })).toEqual(lines);
  });
}
