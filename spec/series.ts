import { type BitReader, type BitWriter, decodeZigzag } from "./bits.ts";
import { METRIC_VALUE_MAX } from "./limits.ts";

/** How a value is foretold from those before it (spec §3.3): two bits on the wire. */
export const PREDICTOR_MINIMUM = 0;
export const PREDICTOR_DELTA = 1;
export const PREDICTOR_DELTA_OF_DELTA = 2;
export const PREDICTOR_LINE = 3;

export const RICE_PARAMETER_MAX = 50;
/** The widest difference of two values: a grid of two points has that spacing. */
export const GRID_NUMERATOR_MAX = 2 * METRIC_VALUE_MAX;
/** Grid products stay below this, so that every sum and quotient of the grid is exact. */
export const GRID_PRODUCT_MAX = 2 ** 52;

/**
 * A lattice of rational spacing on which all values lie: value = floor((q·numerator + offset) /
 * denominator) for integers q. `{ 50, 4, 9 }` is hundredths of °C from tenths of °F; a denominator
 * of 1 is a plain common divisor. 1 ≤ denominator < numerator ≤ 2^50, offset < numerator.
 */
export interface Grid {
  readonly numerator: number;
  readonly denominator: number;
  readonly offset: number;
}

/** A series ready to be written: every choice that the format leaves to the encoder. */
export type SeriesPlan =
  | { readonly predictor: typeof PREDICTOR_LINE; readonly base: number; readonly step: number }
  | {
      readonly predictor:
        | typeof PREDICTOR_MINIMUM
        | typeof PREDICTOR_DELTA
        | typeof PREDICTOR_DELTA_OF_DELTA;
      readonly riceParameter: number;
      readonly grid: Grid | undefined;
      readonly base: number;
      /** Non-negative: above the minimum, or zigzag of the differences. */
      readonly residuals: Float64Array;
    };

/** Writes one planned series of `count` values, at least one. */
export function writeSeries(writer: BitWriter, plan: SeriesPlan, count: number): void {
  writer.writeBits(plan.predictor, 2);
  if (plan.predictor === PREDICTOR_LINE) {
    writer.writeSigned(plan.base);
    if (count > 1) writer.writeSigned(plan.step);
    return;
  }
  writer.writeBits(plan.riceParameter, 6);
  writer.writeBits(plan.grid === undefined ? 0 : 1, 1);
  if (plan.grid !== undefined) {
    writer.writeNumber(plan.grid.numerator);
    writer.writeNumber(plan.grid.denominator);
    writer.writeNumber(plan.grid.offset);
  }
  writer.writeSigned(plan.base);
  for (const residual of plan.residuals) writer.writeRice(residual, plan.riceParameter);
}

/**
 * Reads `count` values, at least one, into the front of `values`; `reader.failed` tells whether
 * they are any good. Values come out with a magnitude of at most 2^49 and never as −0.
 *
 * Exactness: a residual is inexact only above 2^53, and then it takes any value in range out of
 * range, so the one check on each value refuses it, as exact arithmetic would.
 */
export function decodeSeries(reader: BitReader, values: Float64Array, count: number): void {
  const predictor = reader.readBits(2);
  if (predictor === PREDICTOR_LINE) {
    decodeLine(reader, values, count);
    return;
  }
  const k = reader.readBits(6);
  if (k > RICE_PARAMETER_MAX) reader.fail();
  const grid = reader.readBits(1) === 1 ? decodeGrid(reader) : undefined;
  const limit =
    grid === undefined
      ? METRIC_VALUE_MAX
      : Math.min(METRIC_VALUE_MAX, Math.floor(GRID_PRODUCT_MAX / grid.numerator));
  const base = reader.readSigned();
  if (reader.failed || base > limit || base < -limit) {
    reader.fail();
    return;
  }
  if (predictor === PREDICTOR_MINIMUM) {
    for (let i = 0; i < count; i++) {
      const value = base + reader.readRice(k);
      if (value > limit) {
        reader.fail();
        return;
      }
      values[i] = value;
    }
  } else {
    decodeDifferences(reader, values, count, base, k, limit, predictor);
  }
  if (reader.failed || grid === undefined) return;
  applyGrid(reader, values, count, grid);
}

function decodeDifferences(
  reader: BitReader,
  values: Float64Array,
  count: number,
  base: number,
  k: number,
  limit: number,
  predictor: number,
): void {
  let value = base;
  let delta = 0;
  values[0] = value;
  for (let i = 1; i < count; i++) {
    const difference = decodeZigzag(reader.readRice(k));
    delta = predictor === PREDICTOR_DELTA ? difference : delta + difference;
    value += delta;
    if (value > limit || value < -limit) {
      reader.fail();
      return;
    }
    values[i] = value;
  }
}

function decodeLine(reader: BitReader, values: Float64Array, count: number): void {
  const base = reader.readSigned();
  const step = count > 1 ? reader.readSigned() : 0;
  const last = base + step * (count - 1);
  if (Math.abs(base) > METRIC_VALUE_MAX || Math.abs(last) > METRIC_VALUE_MAX) reader.fail();
  if (reader.failed) return;
  let value = base;
  for (let i = 0; i < count; i++) {
    values[i] = value;
    value += step;
  }
}

function decodeGrid(reader: BitReader): Grid {
  const numerator = reader.readNumber();
  const denominator = reader.readNumber();
  const offset = reader.readNumber();
  const isGrid =
    numerator <= GRID_NUMERATOR_MAX &&
    denominator >= 1 &&
    denominator < numerator &&
    offset < numerator;
  if (!isGrid) reader.fail();
  return { numerator, denominator, offset };
}

function applyGrid(reader: BitReader, values: Float64Array, count: number, grid: Grid): void {
  const { numerator, denominator, offset } = grid;
  for (let i = 0; i < count; i++) {
    const scaled = values[i]! * numerator + offset;
    // A floor of a double quotient is exact here: the numerator is an integer below 2^53.
    const value = denominator === 1 ? scaled : Math.floor(scaled / denominator);
    if (value > METRIC_VALUE_MAX || value < -METRIC_VALUE_MAX) reader.fail();
    values[i] = value;
  }
}
