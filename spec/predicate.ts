import { utf8ToBytes } from "@noble/hashes/utils.js";
import {
  BASIS_POINTS,
  METRIC_VALUE_MAX,
  NAME_BYTES_MAX,
  PREDICATE_BYTES_MAX,
  PREDICATE_DEPTH_MAX,
  PREDICATE_NODES_MAX,
  SCALE_MAX,
  UNIT_BYTES_MAX,
} from "./limits.ts";
import type { Column, Metric } from "./readings.ts";
import { decodeText } from "./texts.ts";
import { readBigEndian, writeUint } from "./words.ts";

/**
 * Predicates over readings of an open stream (spec §12.8): ranges of metrics under "and" and "or".
 * Metrics go by name, unit and scale, so that an intent can ask before it knows the stream.
 */
export type Predicate =
  | {
      readonly kind: "range";
      readonly name: string;
      readonly unit: string;
      readonly scale: number;
      /** Both inclusive, as stored integers: [25, 43) at scale 2 is 2,500 to 4,299. */
      readonly minimum: number;
      readonly maximum: number;
    }
  | { readonly kind: "and" | "or"; readonly parts: readonly Predicate[] };

export type PredicateRange = Extract<Predicate, { kind: "range" }>;

const CODE_RANGE = 1;
const CODE_AND = 2;
const CODE_OR = 3;
const VALUE_BYTES = 7;

/**
 * Range: 01 ‖ length (1) ‖ name ‖ length (1) ‖ unit ‖ scale (1) ‖ minimum + 2^49 (7) ‖ maximum +
 * 2^49 (7). And, or: 02, 03 ‖ count (1, at least 1) ‖ the parts.
 *
 * @throws RangeError on a predicate over its bounds.
 */
export function encodePredicate(predicate: Predicate): Uint8Array {
  const list = listBytes(predicate);
  const bytes = Uint8Array.from(list);
  // A typed array would keep the low byte of a length or scale above 255.
  const isFit = list.every((byte) => byte >= 0 && byte <= 255);
  if (!isFit || decodePredicate(bytes) === undefined)
    throw new RangeError("the predicate is over bounds");
  return bytes;
}

function listBytes(predicate: Predicate): number[] {
  if (predicate.kind !== "range") {
    const code = predicate.kind === "and" ? CODE_AND : CODE_OR;
    return [code, predicate.parts.length, ...predicate.parts.flatMap(listBytes)];
  }
  const name = utf8ToBytes(predicate.name);
  const unit = utf8ToBytes(predicate.unit);
  const bounds = new Uint8Array(2 * VALUE_BYTES);
  writeUint(bounds, 0, VALUE_BYTES, predicate.minimum + METRIC_VALUE_MAX);
  writeUint(bounds, VALUE_BYTES, VALUE_BYTES, predicate.maximum + METRIC_VALUE_MAX);
  return [CODE_RANGE, name.length, ...name, unit.length, ...unit, predicate.scale, ...bounds];
}

/** Reads a predicate; `undefined` unless it is well-formed, within bounds and nothing follows. */
export function decodePredicate(bytes: Uint8Array): Predicate | undefined {
  if (bytes.length > PREDICATE_BYTES_MAX) return undefined;
  const reader = new PredicateReader(bytes);
  const predicate = reader.read(1);
  return predicate !== undefined && reader.at === bytes.length ? predicate : undefined;
}

class PredicateReader {
  at = 0;
  #nodeCount = 0;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  read(depth: number): Predicate | undefined {
    this.#nodeCount += 1;
    if (depth > PREDICATE_DEPTH_MAX || this.#nodeCount > PREDICATE_NODES_MAX) return undefined;
    const code = this.#bytes[this.at++];
    if (code === CODE_RANGE) return this.#readRange();
    const count = this.#bytes[this.at++] ?? 0;
    if ((code !== CODE_AND && code !== CODE_OR) || count === 0) return undefined;
    const parts: Predicate[] = [];
    for (let i = 0; i < count; i++) {
      const part = this.read(depth + 1);
      if (part === undefined) return undefined;
      parts.push(part);
    }
    return { kind: code === CODE_AND ? "and" : "or", parts };
  }

