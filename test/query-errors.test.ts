import { readFileSync } from "node:fs";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import { describe, expect, test } from "vitest";
import { answerQuery } from "../dapp/engine/answer-query.ts";
import type { EngineParts } from "../dapp/engine/operation-context.ts";
import type { HistoryInput } from "../node-client/history/history-lines.ts";
import { encodeEvmAdvance } from "../spec/evm-advance.ts";
import { ANSWER_BYTES_MAX, INSPECT_BYTES_MAX } from "../spec/limits.ts";
import { QUERY_ERRORS, type QueryErrorName } from "../spec/query-errors.ts";
import { openArchivedState, READING, RETENTION_SEC } from "./arbitraries/archived-state.ts";
import { openQueriedState } from "./arbitraries/queried-state.ts";
import { integers } from "./arbitraries/world.ts";

/** Every reason why a query is not answered (spec §9.1), with its number and its values. */

const { engine, world, ada } = await openQueriedState();
const provider = `0x${Buffer.from(ada.address).toString("hex")}`;
const application = (store: EngineParts["store"]): EngineParts =>
  ({ crypto: world.crypto, store }) as EngineParts;
const ask = (query: string, store: EngineParts["store"] = engine.store) => {
  const [report = "0x"] = answerQuery(application(store), utf8ToBytes(query));
  return JSON.parse(Buffer.from(report.slice(2), "hex").toString("utf8"));
};
const example = '{"query":"root"}';
const figures = { query: "statistics", stream_id: 1, from: 0, to: 1, bucket: "day" };

const CASES: readonly (readonly [QueryErrorName, object | string, Record<string, unknown>])[] = [
  ["query_malformed", "root", { expected: "UTF-8 JSON", example }],
  ["query_malformed", "[]", { expected: "a JSON object", example }],
  ["query_malformed", " ".repeat(INSPECT_BYTES_MAX + 1), { bytes_max: INSPECT_BYTES_MAX }],
  ["query_unknown", { query: "{x}" }, { query: "{x}", queries: expect.arrayContaining(["root"]) }],
  ["field_invalid", { query: "account" }, { field: "account" }],
  ["field_invalid", { query: "devices", owner: provider, limit: 0 }, { field: "limit", max: 256 }],
  ["field_invalid", { query: "channels" }, { field: "sender", other: "recipient" }],
  [
    "field_invalid",
    { query: "payment_groups", organization: "o", after: "0x" },
    { field: "after", digits: 64 },
  ],
  [
    "field_invalid",
    { query: "discover", tag: "t", mode: "push", token: provider },
    { field: "mode", choices: ["pull", "pubsub"] },
  ],
  ["span_too_long", { ...figures, metric: "temperature", to: 2 ** 40 }, { buckets_max: 4_096 }],
  ["device_not_found", { query: "device", device_id: 9 }, {}],
  ["stream_not_found", { query: "stream", stream_id: 9 }, {}],
  ["metric_not_found", { ...figures, metric: "{stream_id}" }, { metric: "{stream_id}" }],
  ["metric_not_numeric", { ...figures, metric: "sky" }, { metric: "sky" }],
  ["batch_not_found", { query: "batch", batch_id: 9 }, {}],
  ["reading_not_found", { query: "proof", stream_id: 1, sequence: 3 }, { sequence: 3 }],
  ["channel_not_found", { query: "channel", channel_id: 0 }, {}],
  ["organization_not_found", { query: "organization", organization: "none" }, {}],
  ["service_not_found", { query: "service", provider, name: "none" }, {}],
  ["escrow_not_found", { query: "escrow", escrow_id: `intent:0x${"00".repeat(16)}` }, {}],
  ["stream_sealed", { query: "latest", stream_id: 2 }, {}],
  ["stream_sealed", { query: "batch_key", batch_id: 2 }, {}],
];

const tried = new Set<string>();
function expectError(answer: unknown, reason: QueryErrorName, values: object): void {
  tried.add(reason);
  const error = expect.stringMatching(/^[^ ].+[^ .]$/);
  expect(answer).toEqual({ error, code: QUERY_ERRORS[reason], reason, ...values });
}

