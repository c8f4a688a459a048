import { computeBitLength, encodeZigzag, RICE_QUOTIENT_MAX } from "./bits.ts";
import {
  type Grid,
  PREDICTOR_DELTA,
  PREDICTOR_DELTA_OF_DELTA,
  PREDICTOR_LINE,
  PREDICTOR_MINIMUM,
  RICE_PARAMETER_MAX,
  type SeriesPlan,
} from "./series.ts";

/**
 * Bounds of the encoder's search for grids, not of the format. Unit conversions have small
 * denominators (°F to °C: 5/9), and wide spacings are found as common divisors.
 */
const GRID_DENOMINATOR_MAX = 16;
const GRID_SPACING_MAX = 64;
/** A narrower grid saves less than a bit a value. */
const GRID_SPACING_MIN = 2;
/** A grid has to be this much wider than one of a smaller denominator: the header grows too. */
const GRID_GAIN_MIN = 1.05;
/** Quotients and products of the grid must stay exact; decoders allow twice as much. */
const GRID_SCALED_MAX = 2 ** 51;

type RicePlan = Exclude<SeriesPlan, { readonly predictor: typeof PREDICTOR_LINE }>;

/**
 * The cheapest way to write a series: a line if it is one, else the cheapest of three predictors on
 * each grid that the values fit, with the best Rice parameter; costs are counted, not estimated.
 *
 * @param values at least one integer of magnitude up to 2^49.
 */
export function planSeries(values: Float64Array): SeriesPlan {
  const base = values[0]!;
  const step = values.length > 1 ? values[1]! - base : 0;
  // Nothing else is cheaper for a line: any predictor spells out a base and a step as well.
  if (isLine(values, step)) return { predictor: PREDICTOR_LINE, base, step };

  let best: RicePlan | undefined;
  let bestBits = Number.POSITIVE_INFINITY;
  for (const grid of [undefined, findDivisor(values), findGrid(values)]) {
    if (grid === undefined && best !== undefined) continue;
    const points = grid === undefined ? values : computeGridPoints(values, grid);
    for (const plan of computePlans(points, grid)) {
      const bits = computePlanBits(plan);
      if (bits < bestBits) {
        best = plan;
        bestBits = bits;
      }
    }
  }
  return best!;
}

function isLine(values: Float64Array, step: number): boolean {
  for (let i = 1; i < values.length; i++) if (values[i]! - values[i - 1]! !== step) return false;
  return true;
}

function computePlans(points: Float64Array, grid: Grid | undefined): RicePlan[] {
  const first = points[0]!;
  let minimum = first;
  for (const point of points) minimum = Math.min(minimum, point);
  const deltas = new Float64Array(points.length - 1);
  const turns = new Float64Array(points.length - 1);
  let before = 0;
  for (let i = 0; i < deltas.length; i++) {
    const delta = points[i + 1]! - points[i]!;
    deltas[i] = encodeZigzag(delta);
    turns[i] = encodeZigzag(delta - before);
    before = delta;
  }
  const plan = (
    predictor: RicePlan["predictor"],
    base: number,
    residuals: Float64Array,
  ): RicePlan => ({
    predictor,
    riceParameter: findRiceParameter(residuals),
    grid,
    base,
    residuals,
  });
  return [
    plan(
      PREDICTOR_MINIMUM,
      minimum,
      points.map((point) => point - minimum),
    ),
    plan(PREDICTOR_DELTA, first, deltas),
    plan(PREDICTOR_DELTA_OF_DELTA, first, turns),
  ];
}

function findRiceParameter(residuals: Float64Array): number {
  let best = 0;
  let bestBits = Number.POSITIVE_INFINITY;
  // Every residual takes k + 1 bits or more: the search ends where those alone cost too much.
  for (let k = 0; k <= RICE_PARAMETER_MAX && residuals.length * (k + 1) < bestBits; k++) {
    const bits = computeRiceBits(residuals, k);
    if (bits < bestBits) {
      best = k;
      bestBits = bits;
    }
  }
  return best;
}

