import { expect, test } from "vitest";
import { clipText, measureText } from "../dapp/engine/clip-text.ts";

/** A text of an operation in a refusal's detail (spec §8). */

test.each([
  ["", '""'],
  ["wind-1", '"wind-1"'],
  ["x".repeat(64), `"${"x".repeat(64)}"`],
  ["x".repeat(65), `"${"x".repeat(64)}…"`],
  [`${"x".repeat(63)}😀`, `"${"x".repeat(63)}?…"`],
  ["ü\u001b[31m\u2028", '"??[31m?"'],
  ['a" of 3', '"a? of 3"'],
  ["y".repeat(60_000), `"${"y".repeat(64)}…"`],
])("%j is shown as %s", (text, shown) => {
  expect(`"${clipText(text)}"`).toBe(shown);
});

test("a size is that of its bytes", () => {
  expect(measureText("ü".repeat(33))).toEqual({ text: "?".repeat(33), byteCount: 66 });
});
