import { utf8ToBytes } from "@noble/hashes/utils.js";
import { ANSWER_BYTES_MAX, INSPECT_BYTES_MAX } from "../../spec/limits.ts";
import type { Hex } from "../../spec/outputs.ts";
import { QUERIES, type QueryName } from "../../spec/queries.ts";
import { type JsonObject, type Members, writeAnswer } from "../../spec/query-answers.ts";
import { QUERY_ERRORS, QueryError, queryError } from "../../spec/query-errors.ts";
import { type QueryFields, readFields, text } from "../../spec/query-fields.ts";
import { type EngineParts, hex } from "./operation-context.ts";
import type { Queries } from "./query.ts";
import { ACCOUNT_QUERIES } from "./query-accounts.ts";
import { ARCHIVE_QUERIES } from "./query-archived.ts";
import { BATCH_QUERIES } from "./query-batches.ts";
import { CHANNEL_QUERIES } from "./query-channels.ts";
import { DEVICE_QUERIES } from "./query-devices.ts";
import { ESCROW_QUERIES } from "./query-escrows.ts";
import { READING_QUERIES } from "./query-readings.ts";
import { SERVICE_QUERIES } from "./query-services.ts";
import { STATISTICS_QUERIES } from "./query-statistics.ts";

/** What answers every query, by its name. */
const ANSWERERS: Queries = {
  ...ACCOUNT_QUERIES,
  ...DEVICE_QUERIES,
  ...READING_QUERIES,
  ...STATISTICS_QUERIES,
  ...BATCH_QUERIES,
  ...ARCHIVE_QUERIES,
  ...CHANNEL_QUERIES,
  ...SERVICE_QUERIES,
  ...ESCROW_QUERIES,
};

/**
 * Answers one query with one report: a JSON object. What cannot be answered is said in `error`;
 * it never stops the machine and never touches the state.
 */
export function answerQuery(parts: EngineParts, query: Uint8Array): readonly Hex[] {
  try {
    return [hex(encodeAnswer(answer(parts, query)))];
  } catch (error) {
    // Anything else is our bug and stops the machine.
    if (!(error instanceof QueryError)) throw error;
    const { message, reason, values } = error;
    return [hex(encodeJson({ error: message, code: QUERY_ERRORS[reason], reason, ...values }))];
  }
}

const EXAMPLE = JSON.stringify({ query: "root" });

const encodeJson = (value: JsonObject): Uint8Array => utf8ToBytes(JSON.stringify(value));

function encodeAnswer(value: JsonObject): Uint8Array {
  const report = encodeJson(value);
  if (report.length <= ANSWER_BYTES_MAX) return report;
  const sentence = "the answer has {byte_count} bytes of at most {bytes_max}: ask for less";
  const values = { byte_count: report.length, bytes_max: ANSWER_BYTES_MAX };
  throw queryError("answer_too_long", sentence, values);
}

function answer(parts: EngineParts, query: Uint8Array): JsonObject {
  const json = parseQuery(query);
  const name = text.read(json.query, "query");
  if (Object.hasOwn(QUERIES, name)) return answerNamed(parts, name as QueryName, json);
  const queries = Object.keys(QUERIES);
  throw queryError("query_unknown", 'no query "{query}"; there are {queries}', {
    query: name,
    queries,
  });
}

function answerNamed(parts: EngineParts, name: QueryName, json: JsonObject): JsonObject {
  const { fields, answer }: { fields: QueryFields; answer: Members } = QUERIES[name];
  const row = ANSWERERS[name](parts, readFields(fields, json) as never);
  return writeAnswer(answer, row as never);
}

const malformed = (expected: string): QueryError =>
  queryError("query_malformed", "expected {expected} such as {example}", {
    expected,
    example: EXAMPLE,
  });

function parseQuery(query: Uint8Array): JsonObject {
  if (query.length > INSPECT_BYTES_MAX) {
    const values = { bytes_max: INSPECT_BYTES_MAX };
    throw queryError("query_malformed", "a query has at most {bytes_max} bytes", values);
  }
  let value: unknown;
  try {
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    value = JSON.parse(decoder.decode(query));
  } catch {
    throw malformed("UTF-8 JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw malformed("a JSON object");
  }
  return value as JsonObject;
}
