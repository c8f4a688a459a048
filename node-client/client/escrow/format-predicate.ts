import { formatScaled } from "../../../spec/decimal.ts";
import { METRIC_VALUE_MAX } from "../../../spec/limits.ts";
import type { Predicate } from "../../../spec/predicate.ts";

/** A predicate as `parsePredicate` reads it, units and scales included. */
export function formatPredicate(predicate: Predicate): string {
  if (predicate.kind !== "range") {
    return predicate.parts
      .map((part) => (part.kind === "range" ? formatPredicate(part) : `(${formatPredicate(part)})`))
      .join(` ${predicate.kind} `);
  }
  const { name, unit, scale, minimum, maximum } = predicate;
  const metric = `${JSON.stringify(name)}{${unit},${scale}}`;
  if (minimum === -METRIC_VALUE_MAX) return `${metric} <= ${formatScaled(maximum, scale)}`;
  if (maximum === METRIC_VALUE_MAX) return `${metric} >= ${formatScaled(minimum, scale)}`;
  return `${metric} in [${formatScaled(minimum, scale)}, ${formatScaled(maximum, scale)}]`;
}
