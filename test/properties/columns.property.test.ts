import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BitReader, BitWriter } from "../../spec/bits.ts";
import { decodeColumns, encodeColumns } from "../../spec/columns.ts";
import type { MetricKind } from "../../spec/readings.ts";
import { batches, kindList, toCells } from "../arbitraries/columns.ts";
import { decodeCells } from "../arbitraries/columns-model.ts";
import { runs, seed } from "../seed.ts";

const parameters = (long: number) => ({ seed: seed("columns"), numRuns: runs(long) });

/** The decoder's answer in the model's form. */
function decode(bytes: Uint8Array, kinds: readonly MetricKind[], count: number) {
  const decoded = decodeColumns(bytes, kinds, count);
  return decoded && { columns: decoded.columns.map(toCells), byteCount: decoded.byteCount };
}

/** Fields that almost make sense, so that random streams get past the first of them. */
const anyWidth = fc
  .tuple(fc.integer({ min: 0, max: 53 }), fc.double({ min: 0, max: 1, noNaN: true }))
  .map(([width, share]) =>
    width === 0 ? 0 : Math.min(2 ** width - 1, Math.floor((1 + share) * 2 ** (width - 1))),
  );
/** The bounds of the format and their neighbours, plain and in zigzag. */
const border = fc
  .tuple(fc.constantFrom(49, 50, 51, 52, 53), fc.integer({ min: -3, max: 3 }))
  .map(([width, step]) => Math.min(2 ** 53 - 1, 2 ** width + step));
const number53 = fc.oneof({ weight: 4, arbitrary: anyWidth }, { weight: 1, arbitrary: border });
const field: fc.Arbitrary<(writer: BitWriter) => void> = fc.oneof(
  fc.tuple(fc.nat(63), fc.integer({ min: 6, max: 12 })).map(([value, width]) => {
    return (writer: BitWriter) => writer.writeBits(value, width);
  }),
  number53.map((value) => (writer: BitWriter) => writer.writeNumber(value)),
);

const small = fc.nat(40);
const mostly = (usual: fc.Arbitrary<number>, wild: fc.Arbitrary<number>, weight = 4) =>
  fc.oneof({ weight, arbitrary: usual }, { weight: 1, arbitrary: wild });
const share = fc.double({ min: 0, max: 0.99, noNaN: true });
const saneGrid = fc
  .tuple(mostly(small, number53), share, share)
  .map(([width, a, b]) => [width + 2, 1 + Math.floor(width * a), Math.floor(width * b)])
  .filter(([numerator]) => numerator! < 2 ** 53);
const wildGrid = fc.tuple(number53, fc.oneof(fc.nat(3), number53), number53);

/** One series in the order of its fields, some of them as wild as their width lets them be. */
const wildSeries = fc
  .record({
    predictor: fc.integer({ min: 0, max: 3 }),
    k: mostly(fc.nat(9), fc.nat(63)),
    grid: fc.option(fc.oneof(saneGrid, wildGrid), { freq: 2 }),
    base: mostly(small, number53, 1),
    residuals: fc.array(mostly(small, number53, 12), { maxLength: 20 }),
    more: mostly(fc.nat(1), small),
  })
  .map(({ predictor, k, grid, base, residuals, more }) => {
    const writer = new BitWriter();
    writer.writeBits(predictor, 3);
    if (predictor !== 3) {
      writer.writeBits(k, 6);
      writer.writeBits(grid === null ? 0 : 1, 1);
      for (const value of grid ?? []) writer.writeNumber(value);
    }
    writer.writeNumber(base);
    for (const value of residuals) writer.writeRice(value, Math.min(k, 50));
    return { bytes: writer.finish(), count: residuals.length + more };
  });

