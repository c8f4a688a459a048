/** Decimal text against exact rational arithmetic, and tables through CSV text and back. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readScaled } from "../../node-client/files/cell-readers.ts";
import { isDecimal } from "../../node-client/files/decimal-text.ts";
import {
  type DeviceReadings,
  parseScaled,
  readReadings,
  sliceReadings,
} from "../../node-client/files/read-readings.ts";
import { formatScaled } from "../../spec/decimal.ts";
import { METRIC_VALUE_MAX, SCALE_MAX } from "../../spec/limits.ts";
import { runs, seed } from "../seed.ts";

const parameters = (long: number) => ({ seed: seed("read-readings"), numRuns: runs(long) });

const scales = fc.integer({ min: 0, max: SCALE_MAX });
const stored = fc.oneof(
  fc.integer({ min: -METRIC_VALUE_MAX, max: METRIC_VALUE_MAX }),
  fc.integer({ min: -1_000, max: 1_000 }),
  fc.constantFrom(METRIC_VALUE_MAX, -METRIC_VALUE_MAX),
);

interface Decimal {
  readonly sign: string;
  readonly whole: string;
  readonly fraction: string;
  readonly exponent: number | undefined;
}

const digits = (maxLength: number) =>
  fc
    .array(fc.constantFrom(..."0123456789499955500"), { maxLength })
    .map((characters) => characters.join(""));
const decimals: fc.Arbitrary<Decimal> = fc.record({
  sign: fc.constantFrom("", "+", "-"),
  whole: digits(17).map((text) => text || "0"),
  fraction: digits(20),
  exponent: fc.option(fc.integer({ min: -25, max: 25 }), { nil: undefined }),
});

const write = ({ sign, whole, fraction, exponent }: Decimal): string =>
  `${sign}${whole}${fraction === "" ? "" : `.${fraction}`}${exponent === undefined ? "" : `e${exponent}`}`;

/** The slow twin: one fraction of two big integers, rounded by its remainder. */
function computeStored({ sign, whole, fraction, exponent }: Decimal, scale: number): bigint {
  const shift = (exponent ?? 0) - fraction.length + scale;
  const numerator = BigInt(whole + fraction) * 10n ** BigInt(Math.max(0, shift));
  const denominator = 10n ** BigInt(Math.max(0, -shift));
  const floor = numerator / denominator;
  const magnitude = floor + (2n * (numerator % denominator) >= denominator ? 1n : 0n);
  return sign === "-" ? -magnitude : magnitude;
}

describe("decimal text", () => {
  test("round trip: parseScaled undoes formatScaled", () => {
    fc.assert(
      fc.property(stored, scales, (value, scale) => {
        const text = formatScaled(value, scale);
        expect(parseScaled(text, scale)).toBe(value);
        expect(text).toMatch(scale === 0 ? /^-?\d+$/ : new RegExp(`^-?\\d+\\.\\d{${scale}}$`));
      }),
      parameters(20_000),
    );
  });

  test("scales as exact rational arithmetic does", () => {
    fc.assert(
      fc.property(decimals, scales, (decimal, scale) => {
        const text = write(decimal);
        expect(isDecimal(text)).toBe(true);
        const expected = computeStored(decimal, scale);
        if (expected > BigInt(METRIC_VALUE_MAX) || expected < -BigInt(METRIC_VALUE_MAX)) {
          expect(() => parseScaled(text, scale)).toThrow(RangeError);
        } else {
          expect(parseScaled(text, scale)).toBe(Number(expected));
        }
      }),
      parameters(50_000),
    );
  });

  test("is read from cells as it is parsed, with either mark", () => {
    fc.assert(
      fc.property(decimals, scales, fc.constantFrom(".", ","), (decimal, scale, mark) => {
        const text = write(decimal);
        const cell = text.replace(".", mark);
        const read = () => readScaled(cell, mark.charCodeAt(0), scale);
        const expected = computeStored(decimal, scale);
        const isBeyond =
          expected > BigInt(METRIC_VALUE_MAX) || expected < -BigInt(METRIC_VALUE_MAX);
        if (isBeyond) expect(read).toThrow(RangeError);
        else expect(read()).toBe(Number(expected));
      }),
      parameters(50_000),
    );
  });

  test("zeros in front and behind change nothing", () => {
    fc.assert(
      fc.property(stored, scales, fc.nat(9), fc.nat(9), (value, scale, front, behind) => {
        const [sign, magnitude] =
          value < 0 ? ["-", formatScaled(-value, scale)] : ["", formatScaled(value, scale)];
        const point = scale === 0 ? "." : "";
        const padded = `${sign}${"0".repeat(front)}${magnitude}${point}${"0".repeat(behind)}`;
        expect(parseScaled(padded, scale)).toBe(value);
      }),
      parameters(5_000),
    );
  });
});

