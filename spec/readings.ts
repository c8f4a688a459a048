/** Shapes of a stream's readings, shared by devices, the machine and buyers (spec §3). */

export type MetricKind = "integer" | "text";

/** One declared metric of a stream. An integer metric's value is `stored / 10^scale` units. */
export interface Metric {
  /** SenML-style name, unique within the stream. */
  readonly name: string;
  /** SenML (RFC 8428) or UCUM unit; empty when the metric has none. */
  readonly unit: string;
  readonly kind: MetricKind;
  /** Decimal places of an integer metric, 0 to 12; 0 for text. */
  readonly scale: number;
  /** Lowest and highest stored integer that a reading may carry; both 0 for text. */
  readonly minimum: number;
  readonly maximum: number;
  /** The key group this metric is sealed and committed with, counted from 0. */
  readonly group: number;
}

/** One column of a batch. All arrays have one entry a reading. */
export interface Column {
  /** Integer values, or indices into `dictionary`; 0 where absent. Magnitudes up to 2^49. */
  readonly values: Float64Array;
  /** 1 where the reading has a value, 0 where it is null; `undefined` when all are present. */
  readonly present: Uint8Array | undefined;
  /** The distinct texts of a text column; `undefined` for integers. */
  readonly dictionary: readonly string[] | undefined;
}
