import { hexToBytes } from "viem";
import { describe, expect, test } from "vitest";
import { decodeColumns, encodeColumns } from "../../spec/columns.ts";
import type { Column, MetricKind } from "../../spec/readings.ts";
import { toCells } from "../arbitraries/columns.ts";
import { type Cell, decodeCells } from "../arbitraries/columns-model.ts";
import { readVectors, type Vector } from "./read-vectors.ts";

interface ColumnsVector extends Vector {
  readonly kinds: readonly MetricKind[];
  readonly count: number;
  /** One list a column, null where a reading has no value; missing when malformed. */
  readonly columns?: readonly (readonly Cell[])[];
  /** These are the bytes our encoder makes; other encoders may choose otherwise. */
  readonly encoded?: boolean;
  readonly malformed?: true;
  /** The bits by name, written by hand: the format as the specification has it. */
  readonly fields?: readonly (readonly [string, string])[];
  readonly bytes: `0x${string}`;
  /** Where the columns end, if not at the end of the bytes. */
  readonly byteCount?: number;
}

const toColumn = (cells: readonly Cell[]): Column => {
  const texts = [...new Set(cells.filter((cell) => typeof cell === "string"))];
  const isText = texts.length > 0;
  return {
    values: Float64Array.from(cells, (cell) =>
      typeof cell === "string" ? texts.indexOf(cell) : (cell ?? 0),
    ),
    present: cells.includes(null)
      ? Uint8Array.from(cells, (cell) => (cell === null ? 0 : 1))
      : undefined,
    dictionary: isText ? texts : undefined,
  };
};

const vectors = readVectors<ColumnsVector>("columns");

describe("decodeColumns", () => {
  test.each(vectors)("$id: $comment", ({ kinds, count, columns, bytes, byteCount }) => {
    const input = hexToBytes(bytes);
    const decoded = decodeColumns(input, kinds, count);
    if (columns === undefined) {
      expect(decoded).toBeUndefined();
    } else {
      expect(decoded?.columns.map(toCells)).toStrictEqual(columns);
      expect(decoded?.byteCount).toBe(byteCount ?? input.length);
    }
    // The twin reads the vectors alike, so that both cannot drift from them together.
    expect(decodeCells(input, kinds, count)?.columns).toStrictEqual(columns);
  });

  test("gives dictionaries and bitmaps only where there are any", () => {
    const bytes = encodeColumns([toColumn([1, 2, 4]), toColumn(["a", null, "b"])], 3);
    const [numbers, texts] = decodeColumns(bytes, ["integer", "text"], 3)!.columns;
    expect(numbers).toStrictEqual({
      values: Float64Array.of(1, 2, 4),
      present: undefined,
      dictionary: undefined,
    });
    expect(texts).toStrictEqual({
      values: Float64Array.of(0, 0, 1),
      present: Uint8Array.of(1, 0, 1),
      dictionary: ["a", "b"],
    });
  });
});

describe("encodeColumns", () => {
  test.each(vectors.filter((vector) => vector.encoded))("$id", ({ count, columns, bytes }) => {
    const encoded = encodeColumns(columns!.map(toColumn), count);
    expect(encoded).toStrictEqual(hexToBytes(bytes));
  });

  const integers = (...values: number[]): Column => ({
    values: Float64Array.from(values),
    present: undefined,
    dictionary: undefined,
  });
  const texts = (dictionary: string[], ...values: number[]): Column => ({
    ...integers(...values),
    dictionary,
  });

  test.each<[string, Column]>([
    ["a fraction", integers(1, 2.5, 3)],
    ["not a number", integers(1, Number.NaN, 3)],
    ["a value above 2^49", integers(0, 0, 2 ** 49 + 1)],
    ["a column of another length", integers(1, 2)],
    ["a bitmap of another length", { ...integers(1, 2, 3), present: Uint8Array.of(1, 1) }],
    ["an index without a text", texts(["a"], 0, 1, 0)],
    ["a negative index", texts(["a"], 0, -1, 0)],
    ["a text twice", texts(["a", "a"], 0, 1, 0)],
    ["a lone surrogate", texts(["\ud800"], 0, 0, 0)],
    ["a text of 201 bytes", texts([`${"é".repeat(100)}a`], 0, 0, 0)],
  ])("throws on %s", (_, column) => {
    expect(() => encodeColumns([column], 3)).toThrow(RangeError);
  });

  test.each([-1, 1])("finds no grid that would not be exact near ±2^49 (%i)", (sign) => {
    const values = Float64Array.from({ length: 60 }, (_, i) => {
      const point = (i * 37) % 61;
      return sign * 2 ** 49 - sign * 1_000 + Math.floor((point * 50) / 9);
    });
    const bytes = encodeColumns([integers(...values)], 60);
    expect(decodeColumns(bytes, ["integer"], 60)?.columns[0]?.values).toStrictEqual(values);
  });

  test("turns −0 into 0", () => {
    const bytes = encodeColumns([integers(-0, 1, -0)], 3);
    expect(decodeColumns(bytes, ["integer"], 3)?.columns[0]?.values).toStrictEqual(
      Float64Array.of(0, 1, 0),
    );
  });
});

describe("vectors", () => {
  test.each(vectors.filter((vector) => vector.fields))("$id has the bits it names", (vector) => {
    const bits = vector.fields!.map(([, field]) => field.replaceAll(" ", "")).join("");
    const actual = [...hexToBytes(vector.bytes)].map((byte) => byte.toString(2).padStart(8, "0"));
    // A vector may end early or carry more on purpose; up to there the bits are those named.
    const length = Math.min(bits.length, actual.length * 8);
    expect(actual.join("").slice(0, length)).toBe(bits.slice(0, length));
  });
});
