/** Why a query cannot be answered (spec §9). Never renumber, never reuse. */
export const QUERY_ERRORS = {
  // The query itself.
  query_malformed: 1,
  query_unknown: 2,
  field_invalid: 3,
  span_too_long: 4,
  answer_too_long: 5,

  // What it names is not there.
  device_not_found: 10,
  stream_not_found: 11,
  metric_not_found: 12,
  batch_not_found: 13,
  reading_not_found: 14,
  channel_not_found: 15,
  organization_not_found: 16,
  service_not_found: 17,
  service_version_not_found: 18,
  escrow_not_found: 19,

  // It is there, and is of another kind.
  stream_sealed: 30,
  metric_not_numeric: 31,
} as const satisfies Record<string, number>;

export type QueryErrorName = keyof typeof QUERY_ERRORS;
