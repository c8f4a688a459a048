/** Every query (spec §9) against one small state whose every figure is known. */

import { hexToBytes } from "@noble/hashes/utils.js";
import { afterAll, describe, expect, test } from "vitest";
import { ARCHIVE_QUERIES } from "../dapp/engine/query-archived.ts";
import { CHANNEL_QUERIES } from "../dapp/engine/query-channels.ts";
import { ESCROW_QUERIES } from "../dapp/engine/query-escrows.ts";
import { SERVICE_QUERIES } from "../dapp/engine/query-services.ts";
import {
  computeBatchKeyHash,
  computeCommitment,
  computeGroupRoot,
  deriveColumnKeys,
} from "../spec/batch.ts";
import { encodeDid } from "../spec/device-key.ts";
import { decodeLeaf } from "../spec/leaves.ts";
import { STATE_BYTES_MAX } from "../spec/limits.ts";
import { ETHER } from "../spec/portals.ts";
import { verifyReadingProof } from "../spec/reading-proof.ts";
import { COIN, DAY_SEC, HOUR_SEC, openQueriedState, TIMES } from "./arbitraries/queried-state.ts";
import { integers, texts } from "./arbitraries/world.ts";

const state = await openQueriedState();
const { crypto, engine, ada, ben, cleo, open, sealed, keyHashes, grants } = state;
const toHex = (bytes: Uint8Array) => `0x${Buffer.from(bytes).toString("hex")}`;
const fromHex = (hex: unknown) => hexToBytes(String(hex).slice(2));
const [adaHex, benHex, cleoHex] = [ada, ben, cleo].map(({ address }) => toHex(address));
const root = engine.store.getRoot();

/** Asked in tests of their own. */
const SETTLEMENT_QUERIES = [CHANNEL_QUERIES, SERVICE_QUERIES, ESCROW_QUERIES].flatMap((queries) =>
  Object.keys(queries),
);
const asked = new Set<string>();
/** Asks as a client does. */
function ask(query: string, fields: Record<string, unknown> = {}): Record<string, unknown> {
  asked.add(query);
  return engine.query({ query, ...fields });
}

afterAll(() => {
  expect(engine.store.getRoot()).toEqual(root);
  const { error } = engine.query({ query: "?" });
  const known = String(error).split("there are ")[1]!.split(", ");
  // Archived batches have a test of their own.
  const others = [...SETTLEMENT_QUERIES, ...Object.keys(ARCHIVE_QUERIES)];
  const own = known.filter((name) => !others.includes(name));
  expect(own.sort()).toEqual([...asked].sort());
});

test("root", () => {
  const machine_key = toHex(state.world.machineKey);
  expect(ask("root")).toEqual({ root: toHex(root), machine_key });
});

describe("balance", () => {
  test.each([
    ["what remains", adaHex, ETHER, "70"],
    ["what was received", benHex, ETHER, "30"],
    ["of a token", adaHex, COIN, "480"],
    ["of nobody known, zero", cleoHex, COIN, "0"],
  ])("%s", (_, account, token, amount) => {
    const fields = { account, token: toHex(token) };
    expect(ask("balance", fields)).toEqual({ ...fields, amount });
  });
  test("takes addresses in any case", () => {
    const account = `0x${adaHex!.slice(2).toUpperCase()}`;
    const answer = ask("balance", { account, token: toHex(ETHER) });
    expect(answer).toMatchObject({ account: adaHex, amount: "70" });
  });
});

test("low_balance: the threshold, 0 where none was set, beside the balance", () => {
  const fields = { account: adaHex, token: toHex(ETHER) };
  expect(ask("low_balance", fields)).toEqual({ ...fields, threshold: "0", amount: "70" });
});

test("account: the next nonce and the encryption key, also of nobody known", () => {
  const encryption_key = toHex(ben.encryptionKey);
  expect(ask("account", { account: benHex })).toEqual({
    account: benHex,
    nonce: 0,
    encryption_key,
  });
  const nothing = { account: cleoHex, nonce: 0, encryption_key: null };
  expect(ask("account", { account: cleoHex })).toEqual(nothing);
});

