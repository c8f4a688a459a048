/** Predicates (spec §12.8): their bytes, where they fit, what they say of readings. */

import { bytesToHex, type Hex, hexToBytes } from "viem";
import { describe, expect, test } from "vitest";
import { METRIC_VALUE_MAX } from "../../spec/limits.ts";
import {
  areThresholdsMet,
  decodePredicate,
  encodePredicate,
  fitsStream,
  judgeReadings,
  type Predicate,
} from "../../spec/predicate.ts";
import { integers, metric, texts } from "../arbitraries/world.ts";
import { readVectors, type Vector } from "./read-vectors.ts";

interface PredicateVector extends Vector {
  readonly bytes: Hex;
  /** `null` where the bytes are no predicate. */
  readonly predicate: Predicate | null;
}

describe("bytes", () => {
  test.each(readVectors<PredicateVector>("predicate"))("$id: $comment", ({ bytes, predicate }) => {
    expect(decodePredicate(hexToBytes(bytes))).toEqual(predicate ?? undefined);
    if (predicate !== null) expect(bytesToHex(encodePredicate(predicate))).toBe(bytes);
  });
});

const range = (
  name: string,
  minimum: number,
  maximum: number,
  unit = "",
  scale = 0,
): Predicate => ({
  ...{ kind: "range", name, unit, scale, minimum, maximum },
});
const metrics = [
  metric("temperature", { unit: "Cel", scale: 2 }),
  metric("sky", { kind: "text" }),
  metric("wind"),
];
const columns = [
  integers(2_499, 2_500, 4_299, 4_300, null),
  texts("a", "b", "c", "d", "e"),
  integers(0, 5, null, 5, 5),
];
const warm = range("temperature", 2_500, 4_299, "Cel", 2);
const windy = range("wind", 5, METRIC_VALUE_MAX);

test.each<[string, Predicate, readonly number[]]>([
  ["a range includes both bounds; a null is in none", warm, [0, 1, 1, 0, 0]],
  ["a null in the other column", windy, [0, 1, 0, 1, 1]],
  ["and", { kind: "and", parts: [warm, windy] }, [0, 1, 0, 0, 0]],
  ["or", { kind: "or", parts: [warm, windy] }, [0, 1, 1, 1, 1]],
  ["one part is itself", { kind: "and", parts: [windy] }, [0, 1, 0, 1, 1]],
])("judges readings: %s", (_, predicate, expected) => {
  expect(fitsStream(predicate, metrics)).toBe(true);
  expect([...judgeReadings(predicate, metrics, columns, 5)]).toEqual(expected);
});

test.each<[string, Predicate]>([
  ["another name", range("wnd", 0, 1)],
  ["another unit", range("temperature", 0, 1, "K", 2)],
  ["another scale", range("temperature", 0, 1, "Cel", 1)],
  ["a text", range("sky", 0, 1)],
  ["one part of several", { kind: "or", parts: [warm, range("rain", 0, 1)] }],
])("does not fit the stream: %s", (_, predicate) => {
  expect(fitsStream(predicate, metrics)).toBe(false);
});

test("throws where a caller judges by what does not fit, or encodes what is over bounds", () => {
  expect(() => judgeReadings(range("rain", 0, 1), metrics, columns, 5)).toThrow(RangeError);
  expect(() => encodePredicate(range("x", 0, 1, "", 257))).toThrow(RangeError);
  expect(() => encodePredicate({ kind: "and", parts: [] })).toThrow(RangeError);
});

test.each([
  [10, 7_500, 15, 12, true],
  [10, 7_500, 9, 9, false],
  [10, 7_500, 16, 12, true],
  [10, 7_500, 16, 11, false],
  [0, 0, 0, 0, false],
  [1, 0, 1, 0, true],
  [1, 10_000, 2 ** 32 - 1, 2 ** 32 - 2, false],
  [1, 10_000, 2 ** 32 - 1, 2 ** 32 - 1, true],
])("thresholds %i, %i: %i messages, %i valid: %s", (least, share, count, valid, expected) => {
  const terms = { minMsgCount: least, minValidBasisPoints: share };
  expect(areThresholdsMet(terms, count, valid)).toBe(expected);
});
