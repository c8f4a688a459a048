/** Shapes of a stream's readings, shared by devices, the machine and buyers (spec §3). */

import { declareStruct, type StructOf } from "./field-layout.ts";
import { METRIC_VALUE_MAX, SCALE_MAX } from "./limits.ts";

/** The order is the wire's code, from 0. */
const METRIC_KINDS = ["integer", "text"] as const;
export type MetricKind = (typeof METRIC_KINDS)[number];

/** One declared metric of a stream. An integer metric's value is `stored / 10^scale` units. */
export const METRIC = declareStruct("Metric", "metric", (f) => ({
  /** SenML-style name, unique within the stream. */
  name: f.text(),
  /** SenML (RFC 8428) or UCUM unit; empty when the metric has none. */
  unit: f.text(),
  kind: f.choice(METRIC_KINDS),
  /** Decimal places of an integer metric, 0 to 12; 0 for text. */
  scale: f.count(SCALE_MAX),
  /** Lowest and highest stored integer that a reading may carry; both 0 for text. */
  minimum: f.signed(METRIC_VALUE_MAX),
  maximum: f.signed(METRIC_VALUE_MAX),
  /** The key group this metric is sealed and committed with, counted from 0. */
  group: f.keyGroup(),
}));
export type Metric = StructOf<typeof METRIC>;

/** One column of a batch. All arrays have one entry a reading. */
export interface Column {
  /** Integer values, or indices into `dictionary`; 0 where absent. Magnitudes up to 2^49. */
  readonly values: Float64Array;
  /** 1 where the reading has a value, 0 where it is null; `undefined` when all are present. */
  readonly present: Uint8Array | undefined;
  /** The distinct texts of a text column; `undefined` for integers. */
  readonly dictionary: readonly string[] | undefined;
}