interface Line {
  readonly device: string;
  readonly time: number;
  /** At scale 3. */
  readonly number: number | null;
  readonly text: string | null;
}

/** Anything a quoted cell can hold, line breaks, quotes and the like the likeliest. */
const texts = fc
  .array(
    fc.oneof(fc.constantFrom(..."\r\n\",; 'a\u00e4\u{1f321}"), fc.string({ unit: "grapheme" })),
    {
      minLength: 1,
      maxLength: 8,
    },
  )
  .map((parts) => parts.join(""))
  .filter((text) => text !== "" && Buffer.byteLength(text) <= 200);
const lines: fc.Arbitrary<Line[]> = fc.array(
  fc.record({
    device: fc.constantFrom("a", "b", "c,d", 'e "f"'),
    time: fc.integer({ min: 0, max: 1e11 }),
    number: fc.option(stored),
    text: fc.option(texts),
  }),
  { minLength: 1, maxLength: 40 },
);

const quote = (text: string): string => `"${text.replaceAll('"', '""')}"`;

/** A first text that is no number keeps the column text, whatever else is drawn. */
function writeCsv(table: readonly Line[], lineBreak: string, mark: string): string {
  const rows = table.map(({ device, time, number, text }) => {
    const value = number === null ? "" : formatScaled(number, 3);
    return [quote(device), time, value, text === null ? "" : quote(text)].join(",");
  });
  return mark + ["device,time,v,t", ...rows, ""].join(lineBreak);
}

/** A device's readings as plain lines again. */
function toLines({ deviceName: device, times, columns }: DeviceReadings): Line[] {
  const [numbers, words] = columns;
  return [...times].map((time, i) => {
    const number = numbers?.present?.[i] === 0 ? null : (numbers?.values[i] ?? null);
    const hasText = words?.present?.[i] !== 0;
    const text = hasText ? (words?.dictionary?.[words.values[i] ?? -1] ?? null) : null;
    return { device, time, number, text };
  });
}

describe("tables", () => {
  const tables = lines.map((table) => [
    { device: "a", time: 0, number: 0, text: "not a number" },
    ...table,
  ]);
  const lineBreaks = fc.constantFrom("\n", "\r\n", "\r");
  const marks = fc.constantFrom("", "\ufeff");
  const read = (table: readonly Line[], lineBreak = "\n", mark = "") =>
    readReadings(writeCsv(table, lineBreak, mark), {
      scales: { v: 3 },
      texts: ["t"],
      timeFormat: "unix",
    });

  test("come back from CSV text, grouped by device in order of first appearance", () => {
    fc.assert(
      fc.property(tables, lineBreaks, marks, (table, lineBreak, mark) => {
        const devices = [...new Set(table.map((line) => line.device))];
        const expected = devices.flatMap((name) => table.filter(({ device }) => device === name));
        expect(read(table, lineBreak, mark).flatMap(toLines)).toEqual(expected);
      }),
      parameters(2_000),
    );
  });

  test("slices join to the whole, each with the smallest dictionary", () => {
    fc.assert(
      fc.property(tables, fc.integer({ min: 1, max: 9 }), (table, size) => {
        for (const device of read(table)) {
          const joined: Line[] = [];
          for (let from = 0; from < device.times.length; from += size) {
            const to = Math.min(from + size, device.times.length);
            const slice = sliceReadings(device, from, to);
            const piece = toLines({ ...device, ...slice });
            const used = piece.flatMap(({ text }) => (text === null ? [] : [text]));
            expect(slice.columns[1]?.dictionary).toEqual([...new Set(used)]);
            expect(slice.columns[1]?.present === undefined).toBe(used.length === piece.length);
            joined.push(...piece);
          }
          expect(joined).toEqual(toLines(device));
        }
      }),
      parameters(2_000),
    );
  });
});