test.each(CASES)("%s: %j", (reason, query, values) => {
  const text = typeof query === "string" ? query : JSON.stringify(query);
  expectError(ask(text), reason, values);
});

test("service_version_not_found", () => {
  const service = { serviceId: 1, version: 1 };
  const store = { services: { get: () => service }, serviceVersions: { find: () => undefined } };
  const answer = ask('{"query":"service","service_id":1,"version":2}', store as never);
  expectError(answer, "service_version_not_found", {});
});

test("answer_too_long", () => {
  const row = { organization: "o", owner: ada.address, name: "x".repeat(ANSWER_BYTES_MAX) };
  const store = { organizations: { get: () => row } };
  const answer = ask('{"query":"organization","organization":"o"}', store as never);
  const values = { byte_count: expect.any(Number), bytes_max: ANSWER_BYTES_MAX };
  expectError(answer, "answer_too_long", values);
  expect(answer.byte_count).toBeGreaterThan(ANSWER_BYTES_MAX);
});

describe("of an input of the chain", async () => {
  const archived = await openArchivedState(2);
  const [input, second] = archived.inputs as [HistoryInput, HistoryInput];
  archived.passTo(RETENTION_SEC);
  const forger = { deviceId: 1, streamId: 1, metrics: READING };
  const forged = archived.world
    .writer(archived.world.device(), forger)
    .write(Float64Array.of(1), [integers(1)]);
  const blob = ({ at, payload }: HistoryInput): string =>
    `0x${Buffer.from(encodeEvmAdvance(at, payload)).toString("hex")}`;
  const answerTo = (fields: object) =>
    archived.engine.query({ query: "archived_batch", operation: 0, ...fields });
  const folded = { batch_id: 9, previous_hash: `0x${"00".repeat(32)}`, leaf_index: 0, path: [] };

  test.each<readonly [QueryErrorName, object, object]>([
    ["input_malformed", { input: "0x" }, {}],
    [
      "input_refused",
      { input: blob({ ...input, payload: Uint8Array.of(9) }) },
      { refusal: "envelope_version_unknown" },
    ],
    ["operation_not_submission", { input: blob(input), operation: 2 }, { operation: 2 }],
    [
      "submission_refused",
      { input: blob({ ...input, at: { ...input.at, chainId: 1n } }) },
      { refusal: "submission_seal_broken" },
    ],
    [
      "batch_not_of_input",
      { input: blob(archived.world.send(archived.cleo, forged.operation)) },
      { batch_id: 1 },
    ],
  ])("%s", (reason, fields, values) => {
    expectError(answerTo(fields), reason, values);
  });

  test("batch_archived", () => {
    const answer = archived.engine.query({ query: "batch_key", batch_id: 1 });
    expectError(answer, "batch_archived", { batch_id: 1 });
  });

  test("path_wrong", () => {
    archived.passTo(3 * RETENTION_SEC);
    expectError(answerTo({ input: blob(second), ...folded }), "path_wrong", { batch_id: 9 });
  });
});

test("every reason is tried above", () => {
  expect([...tried].sort()).toEqual(Object.keys(QUERY_ERRORS).sort());
});

test("the specification lists the numbers, the reasons and the values", () => {
  const spec = readFileSync(new URL("../spec/README.md", import.meta.url), "utf8");
  const rows = [...spec.matchAll(/^\| (\d+) \| ([a-z_]+) \|(.*)\|$/gm)];
  const listed = rows.slice(rows.findIndex(([, , reason]) => reason === "query_malformed"));
  const errors = listed.slice(0, Object.keys(QUERY_ERRORS).length);
  expect(Object.fromEntries(errors.map(([, code, reason]) => [reason, Number(code)]))).toEqual(
    QUERY_ERRORS,
  );
  for (const [reason, , values] of CASES) {
    const [, , , said = ""] = errors.find(([, , listedReason]) => listedReason === reason) ?? [];
    for (const name of Object.keys(values)) expect(said, reason).toMatch(`${name}`);
  }
});
