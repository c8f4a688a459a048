import { METRIC_VALUE_MAX } from "../../spec/limits.ts";
import type { Column, Metric } from "../../spec/readings.ts";
import type { SeededRng } from "./seeded-rng.ts";
import { integers, metric, texts } from "./world.ts";

/** Names and texts beyond ASCII, of every width that UTF-8 has, and the empty one. */
const WORDS = ["", "clear", "rain", "Schnee", "霧", "🌩️", "n/a", "ü", "\u0000", "-", "a b"] as const;
const UNITS = ["", "Cel", "%RH", "lux", "m/s", "µg/m3"] as const;
/** Wide enough that one reading of them fills leaves: see `textHeavyMetrics`. */
export const HEAVY_TEXT = "x".repeat(200);
const HEAVY_METRICS = 32;

/** One to six metrics; the groups are 0 … `groupCount` − 1, each with a metric. */
export function makeMetrics(rng: SeededRng, groupCount: number): Metric[] {
  const count = Math.max(groupCount, rng.between(1, 6));
  return Array.from({ length: count }, (_, index) => {
    const name = `${rng.pick(["t", "humidity", "µ", "空"])}${index}`;
    const group = index < groupCount ? index : rng.below(groupCount);
    const unit = rng.pick(UNITS);
    if (rng.chance(4)) return metric(name, { unit, kind: "text", group });
    return metric(name, { unit, group, scale: rng.below(5), ...makeBounds(rng) });
  });
}

/** As many texts as a stream may have, in one group: a short batch of them unfolds over the bound. */
export const textHeavyMetrics = (): Metric[] =>
  Array.from({ length: HEAVY_METRICS }, (_, index) => metric(`text ${index}`, { kind: "text" }));

function makeBounds(rng: SeededRng): Pick<Metric, "minimum" | "maximum"> {
  switch (rng.below(4)) {
    case 0:
      return { minimum: -METRIC_VALUE_MAX, maximum: METRIC_VALUE_MAX };
    case 1: {
      const only = rng.between(-5, 5);
      return { minimum: only, maximum: only };
    }
    case 2:
      return { minimum: 0, maximum: rng.between(1, 2 ** 40) };
    default:
      return { minimum: -4_000, maximum: 12_000 };
  }
}

/** Readings within the metrics' bounds; times mostly rise, and need not. */
export function makeReadings(
  rng: SeededRng,
  metrics: readonly Metric[],
  count: number,
): { times: Float64Array; columns: Column[] } {
  const times = new Float64Array(count);
  let time = 1_600_000_000 + rng.below(100_000_000);
  for (let i = 0; i < count; i++) {
    times[i] = time;
    time += rng.chance(8) ? -rng.below(1_000) : rng.pick([0, 1, 60, 3_600]);
  }
  return { times, columns: metrics.map((each) => makeColumn(rng, each, count)) };
}

function makeColumn(rng: SeededRng, { kind, minimum, maximum }: Metric, count: number): Column {
  const hasNulls = rng.chance(3);
  const isNull = (): boolean => hasNulls && rng.chance(3);
  if (kind === "text") {
    const words = [rng.pick(WORDS), rng.pick(WORDS), rng.chance(9) ? HEAVY_TEXT : "word"];
    return texts(...Array.from({ length: count }, () => (isNull() ? null : rng.pick(words))));
  }
  const range = maximum - minimum;
  const style = rng.below(3);
  let value = minimum + rng.below(range + 1);
  const values = Array.from({ length: count }, () => {
    if (style === 1) value = minimum + rng.below(range + 1);
    else if (style === 2) value = clamp(value + rng.between(-9, 9), minimum, maximum);
    return isNull() ? null : value;
  });
  return integers(...values);
}

const clamp = (value: number, minimum: number, maximum: number): number =>
  Math.min(maximum, Math.max(minimum, value));