describe("bits", () => {
  test("powers of two are exact, as the field widths need them", () => {
    for (let i = 0; i <= 53; i++) expect(BigInt(2 ** i)).toBe(1n << BigInt(i));
  });

  test("fields of any width come back, and nothing comes from behind the end", () => {
    const fields = fc.array(fc.tuple(number53, fc.nat(53)), { maxLength: 60 });
    const property = fc.property(fields, (list) => {
      const writer = new BitWriter();
      const expected = list.map(([value, width]) => [value % 2 ** width, width] as const);
      for (const [value, width] of expected) writer.writeBits(value, width);
      const bits = expected.map(([value, width]) =>
        width === 0 ? "" : value.toString(2).padStart(width, "0"),
      );
      const bytes = writer.finish();
      expect([...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("")).toBe(
        bits.join("").padEnd(bytes.length * 8, "0"),
      );
      const reader = new BitReader(bytes);
      for (const [value, width] of expected) expect(reader.readBits(width)).toBe(value);
      expect(reader.failed).toBe(false);
      expect(reader.isPaddingZero()).toBe(true);
      expect([reader.readBits(53), reader.failed]).toEqual([0, true]);
      expect([reader.readRice(0), reader.readSigned(), reader.readBits(0)]).toEqual([0, 0, 0]);
    });
    fc.assert(property, parameters(2_000));
  });
});

describe("columns", () => {
  test("every reading comes back as it went in, and the model reads the same", () => {
    const property = fc.property(batches(150), ({ kinds, columns, count }) => {
      const bytes = encodeColumns(columns, count);
      const cells = columns.map(toCells);
      const decoded = decode(bytes, kinds, count);
      expect(decoded).toStrictEqual({ columns: cells, byteCount: bytes.length });
      expect(decodeCells(bytes, kinds, count)).toStrictEqual(decoded);
      // Absent entries hold 0, as the shape promises, and no −0 comes out (toStrictEqual tells).
      for (const [i, column] of decodeColumns(bytes, kinds, count)!.columns.entries()) {
        expect(column.present).toStrictEqual(columns[i]!.present);
        column.present?.forEach((flag, at) => {
          if (flag === 0) expect(column.values[at]).toBe(0);
        });
      }
    });
    fc.assert(property, parameters(3_000));
  });

  test("bytes that decode, encode again to bytes that say the same", () => {
    const property = fc.property(wildSeries, ({ bytes, count }) => {
      const decoded = decodeColumns(bytes, ["integer"], count);
      if (decoded === undefined) return;
      const again = encodeColumns(decoded.columns, count);
      expect(decode(again, ["integer"], count)?.columns).toStrictEqual(
        decoded.columns.map(toCells),
      );
    });
    fc.assert(property, parameters(3_000));
  });

  test("wild series get the exact model's verdict", () => {
    const property = fc.property(wildSeries, ({ bytes, count }) => {
      expect(decode(bytes, ["integer"], count)).toStrictEqual(
        decodeCells(bytes, ["integer"], count),
      );
    });
    fc.assert(property, parameters(20_000));
  });

  test("random bytes and random fields get the exact model's verdict", () => {
    const fields = fc.array(field, { maxLength: 40 }).map((list) => {
      const writer = new BitWriter();
      for (const write of list) write(writer);
      return writer.finish();
    });
    const bytes = fc.oneof(fc.uint8Array({ maxLength: 120 }), fields);
    const property = fc.property(bytes, kindList, fc.nat(40), (input, kinds, count) => {
      expect(decode(input, kinds, count)).toStrictEqual(decodeCells(input, kinds, count));
    });
    fc.assert(property, parameters(20_000));
  });

  test("damaged encodings get the exact model's verdict", () => {
    const damage = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), {
      minLength: 1,
      maxLength: 3,
    });
    const property = fc.property(batches(40), damage, (batch, hits) => {
      const bytes = encodeColumns(batch.columns, batch.count);
      if (bytes.length === 0) return;
      for (const [at, mask] of hits) bytes[at % bytes.length]! ^= mask;
      expect(decode(bytes, batch.kinds, batch.count)).toStrictEqual(
        decodeCells(bytes, batch.kinds, batch.count),
      );
    });
    fc.assert(property, parameters(10_000));
  });

  test("refuses every encoding that is cut short", () => {
    const property = fc.property(batches(60), fc.nat(), (batch, cut) => {
      const bytes = encodeColumns(batch.columns, batch.count);
      if (bytes.length === 0) return;
      const short = bytes.subarray(0, cut % bytes.length);
      expect(decodeColumns(short, batch.kinds, batch.count)).toBeUndefined();
    });
    fc.assert(property, parameters(3_000));
  });

  test("refuses residuals for more readings than there are", () => {
    const values = fc.array(fc.nat(1_000), { minLength: 3, maxLength: 60 });
    const property = fc.property(values, fc.integer({ min: 8, max: 4_096 }), (list, more) => {
      const column = { values: Float64Array.from(list), present: undefined, dictionary: undefined };
      const bytes = encodeColumns([column], list.length);
      const isLine = ((bytes[0]! >> 5) & 3) === 3; // A line goes on for ever.
      // Every residual takes a bit, and the padding has at most seven.
      if (!isLine) expect(decodeColumns(bytes, ["integer"], list.length + more)).toBeUndefined();
    });
    fc.assert(property, parameters(3_000));
  });

  test("never gives more than count values a column and texts within the bytes", () => {
    const kinds: MetricKind[] = ["text", "integer", "text"];
    const input = fc.tuple(fc.uint8Array({ maxLength: 400 }), fc.nat(4_096));
    const property = fc.property(input, ([bytes, count]) => {
      for (const column of decodeColumns(bytes, kinds, count)?.columns ?? []) {
        expect(column.values.length).toBe(count);
        expect(column.present?.length ?? count).toBe(count);
        expect(Buffer.byteLength((column.dictionary ?? []).join(""))).toBeLessThan(bytes.length);
      }
    });
    fc.assert(property, parameters(5_000));
  });
});
