import type { Column, Metric } from "../../spec/readings.ts";

/** Readings in columns: one time and one entry of every column a reading. */
interface ReadingColumns {
  /** Unix seconds, in the order of the readings: not necessarily rising. */
  readonly times: Float64Array;
  readonly columns: readonly Column[];
}

/** Readings of one device that lie somewhere else than in memory, and are fetched by the batch. */
export interface StoredReadings {
  readonly deviceName: string;
  readonly metrics: readonly Metric[];
  /** Unix seconds, all of them: eight bytes a reading. */
  readonly times: Float64Array;
  slice(from: number, to: number): ReadingSlice;
}

/** One batch of readings: arrays of its own, shared with nobody. */
export interface ReadingSlice {
  readonly times: Float64Array;
  readonly columns: Column[];
}

/**
 * The readings from index `from` up to, but without, `to`. Dictionaries hold just the texts that
 * these readings use, in order of first use; `present` is undefined where none of them is null.
 *
 * @throws RangeError unless 0 ≤ from ≤ to ≤ the number of readings.
 *
 * @example
 * const batch = sliceReadings(device, 0, Math.min(128, device.times.length));
 */
export function sliceReadings(
  readings: ReadingColumns | StoredReadings,
  from: number,
  to: number,
): ReadingSlice {
  const count = readings.times.length;
  const isRange = Number.isInteger(from) && Number.isInteger(to) && 0 <= from && from <= to;
  if (!isRange || to > count) throw new RangeError(`no readings ${from} to ${to} of ${count}`);
  if ("slice" in readings) return readings.slice(from, to);
  return {
    times: readings.times.slice(from, to),
    columns: readings.columns.map((column) => sliceColumn(column, from, to)),
  };
}

function sliceColumn(column: Column, from: number, to: number): Column {
  const values = column.values.slice(from, to);
  const bits = column.present?.slice(from, to);
  const present = bits?.includes(0) ? bits : undefined;
  if (column.dictionary === undefined) return { values, present, dictionary: undefined };

  const texts = column.dictionary;
  const entries = new Map<number, number>();
  values.forEach((text, i) => {
    if (present?.[i] === 0) return;
    const entry = entries.get(text) ?? entries.size;
    entries.set(text, entry);
    values[i] = entry;
  });
  return { values, present, dictionary: [...entries.keys()].map((text) => texts[text] ?? "") };
}
