/** Queries that cannot be answered: always one JSON object that says why, never a throw. */

import { utf8ToBytes } from "@noble/hashes/utils.js";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { createApplication } from "../dapp/engine/create-application.ts";
import { encodeDid } from "../spec/device-key.ts";
import { INSPECT_BYTES_MAX } from "../spec/limits.ts";
import { QUERY_ERRORS, type QueryErrorName } from "../spec/query-errors.ts";
import { openQueriedState } from "./arbitraries/queried-state.ts";
import { runs, seed } from "./seed.ts";

const { crypto, world, engine, ada } = await openQueriedState();
const application = createApplication(engine.store, crypto, world.machineSecret);
const root = engine.store.getRoot();
const account = `0x${Buffer.from(ada.address).toString("hex")}`;
const token = `0x${"00".repeat(20)}`;

function ask(query: Uint8Array | string): Record<string, unknown> {
  const reports = application.inspect(typeof query === "string" ? utf8ToBytes(query) : query);
  expect(reports).toHaveLength(1);
  return JSON.parse(Buffer.from(reports[0]!.slice(2), "hex").toString("utf8"));
}

afterAll(() => {
  expect(engine.store.getRoot()).toEqual(root);
  expect(engine.store.rescanRoot()).toEqual(root);
});

test.each<[string, Uint8Array | string, RegExp]>([
  ["nothing", "", /UTF-8 JSON/],
  ["no JSON", "root", /UTF-8 JSON/],
  ["half of it", '{"query":', /UTF-8 JSON/],
  ["two of it", '{"query":"root"}{"query":"root"}', /UTF-8 JSON/],
  ["a byte order mark", '\ufeff{"query":"root"}', /UTF-8 JSON/],
  ["no UTF-8", Uint8Array.of(0x7b, 0xff, 0x7d), /UTF-8 JSON/],
  ["a surrogate in UTF-8", Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22), /UTF-8 JSON/],
  ["a text", '"root"', /JSON object/],
  ["a number", "1", /JSON object/],
  ["null", "null", /JSON object/],
  ["a list", '[{"query":"root"}]', /JSON object/],
  ["ten thousand lists in each other", "[".repeat(10_000), /UTF-8 JSON/],
  ["too many bytes", `{"query":"root"${" ".repeat(INSPECT_BYTES_MAX)}}`, /at most 147456 bytes/],
])("%s is refused", (_, query, error) => {
  const reason = "query_malformed";
  expect(ask(query)).toMatchObject({ error: expect.stringMatching(error), code: 1, reason });
});

test("as many bytes as a query may have are read", () => {
  const query = '{"query":"root"}';
  expect(ask(query + " ".repeat(INSPECT_BYTES_MAX - query.length))).toHaveProperty("root");
});