test("room: the weight below its bound, no bond while there is much", () => {
  expect(ask("room", {})).toEqual({
    weight: engine.store.getWeight(),
    weight_max: STATE_BYTES_MAX,
    bond_per_byte: "0",
  });
});

test("bond: nothing where nothing was bonded", () => {
  const nothing = { account: adaHex, bytes: 0, locked: "0", released: "0" };
  expect(ask("bond", { account: adaHex })).toEqual(nothing);
});

test("token: deposited, withdrawn and in balances, also of one unknown", () => {
  const token = toHex(COIN);
  const none = { in_channels: "0", in_escrows: "0", in_bonds: "0" };
  const coins = { token, deposited: "500", withdrawn: "20", in_balances: "480", ...none };
  expect(ask("token", { token })).toEqual(coins);
  const unknown = `0x${"99".repeat(20)}`;
  const nothing = { token: unknown, deposited: "0", withdrawn: "0", in_balances: "0", ...none };
  expect(ask("token", { token: unknown })).toEqual(nothing);
});

describe("devices", () => {
  const device1 = {
    ...{ device_id: 1, owner: adaHex, did: encodeDid(state.second.key) },
    ...{ key_count: 2, is_revoked: false },
  };
  const device2 = {
    ...{ device_id: 2, owner: adaHex, did: encodeDid(state.third.key) },
    ...{ key_count: 1, is_revoked: true },
  };
  test("device: by identifier, by its key, and by the key it had before", () => {
    expect(ask("device", { device_id: 1 })).toEqual(device1);
    expect(ask("device", { did: encodeDid(state.second.key) })).toEqual(device1);
    expect(ask("device", { did: encodeDid(state.first.key) })).toEqual(device1);
    expect(ask("device", { device_id: 2 })).toEqual(device2);
  });
  test("devices: of an owner, page by page", () => {
    const owner = adaHex;
    expect(ask("devices", { owner })).toEqual({ devices: [device1, device2], next: null });
    expect(ask("devices", { owner, limit: 1 })).toEqual({ devices: [device1], next: 1 });
    expect(ask("devices", { owner, limit: 1, after: 1 })).toEqual({ devices: [device2], next: 2 });
    expect(ask("devices", { owner, limit: 1, after: 2 })).toEqual({ devices: [], next: null });
    expect(ask("devices", { owner: cleoHex })).toEqual({ devices: [], next: null });
  });
});

describe("streams", () => {
  const head = { device_id: 1, group_count: 1, epoch: 0, visibility: "open", retention: 0 };
  const none = {
    kept_from: 0,
    folded_from: 0,
    tidy_due: null,
    next_sequence: 0,
    batch_count: 0,
    reading_count: 0,
    break_count: 0,
  };
  const stream1 = {
    ...{ stream_id: 1, name: "weather", ...head, ...none, next_sequence: 12, batch_count: 2 },
    ...{ reading_count: 5, break_count: 1, last_batch_hash: toHex(open[1]!.batch.batchHash) },
  };
  const stream2 = {
    ...{ stream_id: 2, name: "hidden", ...head, visibility: "sealed", group_count: 2, epoch: 1 },
    ...{ ...none, next_sequence: 1, batch_count: 1, reading_count: 1 },
    last_batch_hash: toHex(sealed.batch.batchHash),
  };
  const stream3 = { stream_id: 3, name: "empty", ...head, ...none, last_batch_hash: null };
  const temperature = { name: "temperature", unit: "Cel", kind: "integer", scale: 2 };
  const metrics = [
    { ...temperature, minimum: -5_000, maximum: 6_000, key_group: 0 },
    { name: "sky", unit: "", kind: "text", scale: 0, minimum: 0, maximum: 0, key_group: 0 },
  ];
  test("stream: by identifier, or by device and name, with its metrics", () => {
    const range = { folded_count: 0, range_root: null };
    const answer = { ...stream1, metrics, key_hashes: [], ...range };
    expect(ask("stream", { stream_id: 1 })).toEqual(answer);
    expect(ask("stream", { device_id: 1, name: "weather" })).toEqual(answer);
    expect(ask("stream", { stream_id: 3 })).toEqual({
      ...{ ...stream3, metrics, key_hashes: [], ...range },
    });
  });
  test("stream: with the key hashes of its current epoch, or of another", () => {
    const current = keyHashes[1]!.map(toHex);
    expect(ask("stream", { stream_id: 2 })).toMatchObject({ ...stream2, key_hashes: current });
    expect(ask("stream", { stream_id: 2, epoch: 0 })).toMatchObject({
      ...{ ...stream2, key_hashes: keyHashes[0]!.map(toHex) },
    });
    expect(ask("stream", { stream_id: 2, epoch: 2 })).toMatchObject({ key_hashes: [] });
    expect(ask("stream", { stream_id: 2 }).metrics).toMatchObject([
      { name: "a", unit: "", key_group: 0 },
      { name: "b", unit: "V", key_group: 1 },
    ]);
  });
  test("streams: of a device, page by page", () => {
    const streams = [stream1, stream2, stream3];
    expect(ask("streams", { device_id: 1 })).toEqual({ streams, next: null });
    expect(ask("streams", { device_id: 1, limit: 2 })).toEqual({
      streams: [stream1, stream2],
      next: 2,
    });
    expect(ask("streams", { device_id: 1, after: 2 })).toEqual({ streams: [stream3], next: null });
    expect(ask("streams", { device_id: 9 })).toEqual({ streams: [], next: null });
  });
});

