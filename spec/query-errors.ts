import { type Explanation, explain, type ValuesFor } from "./explain.ts";

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
  batch_archived: 32,

  // An input of the chain that is to give an archived batch.
  input_malformed: 40,
  input_refused: 41,
  operation_not_submission: 42,
  submission_refused: 43,
  batch_not_of_input: 44,
  path_wrong: 45,
} as const satisfies Record<string, number>;

export type QueryErrorName = keyof typeof QUERY_ERRORS;

/** A query that cannot be answered: the asker's fault, reported in the answer (spec §9). */
export class QueryError extends Error {
  override readonly name = "QueryError";
  readonly reason: QueryErrorName;
  readonly values: Explanation["values"];

  constructor(reason: QueryErrorName, { detail, values }: Explanation) {
    super(detail);
    this.reason = reason;
    this.values = values;
  }
}

/** @param sentence For people; what stands in braces is a field of the answer, too. */
export const queryError = <Sentence extends string>(
  reason: QueryErrorName,
  sentence: Sentence,
  ...values: ValuesFor<Sentence>
): QueryError => new QueryError(reason, explain(sentence, ...values));

/** A field that is not what the query reads. */
export const invalidField = (field: string, problem: string): QueryError =>
  queryError("field_invalid", `"{field}" ${problem}` as const, { field });
