import type { Column, Metric } from "../../spec/readings.ts";

/** Readings of one device that lie somewhere else than in memory, and are fetched by the batch. */
export interface StoredReadings {
  readonly deviceName: string;
  readonly metrics: readonly Metric[];
  /** Unix seconds, all of them: eight bytes a reading. */
  readonly times: Float64Array;
  slice(from: number, to: number): ReadingSlice;
}

/** Readings in columns: one time and one entry of every column a reading. */
export interface ReadingSlice {
  /** Unix seconds, in the order of the file: they may repeat and go backwards. */
  readonly times: Float64Array;
  readonly columns: readonly Column[];
}

export const countReadings = (readings: readonly Pick<StoredReadings, "times">[]): number =>
  readings.reduce((sum, { times }) => sum + times.length, 0);

/**
 * The readings from index `from` up to, but without, `to`, in arrays of their own. Dictionaries hold
 * just the texts that these readings use, in order of first use; `present` is undefined where none of
 * them is null.
 *
 * @throws RangeError unless 0 ≤ from ≤ to ≤ the number of readings.
 *
 * @example
 * const batch = sliceReadings(device, 0, Math.min(128, device.times.length));
 */
export function sliceReadings(
  readings: ReadingSlice | StoredReadings,
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

/** The readings of some blocks in a row; dictionaries in order of first use. */
export function joinBlocks(
  blocks: readonly ReadingSlice[],
  metrics: readonly Metric[],
): ReadingSlice {
  const count = blocks.reduce((sum, { times }) => sum + times.length, 0);
  const times = new Float64Array(count);
  let at = 0;
  for (const block of blocks) {
    times.set(block.times, at);
    at += block.times.length;
  }
  return { times, columns: metrics.map((metric, m) => joinColumns(blocks, m, metric, count)) };
}

function joinColumns(
  blocks: readonly ReadingSlice[],
  m: number,
  { kind }: Metric,
  count: number,
): Column {
  const values = new Float64Array(count);
  const present = blocks.some(({ columns }) => columns[m]?.present)
    ? new Uint8Array(count).fill(1)
    : undefined;
  const entries = new Map<string, number>();
  let at = 0;
  for (const { columns, times } of blocks) {
    const column = columns[m];
    if (column === undefined) throw new RangeError(`a block has no column ${m}`);
    values.set(column.values, at);
    if (column.present) present?.set(column.present, at);
    if (column.dictionary !== undefined) {
      const moved = column.dictionary.map((text) => {
        const entry = entries.get(text) ?? entries.size;
        entries.set(text, entry);
        return entry;
      });
      for (let i = at; i < at + times.length; i++) {
        if (present?.[i] !== 0) values[i] = moved[values[i] ?? 0] ?? 0;
      }
    }
    at += times.length;
  }
  return { values, present, dictionary: kind === "text" ? [...entries.keys()] : undefined };
}
