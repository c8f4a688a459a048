import { METRIC_VALUE_MAX } from "../../spec/limits.ts";
import type { Column, Metric } from "../../spec/readings.ts";
import type { Dice } from "./dice.ts";
import { integers, metric, texts } from "./world.ts";

/** Names and texts beyond ASCII, of every width that UTF-8 has, and the empty one. */
const WORDS = ["", "clear", "rain", "Schnee", "霧", "🌩️", "n/a", "ü", "\u0000", "-", "a b"] as const;
const UNITS = ["", "Cel", "%RH", "lux", "m/s", "µg/m3"] as const;
/** Wide enough that one reading of them fills leaves: see `textHeavyMetrics`. */
export const HEAVY_TEXT = "x".repeat(200);
const HEAVY_METRICS = 32;

/** One to six metrics; the groups are 0 … `groupCount` − 1, each with a metric. */
export function makeMetrics(dice: Dice, groupCount: number): Metric[] {
  const count = Math.max(groupCount, dice.between(1, 6));
  return Array.from({ length: count }, (_, index) => {
    const name = `${dice.pick(["t", "humidity", "µ", "空"])}${index}`;
    const group = index < groupCount ? index : dice.below(groupCount);
    const unit = dice.pick(UNITS);
    if (dice.chance(4)) return metric(name, { unit, kind: "text", group });
    return metric(name, { unit, group, scale: dice.below(5), ...makeBounds(dice) });
  });
}

/** As many texts as a stream may have, in one group: a short batch of them unfolds over the bound. */
export const textHeavyMetrics = (): Metric[] =>
  Array.from({ length: HEAVY_METRICS }, (_, index) => metric(`text ${index}`, { kind: "text" }));

function makeBounds(dice: Dice): Pick<Metric, "minimum" | "maximum"> {
  switch (dice.below(4)) {
    case 0:
      return { minimum: -METRIC_VALUE_MAX, maximum: METRIC_VALUE_MAX };
    case 1: {
      const only = dice.between(-5, 5);
      return { minimum: only, maximum: only };
    }
    case 2:
      return { minimum: 0, maximum: dice.between(1, 2 ** 40) };
    default:
      return { minimum: -4_000, maximum: 12_000 };
  }
}

/** Readings within the metrics' bounds; times mostly rise, and need not. */
export function makeReadings(
  dice: Dice,
  metrics: readonly Metric[],
  count: number,
): { times: Float64Array; columns: Column[] } {
  const times = new Float64Array(count);
  let time = 1_600_000_000 + dice.below(100_000_000);
  for (let i = 0; i < count; i++) {
    times[i] = time;
    time += dice.chance(8) ? -dice.below(1_000) : dice.pick([0, 1, 60, 3_600]);
  }
  return { times, columns: metrics.map((each) => makeColumn(dice, each, count)) };
}

function makeColumn(dice: Dice, { kind, minimum, maximum }: Metric, count: number): Column {
  const hasNulls = dice.chance(3);
  const isNull = (): boolean => hasNulls && dice.chance(3);
  if (kind === "text") {
    const words = [dice.pick(WORDS), dice.pick(WORDS), dice.chance(9) ? HEAVY_TEXT : "word"];
    return texts(...Array.from({ length: count }, () => (isNull() ? null : dice.pick(words))));
  }
  const range = maximum - minimum;
  const style = dice.below(3);
  let value = minimum + dice.below(range + 1);
  const values = Array.from({ length: count }, () => {
    if (style === 1) value = minimum + dice.below(range + 1);
    else if (style === 2) value = clamp(value + dice.between(-9, 9), minimum, maximum);
    return isNull() ? null : value;
  });
  return integers(...values);
}

const clamp = (value: number, minimum: number, maximum: number): number =>
  Math.min(maximum, Math.max(minimum, value));