  #readRange(): Predicate | undefined {
    const name = this.#readText(NAME_BYTES_MAX);
    const unit = this.#readText(UNIT_BYTES_MAX);
    const scale = this.#bytes[this.at++];
    const minimum = this.#readValue();
    const maximum = this.#readValue();
    const isRange =
      name !== undefined &&
      unit !== undefined &&
      scale !== undefined &&
      scale <= SCALE_MAX &&
      minimum !== undefined &&
      maximum !== undefined &&
      minimum <= maximum;
    return isRange ? { kind: "range", name, unit, scale, minimum, maximum } : undefined;
  }

  #readText(bytesMax: number): string | undefined {
    const length = this.#bytes[this.at++];
    if (length === undefined || length > bytesMax) return undefined;
    const bytes = this.#bytes.slice(this.at, this.at + length);
    if (bytes.length < length) return undefined;
    this.at += length;
    return decodeText(bytes);
  }

  #readValue(): number | undefined {
    const bytes = this.#bytes.subarray(this.at, this.at + VALUE_BYTES);
    if (bytes.length < VALUE_BYTES) return undefined;
    this.at += VALUE_BYTES;
    const value = readBigEndian(bytes);
    return value > BigInt(2 * METRIC_VALUE_MAX) ? undefined : Number(value) - METRIC_VALUE_MAX;
  }
}

/** True iff every range names an integer metric of the stream by name, unit and scale. */
export const fitsStream = (predicate: Predicate, metrics: readonly Metric[]): boolean =>
  findUnfitRange(predicate, metrics) === undefined;

/** The first range that names no integer metric of the stream by name, unit and scale. */
export function findUnfitRange(
  predicate: Predicate,
  metrics: readonly Metric[],
): PredicateRange | undefined {
  if (predicate.kind === "range") {
    return findMetric(predicate, metrics) === -1 ? predicate : undefined;
  }
  for (const part of predicate.parts) {
    const unfit = findUnfitRange(part, metrics);
    if (unfit !== undefined) return unfit;
  }
  return undefined;
}

/**
 * Whether each reading of a batch is valid: 1 where the predicate holds. A null is in no range.
 *
 * @param columns The metrics' columns, in declaration order; the predicate fits the stream.
 */
export function judgeReadings(
  predicate: Predicate,
  metrics: readonly Metric[],
  columns: readonly Column[],
  count: number,
): Uint8Array {
  const verdicts = new Uint8Array(count);
  if (predicate.kind === "range") {
    const column = columns[findMetric(predicate, metrics)];
    if (column === undefined) throw new RangeError(`no metric ${predicate.name} to judge`);
    const { values, present } = column;
    for (let i = 0; i < count; i++) {
      const value = values[i]!;
      const isIn = value >= predicate.minimum && value <= predicate.maximum;
      verdicts[i] = isIn && present?.[i] !== 0 ? 1 : 0;
    }
    return verdicts;
  }
  const isAnd = predicate.kind === "and";
  if (isAnd) verdicts.fill(1);
  for (const part of predicate.parts) {
    const others = judgeReadings(part, metrics, columns, count);
    for (let i = 0; i < count; i++) {
      verdicts[i] = isAnd ? verdicts[i]! & others[i]! : verdicts[i]! | others[i]!;
    }
  }
  return verdicts;
}

function findMetric(range: PredicateRange, metrics: readonly Metric[]): number {
  return metrics.findIndex(
    ({ kind, name, unit, scale }) =>
      kind === "integer" && name === range.name && unit === range.unit && scale === range.scale,
  );
}

/**
 * The thresholds of sessions and judged units (spec §12.7), exact: at least `minMsgCount` messages,
 * and of them at least `minValidBasisPoints` hundredths of a percent valid. No message: not met.
 */
export function areThresholdsMet(
  terms: { readonly minMsgCount: number; readonly minValidBasisPoints: number },
  messageCount: number,
  validCount: number,
): boolean {
  return (
    messageCount > 0 &&
    messageCount >= terms.minMsgCount &&
    validCount * BASIS_POINTS >= terms.minValidBasisPoints * messageCount
  );
}
