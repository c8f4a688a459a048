import { bytesToHex, hexToBytes } from "viem";
import { describe, expect, test } from "vitest";
import { computeLeafBytesMax, decodeLeaf, encodeLeaf, encodeLeaves } from "../../spec/leaves.ts";
import type { Column, MetricKind } from "../../spec/readings.ts";
import { readVectors, type Vector } from "./read-vectors.ts";

interface LeafVector extends Vector {
  readonly kinds: readonly MetricKind[];
  /** Missing when malformed. */
  readonly timeSec?: number;
  readonly values?: readonly (number | string | null)[];
  readonly malformed?: true;
  /** The leaf's bytes by name, in hexadecimal. */
  readonly fields: readonly (readonly [string, string])[];
  readonly leaf: `0x${string}`;
}

const vectors = readVectors<LeafVector>("leaves");
const readings = vectors.filter((vector) => vector.malformed !== true);
const salt = Uint8Array.from({ length: 16 }, (_, i) => i);

test.each(vectors)("$id has the bytes it names", ({ fields, leaf }) => {
  expect(`0x${fields.map(([, field]) => field.replaceAll(" ", "")).join("")}`).toBe(leaf);
});

describe("decodeLeaf", () => {
  test.each(vectors)("$id: $comment", ({ kinds, timeSec, values, leaf }) => {
    const expected = values && { salt, timeSec, values };
    expect(decodeLeaf(hexToBytes(leaf), kinds)).toStrictEqual(expected);
  });
});

describe("encodeLeaf", () => {
  test.each(readings)("$id", ({ timeSec, values, leaf }) => {
    expect(bytesToHex(encodeLeaf(salt, timeSec!, values!))).toBe(leaf);
  });

  test.each<[string, Uint8Array, number, (number | string | null)[]]>([
    ["a salt of 15 bytes", salt.subarray(1), 0, []],
    ["a fraction", salt, 0, [0.5]],
    ["a time that is no number", salt, Number.NaN, []],
    ["a value above 2^49", salt, 0, [2 ** 49 + 1]],
    ["a text of 201 bytes", salt, 0, ["x".repeat(201)]],
    ["a lone surrogate", salt, 0, ["\udc00"]],
  ])("throws on %s", (_, badSalt, timeSec, values) => {
    expect(() => encodeLeaf(badSalt, timeSec, values)).toThrow(RangeError);
  });
});

describe("encodeLeaves", () => {
  const column = (dictionary: string[] | undefined, ...values: number[]): Column => ({
    values: Float64Array.from(values),
    present: undefined,
    dictionary,
  });
  const salts = new Uint8Array(32);
  const times = Float64Array.of(1, 2);

  test("gives each reading its stretch of the buffer", () => {
    const { leaves, offsets } = encodeLeaves(salts, times, [column(["a", "bc"], 1, 0)]);
    expect([...offsets]).toEqual([0, 21, 41]);
    expect(leaves.length).toBe(41);
    expect(decodeLeaf(leaves.subarray(0, 21), ["text"])?.values).toEqual(["bc"]);
    expect(decodeLeaf(leaves.subarray(21), ["text"])?.values).toEqual(["a"]);
  });

  test("bounds what a repeated text would make before it is made", () => {
    const long = column(["x".repeat(200)], 0, 0);
    expect(computeLeafBytesMax([long], 2)).toBe(2 * (16 + 8 + 201));
    expect(encodeLeaves(salts, times, [long]).leaves.length).toBe(2 * (16 + 2 + 201));
  });

  test.each<[string, Uint8Array, Column]>([
    ["too few salts", salts.subarray(1), column(undefined, 1, 2)],
    ["a column of another length", salts, column(undefined, 1)],
    ["a fraction", salts, column(undefined, 1, 2.5)],
    ["an index without a text", salts, column(["a"], 0, 1)],
  ])("throws on %s", (_, badSalts, badColumn) => {
    expect(() => encodeLeaves(badSalts, times, [badColumn])).toThrow(RangeError);
  });
});