describe("readings", () => {
  const times = [...TIMES, 2 * DAY_SEC + 1, 9 * DAY_SEC];
  const rows = [
    { sequence: 0, time: times[0], values: ["7.11", "clear"], batch_id: 1 },
    { sequence: 1, time: times[1], values: ["-0.05", null], batch_id: 1 },
    { sequence: 2, time: times[2], values: [null, "rain"], batch_id: 1 },
    { sequence: 10, time: times[3], values: ["-10.00", "rain"], batch_id: 3 },
    { sequence: 11, time: times[4], values: ["0.00", ""], batch_id: 3 },
  ];
  const metrics = ask("stream", { stream_id: 1 }).metrics;
  const readings = (fields: object) => ask("readings", { stream_id: 1, ...fields });

  test("readings: ascending, over batches and a gap, with nulls and the empty text", () => {
    expect(readings({})).toEqual({ metrics, kept_from: 0, readings: rows, next: null });
    expect(ask("readings", { device_id: 1, name: "weather" })).toEqual(readings({}));
    expect(ask("readings", { stream_id: 3 })).toEqual({
      metrics,
      kept_from: 0,
      readings: [],
      next: null,
    });
  });
  test.each([
    [{ from_sequence: 1 }, 1, 5, null],
    [{ from_sequence: 2 }, 2, 5, null],
    [{ from_sequence: 3 }, 3, 5, null],
    [{ from_sequence: 9 }, 3, 5, null],
    [{ from_sequence: 11 }, 4, 5, null],
    [{ from_sequence: 12 }, 5, 5, null],
    [{ limit: 2 }, 0, 2, 2],
    [{ limit: 3 }, 0, 3, 3],
    [{ limit: 2, from_sequence: 2 }, 2, 4, 11],
    [{ limit: 1, from_sequence: 11 }, 4, 5, null],
  ])("readings: %j", (fields, from, to, next) => {
    expect(readings(fields)).toEqual({
      ...{ metrics, kept_from: 0, readings: rows.slice(from, to), next },
    });
  });
  test("latest: descending, as many as asked for", () => {
    const newestFirst = [...rows].reverse();
    expect(ask("latest", { stream_id: 1 })).toEqual({
      ...{ metrics, kept_from: 0, readings: newestFirst },
    });
    expect(ask("latest", { stream_id: 1, limit: 3 })).toEqual({
      ...{ metrics, kept_from: 0, readings: newestFirst.slice(0, 3) },
    });
    expect(ask("latest", { stream_id: 3 })).toEqual({ metrics, kept_from: 0, readings: [] });
  });
});

