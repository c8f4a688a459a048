import { utf8ToBytes } from "@noble/hashes/utils.js";
import { ANSWER_BYTES_MAX, INSPECT_BYTES_MAX } from "../../spec/limits.ts";
import type { Hex } from "../../spec/outputs.ts";
import { type EngineParts, hex } from "./operation-context.ts";
import { getAccount, getBalance, getLowBalance, getToken } from "./query-accounts.ts";
import { getBatch, getBatchKey, getReadingProof, listBatches } from "./query-batches.ts";
import { CHANNEL_QUERIES } from "./query-channels.ts";
import { getDevice, getStream, listDevices, listGrants, listStreams } from "./query-devices.ts";
import { ESCROW_QUERIES } from "./query-escrows.ts";
import { QueryError, QueryFields } from "./query-fields.ts";
import { listLatestReadings, listReadings } from "./query-readings.ts";
import { SERVICE_QUERIES } from "./query-services.ts";
import { getStatistics } from "./query-statistics.ts";

export type Answer = Readonly<Record<string, unknown>>;
export type Query = (parts: EngineParts, fields: QueryFields) => Answer;

/** Every query by its name (spec §9). */
const QUERIES: Readonly<Record<string, Query>> = {
  root: ({ store, machine }) => ({ root: hex(store.getRoot()), machine_key: hex(machine.key) }),
  balance: getBalance,
  account: getAccount,
  token: getToken,
  device: getDevice,
  devices: listDevices,
  stream: getStream,
  streams: listStreams,
  latest: listLatestReadings,
  readings: listReadings,
  statistics: getStatistics,
  batch: getBatch,
  batches: listBatches,
  batch_key: getBatchKey,
  proof: getReadingProof,
  grants: listGrants,
  low_balance: getLowBalance,
  ...CHANNEL_QUERIES,
  ...SERVICE_QUERIES,
  ...ESCROW_QUERIES,
};

/**
 * Answers one query with one report: a JSON object. What cannot be answered is told in `error`;
 * it never stops the machine and never touches the state.
 */
export function answerQuery(parts: EngineParts, query: Uint8Array): readonly Hex[] {
  const report = encodeAnswer(answer(parts, query));
  if (report.length <= ANSWER_BYTES_MAX) return [hex(report)];
  const error = `the answer has ${report.length} bytes of at most ${ANSWER_BYTES_MAX}: ask for less`;
  return [hex(encodeAnswer({ error }))];
}

const encodeAnswer = (value: Answer): Uint8Array => utf8ToBytes(JSON.stringify(value));

function answer(parts: EngineParts, query: Uint8Array): Answer {
  try {
    const fields = parseQuery(query);
    const name = fields.text("query");
    const run = Object.hasOwn(QUERIES, name) ? QUERIES[name] : undefined;
    if (run === undefined) {
      throw new QueryError(`no query "${name}"; there are ${Object.keys(QUERIES).join(", ")}`);
    }
    return run(parts, fields);
  } catch (error) {
    // Anything else is our bug and stops the machine.
    if (error instanceof QueryError) return { error: error.message };
    throw error;
  }
}

function parseQuery(query: Uint8Array): QueryFields {
  if (query.length > INSPECT_BYTES_MAX) {
    throw new QueryError(`a query has at most ${INSPECT_BYTES_MAX} bytes`);
  }
  let value: unknown;
  try {
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    value = JSON.parse(decoder.decode(query));
  } catch {
    throw new QueryError('expected UTF-8 JSON such as {"query":"root"}');
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new QueryError('expected a JSON object such as {"query":"root"}');
  }
  return new QueryFields(value as Record<string, unknown>);
}
