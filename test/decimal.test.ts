/** Decimal text to scaled integers and back: rounding and bounds, case by case. */
import { describe, expect, test } from "vitest";
import { isDecimal, parseScaled } from "../node-client/files/decimal-text.ts";
import { formatScaled } from "../spec/decimal.ts";
import { METRIC_VALUE_MAX } from "../spec/limits.ts";

describe("decimal text", () => {
  test.each([
    ["5.499999999999999", 2, 550],
    ["5.494999999999999999999999999999", 2, 549],
    ["5.495", 2, 550],
    ["1.005", 2, 101],
    ["-0.005", 2, -1],
    ["-0.00499", 2, 0],
    ["1e3", 2, 100_000],
    ["12.5e-1", 2, 125],
    ["15E-3", 2, 2],
    ["+7", 0, 7],
    ["-0", 2, 0],
    ["-0.0e5", 12, 0],
    ["007.10", 2, 710],
    [".5", 0, 1],
    ["5.", 1, 50],
    ["0.05", 0, 0],
    ["0e99999999999999999999", 2, 0],
    ["9e-99999999999999999999", 2, 0],
    [`${METRIC_VALUE_MAX}`, 0, METRIC_VALUE_MAX],
    [`-${METRIC_VALUE_MAX}.4`, 0, -METRIC_VALUE_MAX],
  ])("scales %s at %i decimals to %i", (text, scale, stored) => {
    expect(isDecimal(text)).toBe(true);
    expect(parseScaled(text, scale)).toBe(stored); // toBe tells -0 from 0.
  });

  test.each([
    `${METRIC_VALUE_MAX}.5`,
    "562949953421313",
    "1e15",
    "-1e400",
    "1e99999999999999999999",
  ])("refuses %s beyond 2^49", (text) => expect(() => parseScaled(text, 0)).toThrow(RangeError));

  test.each(["", ".", "-", "e5", "NaN", "Infinity", "0x10", "1,5", " 5", "5 ", "1e", "1e1.5", "١"])(
    "does not take %j for a number",
    (text) => {
      expect(isDecimal(text)).toBe(false);
      expect(() => parseScaled(text, 2)).toThrow(SyntaxError);
    },
  );

  test.each([
    [711, 2, "7.11"],
    [-5, 2, "-0.05"],
    [0, 2, "0.00"],
    [-0, 0, "0"],
    [1_200, 0, "1200"],
    [-METRIC_VALUE_MAX, 12, "-562.949953421312"],
  ])("formats %i at %i decimals as %s", (value, scale, text) => {
    expect(formatScaled(value, scale)).toBe(text);
  });

  test("refuses what is not a scale", () => {
    expect(() => parseScaled("1", 1.5)).toThrow(RangeError);
    expect(() => parseScaled("1", -1)).toThrow(RangeError);
  });
});
