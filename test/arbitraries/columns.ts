/** Columns of all shapes that devices send, and of shapes that only an enemy would. */
import fc from "fast-check";
import { METRIC_VALUE_MAX } from "../../spec/limits.ts";
import type { Column, MetricKind } from "../../spec/readings.ts";
import type { Cell } from "./columns-model.ts";

export interface Batch {
  readonly count: number;
  readonly kinds: readonly MetricKind[];
  readonly columns: readonly Column[];
}

const small = fc.integer({ min: -50, max: 50 });
const wide = fc.integer({ min: -METRIC_VALUE_MAX, max: METRIC_VALUE_MAX });
const extreme = fc.constantFrom(METRIC_VALUE_MAX, -METRIC_VALUE_MAX, 0, -1, 1, 2 ** 31, -(2 ** 31));

/** Values that favour each predictor and grid, with outliers that none foretells. */
function integers(count: number): fc.Arbitrary<number[]> {
  const list = (value: fc.Arbitrary<number>) =>
    fc.array(value, { minLength: count, maxLength: count });
  const walk = fc
    .tuple(wide, list(small))
    .map(([start, steps]) => steps.map((_, i) => start + sum(steps.slice(0, i))));
  const line = fc
    .tuple(small, fc.integer({ min: -18_000, max: 18_000 }))
    .map(([base, step]) => Array.from({ length: count }, (_, i) => base + i * step));
  const curve = fc
    .tuple(walk, small)
    .map(([values, turn]) => values.map((value, i) => value + i * i * turn));
  const grid = fc
    .tuple(
      list(small),
      fc.integer({ min: 2, max: 900 }),
      fc.integer({ min: 1, max: 20 }),
      fc.oneof(small, extreme),
    )
    .map(([points, numerator, denominator, start]) =>
      points.map((point) => start + Math.floor((point * numerator) / denominator)),
    );
  const spiky = list(
    fc.oneof(
      { weight: 20, arbitrary: small },
      { weight: 1, arbitrary: extreme },
      { weight: 1, arbitrary: wide },
    ),
  );
  return fc
    .oneof(walk, line, curve, grid, spiky, list(extreme), list(wide))
    .map((values) => values.map(clamp));
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const clamp = (value: number) => Math.max(-METRIC_VALUE_MAX, Math.min(METRIC_VALUE_MAX, value)) + 0;

const text = fc
  .oneof(
    fc.string({ unit: "grapheme", maxLength: 12 }),
    fc.constantFrom("", "\ufeff", "\u0000", "clear", "größer", "雨", "🌧️", "x".repeat(200)),
  )
  .filter((value) => Buffer.byteLength(value) <= 200);

function column(kind: MetricKind, count: number): fc.Arbitrary<Column> {
  const flags = fc.oneof(
    fc.constant(undefined),
    fc.array(fc.integer({ min: 0, max: 1 }), { minLength: count, maxLength: count }),
    fc.constant(new Array<number>(count).fill(0)),
  );
  const contents =
    kind === "text"
      ? fc.uniqueArray(text, { minLength: 1, maxLength: 9 }).chain((dictionary) =>
          fc.record({
            values: fc.array(fc.nat(dictionary.length - 1), {
              minLength: count,
              maxLength: count,
            }),
            dictionary: fc.constant<string[] | undefined>(dictionary),
          }),
        )
      : fc.record({ values: integers(count), dictionary: fc.constant<undefined>(undefined) });
  return fc.tuple(flags, contents).map(([present, { values, dictionary }]) => ({
    values: Float64Array.from(values, (value, i) => (present?.[i] === 0 ? 0 : value)),
    // All ones is the same as no bitmap, and is read back as none.
    present: present?.includes(0) ? Uint8Array.from(present) : undefined,
    dictionary,
  }));
}

export const kindList = fc.array(fc.constantFrom<MetricKind>("integer", "integer", "text"), {
  maxLength: 4,
});

/** Batches of up to `countMax` readings and four metrics. */
export const batches = (countMax: number): fc.Arbitrary<Batch> =>
  fc
    .tuple(kindList, fc.nat(countMax))
    .chain(([kinds, count]) =>
      fc
        .tuple(...kinds.map((kind) => column(kind, count)))
        .map((columns) => ({ count, kinds, columns })),
    );

/** What a column says: numbers or texts, null where absent. */
export const toCells = (column: Column): Cell[] =>
  Array.from(column.values, (value, i) => {
    if (column.present?.[i] === 0) return null;
    return column.dictionary === undefined ? value : column.dictionary[value]!;
  });