describe("statistics", () => {
  const ofDay = (from: number, to: number, bucket = "day", more = {}) =>
    ask("statistics", { stream_id: 1, metric: "temperature", from, to, bucket, ...more });
  const bucket = (start: number, ...values: number[]) => ({
    ...{ start, count: values.length, sum: String(values.reduce((a, b) => a + b)) },
    ...{ minimum: Math.min(...values), maximum: Math.max(...values) },
  });
  const head = { metric: "temperature", scale: 2, unit: "Cel", kept_from: 0 };

  test("a day's count, sum, least and greatest; nulls do not count", () => {
    expect(ofDay(0, 10 * DAY_SEC)).toEqual({
      ...head,
      buckets: [bucket(DAY_SEC, -5), bucket(2 * DAY_SEC, 711, -1_000), bucket(9 * DAY_SEC, 0)],
      next: null,
    });
  });
  test("an hour's", () => {
    expect(ofDay(0, 3 * DAY_SEC, "hour").buckets).toEqual([
      ...[bucket(2 * DAY_SEC - HOUR_SEC, -5), bucket(2 * DAY_SEC, 711, -1_000)],
    ]);
  });
  test("from counts, to does not, and buckets keep their places", () => {
    const midnight = 2 * DAY_SEC;
    expect(ofDay(midnight - 1, midnight).buckets).toEqual([bucket(DAY_SEC, -5)]);
    expect(ofDay(midnight, midnight + 1).buckets).toEqual([bucket(midnight, 711)]);
    expect(ofDay(midnight + 1, midnight + 2).buckets).toEqual([bucket(midnight, -1_000)]);
    expect(ofDay(midnight, midnight).buckets).toEqual([]);
    expect(ofDay(midnight, 0).buckets).toEqual([]);
  });
  test("from a sequence on, by whole batches", () => {
    expect(ofDay(0, 10 * DAY_SEC, "day", { from_sequence: 3 }).buckets).toEqual([
      ...[bucket(2 * DAY_SEC, -1_000), bucket(9 * DAY_SEC, 0)],
    ]);
  });
});