function computeRiceBits(residuals: Float64Array, k: number): number {
  const unit = 2 ** -k;
  let bits = 0;
  for (const residual of residuals) {
    const quotient = Math.floor(residual * unit);
    bits += quotient > RICE_QUOTIENT_MAX ? 24 + 53 : quotient + 1 + k;
  }
  return bits;
}

function computePlanBits(plan: RicePlan): number {
  const { grid } = plan;
  const gridBits =
    grid === undefined
      ? 0
      : computeNumberBits(grid.numerator) +
        computeNumberBits(grid.denominator) +
        computeNumberBits(grid.offset);
  return (
    gridBits +
    computeNumberBits(encodeZigzag(plan.base)) +
    computeRiceBits(plan.residuals, plan.riceParameter)
  );
}

const computeNumberBits = (value: number): number => 6 + computeBitLength(value);

/** The greatest common divisor of all differences as a grid, if it is above 1. */
function findDivisor(values: Float64Array): Grid | undefined {
  const first = values[0]!;
  let divisor = 0;
  for (const value of values) {
    let rest = Math.abs(value - first);
    while (rest !== 0) [divisor, rest] = [rest, divisor % rest];
    if (divisor === 1) return undefined;
  }
  return { numerator: divisor, denominator: 1, offset: modulo(first, divisor) };
}

/** A wide grid with a denominator above 1 on which all values lie, if there is one. */
function findGrid(values: Float64Array): Grid | undefined {
  const gap = findSmallestGap(values);
  const spacingMax = Math.min(gap + 1, GRID_SPACING_MAX);
  let best: Grid | undefined;
  let spacingMin: number = GRID_SPACING_MIN;
  for (let denominator = 2; denominator <= GRID_DENOMINATOR_MAX; denominator++) {
    for (let numerator = spacingMax * denominator; numerator > 0; numerator--) {
      const spacing = numerator / denominator;
      if (spacing <= spacingMin) break;
      const offset = findOffset(values, numerator, denominator);
      if (offset === undefined) continue;
      best = { numerator, denominator, offset };
      spacingMin = spacing * GRID_GAIN_MIN;
    }
  }
  return best;
}

function findSmallestGap(values: Float64Array): number {
  const sorted = values.slice().sort();
  let gap = Number.POSITIVE_INFINITY;
  for (let i = 1; i < sorted.length; i++) {
    const difference = sorted[i]! - sorted[i - 1]!;
    if (difference > 0) gap = Math.min(gap, difference);
  }
  return gap;
}

/**
 * The offset that puts all values on the grid. A value v allows the offsets with
 * (offset − denominator·v) mod numerator < denominator: an arc of the circle of offsets, as long as
 * any other value's. The arcs are cut against the first one; since the spacing is at least 2, two
 * arcs meet at one end only.
 */
function findOffset(values: Float64Array, numerator: number, denominator: number) {
  const start = denominator * values[0]!;
  let low = 0;
  let high = denominator - 1;
  for (const value of values) {
    const scaled = denominator * value;
    if (Math.abs(scaled) + numerator > GRID_SCALED_MAX) return undefined;
    const ahead = modulo(scaled - start, numerator);
    if (ahead < denominator) low = Math.max(low, ahead);
    else if (numerator - ahead < denominator)
      high = Math.min(high, denominator - 1 - numerator + ahead);
    else return undefined;
    if (low > high) return undefined;
  }
  return modulo(start + low, numerator);
}

/** The integers q of which the values are made: floor((q·numerator + offset) / denominator) gives them back. */
function computeGridPoints(values: Float64Array, grid: Grid): Float64Array {
  const { numerator, denominator, offset } = grid;
  return values.map((value) => Math.ceil((denominator * value - offset) / numerator) + 0);
}

/** The non-negative remainder; never −0. */
function modulo(value: number, divisor: number): number {
  const rest = value % divisor;
  return rest < 0 ? rest + divisor : rest + 0;
}
