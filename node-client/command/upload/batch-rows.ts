import { createHash } from "node:crypto";
import type { Hex } from "../../../spec/outputs.ts";
import type { ReadingSlice } from "../../files/slice-readings.ts";

/** What a batch holds, so that its rows are known again in another file. */
export interface BatchRows {
  /** SHA-256 of times and values: the same for the same readings in whatever file. */
  readonly hash: Hex;
  /** Unix seconds: rows need not be in the order of their times. */
  readonly earliestSec: number;
  readonly latestSec: number;
}

/** Describes one batch's readings. */
export function describeRows({ times, columns }: ReadingSlice): BatchRows {
  const content = [
    [...times],
    columns.map(({ values, present, dictionary }) => [
      [...values],
      present === undefined ? null : [...present],
      dictionary ?? null,
    ]),
  ];
  const sorted = Float64Array.from(times).sort();
  return {
    hash: `0x${createHash("sha256").update(JSON.stringify(content)).digest("hex")}`,
    earliestSec: sorted[0] ?? 0,
    latestSec: sorted.at(-1) ?? 0,
  };
}
