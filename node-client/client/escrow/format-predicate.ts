import { formatScaled } from "../../../spec/decimal.ts";
import { METRIC_VALUE_MAX } from "../../../spec/limits.ts";
import type { Predicate } from "../../../spec/predicate.ts";

type Range = Extract<Predicate, { readonly kind: "range" }>;

/** A predicate as `parsePredicate` reads it, units and scales included. */
export const formatPredicate = (predicate: Predicate): string =>
  joinRanges(predicate, (range) => {
    const { name, unit, scale } = range;
    const bounds = writeBounds(range, (bound) => formatScaled(bound, scale));
    return `${JSON.stringify(name)}{${unit},${scale}} ${bounds}`;
  });

/** A predicate for people: what `parsePredicate` was given, with the bounds that are judged. */
export const describePredicate = (predicate: Predicate): string =>
  joinRanges(predicate, (range) => {
    const { name, unit, scale } = range;
    const metric = /^[\p{L}_][\p{L}\p{N}_]*$/u.test(name) ? name : JSON.stringify(name);
    const bounds = writeBounds(range, (bound) => trimZeros(formatScaled(bound, scale)));
    return `${metric} ${bounds}${unit && ` ${unit}`}`;
  });

function joinRanges(predicate: Predicate, write: (range: Range) => string): string {
  if (predicate.kind === "range") return write(predicate);
  return predicate.parts
    .map((part) => (part.kind === "range" ? write(part) : `(${joinRanges(part, write)})`))
    .join(` ${predicate.kind} `);
}

function writeBounds({ minimum, maximum }: Range, write: (bound: number) => string): string {
  if (minimum === -METRIC_VALUE_MAX) return `<= ${write(maximum)}`;
  if (maximum === METRIC_VALUE_MAX) return `>= ${write(minimum)}`;
  return `in [${write(minimum)}, ${write(maximum)}]`;
}

const trimZeros = (text: string): string =>
  text.includes(".") ? text.replace(/\.?0+$/, "") : text;
