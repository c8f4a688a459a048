import type { Column, Metric } from "../../spec/readings.ts";
import type { ReadingSlice } from "./slice-readings.ts";

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
