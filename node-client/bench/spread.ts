/** A figure over several runs: what is quoted is the median. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly runs: number;
}

/** The spread of some measurements, to four significant digits. Throws `RangeError` on none. */
export function computeSpread(values: readonly number[]): Spread {
  if (values.length === 0) throw new RangeError("no measurement");
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median =
    sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  return {
    median: round(median),
    min: round(sorted[0]!),
    max: round(sorted.at(-1)!),
    runs: sorted.length,
  };
}

export function computeMedian(values: readonly number[]): number {
  return computeSpread(values).median;
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}