const stream = { stream_id: 1 };
const figures = {
  query: "statistics",
  ...stream,
  metric: "temperature",
  from: 0,
  to: 1,
  bucket: "day",
};
test.each<[string, Record<string, unknown>, RegExp]>([
  ["no name", {}, /"query" is missing or no string/],
  ["a name that is no text", { query: 1 }, /"query" is missing or no string/],
  ["an unknown name", { query: "rot" }, /no query "rot"; there are root, balance/],
  ["a name of Object's", { query: "constructor" }, /no query "constructor"/],
  ["a name of Object's with underscores", { query: "__proto__" }, /no query "__proto__"/],
  ["no account", { query: "balance", token }, /"account" is missing or no string/],
  ["an account of 19 bytes", { query: "balance", token, account: account.slice(2) }, /no address/],
  ["an account of 41 digits", { query: "account", account: `${account}0` }, /no address/],
  [
    "an account of other digits",
    { query: "account", account: `0x${"g".repeat(40)}` },
    /no address/,
  ],
  ["an account with a line break", { query: "account", account: `${account}\n` }, /no address/],
  ["a token that is no text", { query: "token", token: 0 }, /"token" is missing or no string/],
  ["no device", { query: "device" }, /"device_id" is missing or no whole number/],
  ["a device that there is not", { query: "device", device_id: 9 }, /no such device/],
  ["a device in a text", { query: "device", device_id: "1" }, /no whole number/],
  ["half a device", { query: "device", device_id: 0.5 }, /no whole number/],
  ["a device below zero", { query: "device", device_id: -1 }, /no whole number/],
  ["a device beyond counting", { query: "device", device_id: 2 ** 53 }, /no whole number/],
  ["the last device there could be", { query: "device", device_id: 2 ** 53 - 1 }, /no such device/],
  ["a DID that is none", { query: "device", did: "did:key:z1" }, /no canonical did:key/],
  ["a DID of another method", { query: "device", did: "did:web:a" }, /no canonical did:key/],
  ["a DID of nobody", { query: "device", did: encodeDid(world.device().key) }, /no such device/],
  ["no owner", { query: "devices" }, /"owner" is missing/],
  ["a page of none", { query: "devices", owner: account, limit: 0 }, /"limit" is 1 to 256/],
  ["a page of 257", { query: "devices", owner: account, limit: 257 }, /"limit" is 1 to 256/],
  ["a cursor in a text", { query: "devices", owner: account, after: "1" }, /"after"/],
  ["no stream", { query: "stream" }, /"stream_id" is missing/],
  ["a stream that there is not", { query: "stream", stream_id: 4 }, /no such stream/],
  ["a stream's name alone", { query: "stream", name: "weather" }, /"device_id" is missing/],
  [
    "a name of another device",
    { query: "stream", device_id: 2, name: "weather" },
    /no such stream/,
  ],
  ["a name with a zero", { query: "stream", device_id: 1, name: "weather\0" }, /no such stream/],
  ["half a character", { query: "stream", device_id: 1, name: "\ud800" }, /no such stream/],
  ["an epoch that is no number", { query: "stream", ...stream, epoch: null }, /"epoch"/],
  ["streams of no device", { query: "streams" }, /"device_id" is missing/],
  ["readings of a sealed stream", { query: "readings", stream_id: 2 }, /sealed/],
  ["readings from nowhere", { query: "readings", ...stream, from_sequence: -1 }, /"from_sequence"/],
  ["latest of a sealed stream", { query: "latest", stream_id: 2 }, /sealed/],
  ["statistics of a sealed stream", { ...figures, stream_id: 2 }, /sealed/],
  ["statistics of no metric", { ...figures, metric: undefined }, /"metric" is missing/],
  ["statistics of an unknown metric", { ...figures, metric: "humidity" }, /no metric "humidity"/],
  ["statistics of a text", { ...figures, metric: "sky" }, /"sky" is text/],
  ["statistics by the week", { ...figures, bucket: "week" }, /"bucket" is "hour" or "day"/],
  ["statistics by a name of Object's", { ...figures, bucket: "toString" }, /"bucket" is/],
  ["statistics from no time", { ...figures, from: undefined }, /"from" is missing/],
  ["statistics to half a second", { ...figures, to: 0.5 }, /"to" is missing or no whole number/],
  ["too many days", { ...figures, to: 4_096 * 86_400 + 1 }, /more than 4096 buckets/],
  ["too many hours", { ...figures, to: 4_096 * 3_600 + 1, bucket: "hour" }, /more than 4096/],
  ["no batch", { query: "batch" }, /"stream_id" is missing/],
  ["a batch that there is not", { query: "batch", batch_id: 4 }, /no such batch/],
  ["a stream without a sequence", { query: "batch", ...stream }, /"sequence" is missing/],
  ["a sequence without a stream", { query: "batch", sequence: 0 }, /"stream_id" is missing/],
  ["a sequence in a gap", { query: "batch", ...stream, sequence: 3 }, /no reading has sequence 3/],
  ["a sequence to come", { query: "batch", ...stream, sequence: 12 }, /no reading has sequence 12/],
  ["a sequence of an empty stream", { query: "batch", stream_id: 3, sequence: 0 }, /no reading/],
  ["batches of no stream", { query: "batches" }, /"stream_id" is missing/],
  ["the batch key of a sealed batch", { query: "batch_key", batch_id: 2 }, /sealed/],
  ["the proof of a sealed reading", { query: "proof", stream_id: 2, sequence: 0 }, /sealed/],
  [
    "the proof of no reading",
    { query: "proof", ...stream, sequence: 3 },
    /no reading has sequence/,
  ],
  ["the proof of no sequence", { query: "proof", ...stream }, /"sequence" is missing/],
  ["no buyer", { query: "grants" }, /"buyer" is missing/],
  ["a time in a text", { query: "grants", buyer: account, now: "1" }, /"now"/],
])("%s: an answer that says so", (_, query, error) => {
  const answer = ask(JSON.stringify(query));
  const code = QUERY_ERRORS[answer.reason as QueryErrorName];
  expect(answer).toMatchObject({ error: expect.stringMatching(error), code });
});

describe("proof", () => {
  // A batch's identifier once went before the sequence and led to a sealed batch: a throw.
  test.each([1, 2, 3, 9])(
    "goes by stream and sequence, whatever batch %i is named beside",
    (id) => {
      const query = { query: "proof", ...stream, sequence: 1 };
      const answer = ask(JSON.stringify(query));
      expect(answer).toMatchObject({ batch_id: 1, reading_index: 1 });
      expect(ask(JSON.stringify({ ...query, batch_id: id }))).toEqual(answer);
    },
  );
});

test("4,096 buckets are answered", () => {
  expect(ask(JSON.stringify({ ...figures, to: 4_096 * 86_400 })).buckets).toHaveLength(3);
});

test("no query of any content throws", () => {
  const names = ask('{"query":"?"}').queries as string[];
  const value = fc.oneof(
    fc.integer({ min: -2, max: 14 }),
    fc.constantFrom(account, token, "weather", "hidden", "temperature", "sky", "hour", "day", null),
    fc.constantFrom(2 ** 40, 2 ** 48 - 1, 2 ** 53 - 1, 2 ** 53, 1e300, -0, 0.5, true),
    fc.jsonValue({ maxDepth: 1 }),
  );
  const fieldNames = [
    ...["account", "token", "owner", "buyer", "device_id", "did", "stream_id", "name", "epoch"],
    ...["after", "limit", "now", "from_sequence", "sequence", "batch_id", "metric", "from", "to"],
    "bucket",
  ];
  const sane = fc.constantFrom({}, { stream_id: 1 }, { stream_id: 2 }, figures);
  const fields = fc.dictionary(fc.constantFrom(...fieldNames), value, { maxKeys: 5 });
  const query = fc.tuple(fc.constantFrom(...names), sane, fields);
  fc.assert(
    fc.property(query, ([name, some, more]) => {
      const answer = ask(JSON.stringify({ ...some, ...more, query: name }));
      expect(Object.keys(answer).length).toBeGreaterThan(0);
    }),
    { seed: seed("queries"), numRuns: runs(20_000) },
  );
});
