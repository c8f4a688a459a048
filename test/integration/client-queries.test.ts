/**
 * Every query of the SDK against the real engine with a state whose every figure is known, over a
 * socket. The node between them is a stand-in; `client.test.ts` has ours.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  getAccount,
  getBalance,
  getRoot,
  getToken,
} from "../../node-client/client/actions/account-queries.ts";
import { QueryRefused } from "../../node-client/client/actions/query-refused.ts";
import {
  readSealedStream,
  StreamNotGranted,
} from "../../node-client/client/actions/read-sealed-stream.ts";
import {
  getBatch,
  getBatchKey,
  getDevice,
  getLatestReadings,
  getReadingProof,
  getStatistics,
  getStream,
  listBatches,
  listDevices,
  listGrants,
  listReadings,
  listStreams,
} from "../../node-client/client/actions/stream-queries.ts";
import {
  createTallyrollClient,
  type TallyrollClient,
} from "../../node-client/client/actions/tallyroll-client.ts";
import { listReadings as listUnsealed } from "../../node-client/client/buyer/read-sealed.ts";
import { computeBatchKeyHash } from "../../spec/batch.ts";
import { encodeDid } from "../../spec/device-key.ts";
import type { Hex } from "../../spec/outputs.ts";
import { ETHER } from "../../spec/portals.ts";
import { verifyReadingProof } from "../../spec/reading-proof.ts";
import {
  COIN,
  DAY_SEC,
  HIDDEN,
  HOUR_SEC,
  openQueriedState,
  TIMES,
  WEATHER,
} from "../arbitraries/queried-state.ts";
import { type StandInNode, startStandInNode } from "./fixtures/stand-in-node.ts";

const state = await openQueriedState();
const { crypto, world, engine, ada, ben, cleo, open, sealed, keyHashes, grants } = state;
const toHex = (bytes: Uint8Array): Hex => `0x${Buffer.from(bytes).toString("hex")}`;
const [adaHex, benHex, cleoHex] = [toHex(ada.address), toHex(ben.address), toHex(cleo.address)];
const [ether, coin] = [toHex(ETHER), toHex(COIN)];

let node: StandInNode;
let client: TallyrollClient;
beforeAll(async () => {
  node = await startStandInNode({ inspect: (query) => engine.inspect(query) });
  const { chainId, app } = world.at;
  const urls = { nodeUrl: node.nodeUrl, inspectUrl: node.inspectUrl };
  client = await createTallyrollClient({
    ...{ app: toHex(app).toUpperCase().replace("0X", "0x"), chainId: Number(chainId), crypto },
    ...urls,
  });
});
afterAll(() => node.close());

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

test("asks at the path of the application, in lower case", async () => {
  await getRoot(client);
  expect(node.paths.at(-1)).toBe(`POST /inspect/${toHex(world.at.app)}`);
});

test("root", async () => {
  const expected = { root: toHex(engine.store.getRoot()), machineKey: world.machineKey };
  expect(await getRoot(client)).toEqual(expected);
});

describe("money", () => {
  test.each([
    [adaHex, ether, 70n],
    [benHex, ether, 30n],
    [adaHex, coin, 480n],
    [cleoHex, coin, 0n],
  ])("balance of %s in %s: %s", async (account, token, amount) => {
    expect(await getBalance(client, { account, token })).toBe(amount);
  });

  test("account: nonce and encryption key, or none", async () => {
    const encryptionKey = toHex(ben.encryptionKey);
    const known = { account: benHex, nonce: 0, encryptionKey };
    expect(await getAccount(client, { account: benHex })).toEqual(known);
    const unknown = { account: cleoHex, nonce: 0, encryptionKey: undefined };
    expect(await getAccount(client, { account: cleoHex })).toEqual(unknown);
  });

  test("token", async () => {
    const sums = { token: coin, deposited: 500n, withdrawn: 20n, inBalances: 480n };
    expect(await getToken(client, { token: coin })).toEqual(sums);
  });
});

describe("devices", () => {
  const did = encodeDid(state.second.key);
  const device1 = { deviceId: 1, owner: adaHex, did, keyCount: 2, isRevoked: false };
  const thirdDid = encodeDid(state.third.key);
  const device2 = { deviceId: 2, owner: adaHex, did: thirdDid, keyCount: 1, isRevoked: true };

  test("one by number, by its key, and by the key it had before", async () => {
    expect(await getDevice(client, { deviceId: 1 })).toEqual(device1);
    expect(await getDevice(client, { did })).toEqual(device1);
    expect(await getDevice(client, { did: encodeDid(state.first.key) })).toEqual(device1);
  });

  test.each([1, 2, 256])("an owner's in pages of %d", async (pageSize) => {
    const owner = adaHex;
    expect(await collect(listDevices(client, { owner, pageSize }))).toEqual([device1, device2]);
    expect(await collect(listDevices(client, { owner, pageSize, after: 1 }))).toEqual([device2]);
  });

  test("one that is not there is an error that names the query", async () => {
    const asked = getDevice(client, { deviceId: 99 });
    await expect(asked).rejects.toBeInstanceOf(QueryRefused);
    await expect(asked).rejects.toMatchObject({
      ...{ reason: "device_not_found", code: 10, detail: "no such device", values: {} },
      shortMessage: 'The query "device" (device_id=99) cannot be answered: no such device.',
    });
  });
});

describe("streams", () => {
  const weather = {
    ...{ streamId: 1, deviceId: 1, name: "weather", isSealed: false, groupCount: 1, epoch: 0 },
    ...{
      retentionSec: 0,
      keptFrom: 0,
      foldedFrom: 0,
      tidyDueSec: undefined,
      nextSequence: 12,
      batchCount: 2,
      readingCount: 5,
      breakCount: 1,
    },
    lastBatchHash: toHex(open[1]!.batch.batchHash),
  };

  test("one by number and by name, with its metrics", async () => {
    // The wire knows no −0, which the arbitrary metric of a text has as its minimum.
    const metrics = WEATHER.map((metric) => ({ ...metric, minimum: metric.minimum + 0 }));
    const range = { foldedCount: 0, rangeRoot: null };
    const whole = { ...weather, metrics, epochKeyHashes: [], ...range };
    expect(await getStream(client, { streamId: 1 })).toEqual(whole);
    expect(await getStream(client, { deviceId: 1, name: "weather" })).toEqual(whole);
  });

  test("a sealed one: the current epoch's key hashes, or those of the epoch that was asked", async () => {
    const hidden = { isSealed: true, groupCount: 2, epoch: 1, metrics: HIDDEN };
    const [first, second] = keyHashes.map((hashes) => hashes.map(toHex));
    const now = await getStream(client, { streamId: 2 });
    expect(now).toMatchObject({ ...hidden, epochKeyHashes: second });
    const before = await getStream(client, { streamId: 2, epoch: 0 });
    expect(before).toMatchObject({ ...hidden, epochKeyHashes: first });
  });

  test.each([1, 2, 256])("a device's in pages of %d", async (pageSize) => {
    const streams = await collect(listStreams(client, { deviceId: 1, pageSize }));
    expect(streams.map(({ name }) => name)).toEqual(["weather", "hidden", "empty"]);
    expect(streams[0]).toEqual(weather);
    expect(streams[2]!.lastBatchHash).toBeUndefined();
  });
});

describe("readings of an open stream", () => {
  const readings = [
    { sequence: 0, timeSec: TIMES[0], values: ["7.11", "clear"], batchId: 1 },
    { sequence: 1, timeSec: TIMES[1], values: ["-0.05", null], batchId: 1 },
    { sequence: 2, timeSec: TIMES[2], values: [null, "rain"], batchId: 1 },
    { sequence: 10, timeSec: 2 * DAY_SEC + 1, values: ["-10.00", "rain"], batchId: 3 },
    { sequence: 11, timeSec: 9 * DAY_SEC, values: ["0.00", ""], batchId: 3 },
  ];

  test.each([1, 2, 256])("ascending in pages of %d", async (pageSize) => {
    expect(await collect(listReadings(client, { streamId: 1, pageSize }))).toEqual(readings);
    const later = listReadings(client, { streamId: 1, pageSize, fromSequence: 2 });
    expect(await collect(later)).toEqual(readings.slice(2));
  });

  test("the latest, newest first", async () => {
    const latest = await getLatestReadings(client, { streamId: 1, limit: 2 });
    expect(latest).toEqual([readings[4], readings[3]]);
  });

  test("statistics by the hour and by the day", async () => {
    const asked = { streamId: 1, metric: "temperature", fromSec: 0, toSec: 10 * DAY_SEC };
    const byDay = await getStatistics(client, { ...asked, bucket: "day" });
    expect(byDay).toEqual({
      ...{ metric: "temperature", scale: 2, unit: "Cel", keptFrom: 0 },
      buckets: [
        { startSec: DAY_SEC, count: 1, sum: -5n, minimum: -5, maximum: -5 },
        { startSec: 2 * DAY_SEC, count: 2, sum: -289n, minimum: -1_000, maximum: 711 },
        { startSec: 9 * DAY_SEC, count: 1, sum: 0n, minimum: 0, maximum: 0 },
      ],
    });
    const byHour = await getStatistics(client, { ...asked, bucket: "hour" });
    expect(byHour.buckets[0]!.startSec).toBe(2 * DAY_SEC - HOUR_SEC);
  });

  test("a proof that leads to the commitment, and a batch key that is the committed one", async () => {
    const asked = { streamId: 1, sequence: 2 };
    const { batchId, commitment, proof } = await getReadingProof(client, asked);
    expect(batchId).toBe(1);
    expect(commitment).toEqual((await getBatch(client, asked)).commitment);
    expect(verifyReadingProof(crypto, commitment, proof)).toBe(true);
    const batchKey = await getBatchKey(client, { batchId });
    expect(computeBatchKeyHash(crypto, batchKey)).toEqual(proof.keyHash);
  });

  test("of a sealed stream: refused with the reason", async () => {
    const asked = collect(listReadings(client, { streamId: 2 }));
    await expect(asked).rejects.toThrow("only a granted buyer can read its values");
  });
});

test("pages of statistics are merged: equal hours into one, in their order", async () => {
  const bucket = (start: number, count: number, sum: string, low: number, high: number) => ({
    ...{ start, count, sum, minimum: low, maximum: high },
  });
  const head = { metric: "t", scale: 2, unit: "Cel" };
  const pages: Record<string, unknown> = {
    first: { ...head, next: 512, buckets: [bucket(7_200, 2, "5", 1, 4)] },
    512: {
      ...{ ...head, next: null },
      buckets: [bucket(0, 1, "-3", -3, -3), bucket(7_200, 3, "90071992547409930", -9, 2)],
    },
  };
  const asked: unknown[] = [];
  const paged = await startStandInNode({
    inspect: (query) => {
      const fields = JSON.parse(Buffer.from(query).toString("utf8"));
      asked.push(fields);
      return [toHex(Buffer.from(JSON.stringify(pages[fields.from_sequence ?? "first"])))];
    },
  });
  const options = { streamId: 1, metric: "t", fromSec: 0, toSec: 9_000, bucket: "hour" } as const;
  const { nodeUrl, inspectUrl } = paged;
  const reader = await createTallyrollClient({ app: adaHex, chainId: 1, nodeUrl, inspectUrl });
  const statistics = await getStatistics(reader, options).finally(() => paged.close());
  expect(statistics).toEqual({
    ...head,
    buckets: [
      { startSec: 0, count: 1, sum: -3n, minimum: -3, maximum: -3 },
      { startSec: 7_200, count: 5, sum: 90071992547409935n, minimum: -9, maximum: 4 },
    ],
  });
  const query = { query: "statistics", stream_id: 1, metric: "t", from: 0, to: 9_000 };
  const first = { ...query, bucket: "hour" };
  expect(asked).toEqual([first, { ...first, from_sequence: 512 }]);
});

describe("batches and grants", () => {
  test("one by number and by sequence", async () => {
    const second = await getBatch(client, { batchId: 3 });
    expect(second).toMatchObject({
      ...{ batchId: 3, streamId: 1, epoch: 0, firstSequence: 10, readingCount: 2 },
      ...{ firstTimeSec: 2 * DAY_SEC + 1, lastTimeSec: 9 * DAY_SEC, isBreak: true },
      ...{ batchHash: open[1]!.batch.batchHash, disprovedGroup: null },
    });
    expect(await getBatch(client, { streamId: 1, sequence: 11 })).toEqual(second);
  });

  test.each([1, 256])("a stream's in pages of %d", async (pageSize) => {
    const batches = await collect(listBatches(client, { streamId: 1, pageSize }));
    expect(batches.map(({ batchId }) => batchId)).toEqual([1, 3]);
    const later = listBatches(client, { streamId: 1, pageSize, fromSequence: 3 });
    expect((await collect(later)).map(({ batchId }) => batchId)).toEqual([3]);
  });

  test.each([1, 256])("a buyer's in pages of %d", async (pageSize) => {
    const list = await collect(listGrants(client, { buyer: benHex, pageSize }));
    const common = { streamId: 2, buyer: benHex, expiresAtSec: state.expiresAtSec };
    expect(list).toMatchObject([
      { ...common, epoch: 0, groups: 0b11, isRevoked: false, wrappedKeys: grants[0]!.wrappedKeys },
      { ...common, epoch: 1, groups: 0b10, isRevoked: true, wrappedKeys: grants[1]!.wrappedKeys },
    ]);
    expect(list[0]!.keyHashes).toEqual(new Map(keyHashes[0]!.entries()));
    expect(list[1]!.keyHashes).toEqual(new Map([[1, keyHashes[1]![1]]]));
  });

  test("a buyer reads the sealed stream that he was granted", async () => {
    const buyer = { account: benHex, secret: ben.encryptionSecret };
    const batches = await collect(readSealedStream(client, { streamId: 2, buyer }));
    expect(batches).toHaveLength(1);
    const expected = [{ sequence: 0, timeSec: 60, values: ["1", "2"] }];
    expect(listUnsealed(batches[0]!, HIDDEN)).toEqual(expected);
    expect(sealed.batch.batchHash).toEqual((await getBatch(client, { batchId: 2 })).batchHash);
  });

  test("nobody else does", async () => {
    const buyer = { account: cleoHex, secret: cleo.encryptionSecret };
    const read = collect(readSealedStream(client, { streamId: 2, buyer }));
    await expect(read).rejects.toBeInstanceOf(StreamNotGranted);
  });
});