describe("batches", () => {
  const batch = (id: number) => ask("batch", { batch_id: id });
  const described = (id: number, from: (typeof open)[number], fields: object) => ({
    ...{ batch_id: id, stream_id: 1, epoch: 0, is_break: false, disproved_group: null },
    is_archived: false,
    ...{ batch_hash: toHex(from.batch.batchHash), commitment: toHex(from.batch.commitment) },
    ...{ salt: toHex(from.batch.sealed.subarray(0, 16)), previous_hash: `0x${"00".repeat(32)}` },
    body: expect.stringMatching(/^0x[0-9a-f]+$/),
    ...fields,
  });
  const batch1 = described(1, open[0]!, {
    ...{ first_sequence: 0, reading_count: 3 },
    ...{ first_time: TIMES[1], last_time: TIMES[2], accepted_at: 1_700_000_004 },
  });
  const batch3 = described(3, open[1]!, {
    ...{
      first_sequence: 10,
      reading_count: 2,
      is_break: true,
      previous_hash: `0x${"0".repeat(63)}3`,
    },
    ...{ first_time: 2 * DAY_SEC + 1, last_time: 9 * DAY_SEC, accepted_at: 1_700_000_006 },
  });
  test("batch: by identifier, or by any of its sequences", () => {
    expect(batch(1)).toEqual(batch1);
    for (const sequence of [0, 1, 2])
      expect(ask("batch", { stream_id: 1, sequence })).toEqual(batch(1));
    for (const sequence of [10, 11])
      expect(ask("batch", { stream_id: 1, sequence })).toEqual(batch3);
    expect(batch(2)).toMatchObject({ stream_id: 2, first_time: 60, last_time: 60 });
  });
  test("batches: of a stream, page by page", () => {
    const batches = (fields: object) => ask("batches", { stream_id: 1, ...fields });
    expect(batches({})).toEqual({ batches: [batch1, batch3], next: null });
    expect(batches({ limit: 1 })).toEqual({ batches: [batch1], next: 3 });
    expect(batches({ limit: 1, from_sequence: 3 })).toEqual({ batches: [batch3], next: null });
    expect(batches({ from_sequence: 1 })).toEqual({ batches: [batch3], next: null });
    expect(batches({ from_sequence: 12 })).toEqual({ batches: [], next: null });
    expect(ask("batches", { stream_id: 3 })).toEqual({ batches: [], next: null });
  });
  test("batch_key: with it the readings give the commitment", () => {
    const answer = ask("batch_key", { batch_id: 1 });
    expect(answer).toEqual({ batch_id: 1, batch_key: toHex(open[0]!.batch.batchKeys[0]!) });
    const batchKey = fromHex(answer.batch_key);
    const { saltKey } = deriveColumnKeys(crypto, batchKey);
    const columns = [integers(711, -5, null), texts("clear", null, "rain")];
    const group = {
      keyHash: computeBatchKeyHash(crypto, batchKey),
      root: computeGroupRoot(crypto, saltKey, TIMES, columns),
    };
    expect(toHex(computeCommitment(crypto, [group]))).toBe(batch(1).commitment);
    expect(ask("batch_key", { stream_id: 1, sequence: 2 })).toEqual(answer);
  });
  test.each([
    [0, TIMES[0], [711, "clear"]],
    [1, TIMES[1], [-5, null]],
    [2, TIMES[2], [null, "rain"]],
    [11, 9 * DAY_SEC, [0, ""]],
  ])("proof: of sequence %i, from its leaf to the commitment", (sequence, timeSec, values) => {
    const answer = ask("proof", { stream_id: 1, sequence });
    const [index, count] = sequence < 3 ? [sequence, 3] : [sequence - 10, 2];
    expect(answer).toMatchObject({ reading_index: index, reading_count: count, group_count: 1 });
    const leaf = fromHex(answer.leaf);
    expect(decodeLeaf(leaf, ["integer", "text"])).toMatchObject({ timeSec, values });
    const proof = {
      ...{ groupIndex: 0, groupCount: 1, keyHash: fromHex(answer.key_hash), groupPath: [], leaf },
      ...{ readingIndex: index!, readingCount: count! },
      readingPath: (answer.reading_path as string[]).map(fromHex),
    };
    const commitment = fromHex(batch(Number(answer.batch_id)).commitment);
    expect(answer.commitment).toBe(toHex(commitment));
    expect(verifyReadingProof(crypto, commitment, proof)).toBe(true);
    const other = { ...proof, readingIndex: (index! + 1) % count! };
    expect(verifyReadingProof(crypto, commitment, other)).toBe(false);
  });
});

test("grants: of a buyer, with what to unwrap them by", () => {
  const grant = (id: number, epoch: number, groups: number, groupHashes: Uint8Array[]) => ({
    ...{ grant_id: id, stream_id: 2, epoch, buyer: benHex, groups, expires_at: state.expiresAtSec },
    ...{ is_revoked: id === 2, wrapped_keys: toHex(grants[id - 1]!.wrappedKeys) },
    key_hashes: groupHashes.map(toHex),
  });
  const both = [grant(1, 0, 0b11, keyHashes[0]!), grant(2, 1, 0b10, [keyHashes[1]![1]!])];
  expect(ask("grants", { buyer: benHex })).toEqual({ grants: both, next: null });
  expect(ask("grants", { buyer: benHex, limit: 1 })).toEqual({ grants: [both[0]], next: 1 });
  expect(ask("grants", { buyer: benHex, after: 1 })).toEqual({ grants: [both[1]], next: null });
  expect(ask("grants", { buyer: adaHex })).toEqual({ grants: [], next: null });
  const live = (now: number) =>
    (ask("grants", { buyer: benHex, now }).grants as { is_live: boolean }[]).map((g) => g.is_live);
  expect(live(state.expiresAtSec - 1)).toEqual([true, false]);
  expect(live(state.expiresAtSec)).toEqual([false, false]);
});
