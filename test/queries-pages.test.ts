/** Queries over more than one answer holds (spec §9): pages that meet without gap or overlap. */

import { expect, test } from "vitest";
import { createNodeCrypto } from "../dapp/crypto/node-crypto.ts";
import {
  METRIC_VALUE_MAX,
  PAGE_BODY_BYTES_MAX,
  PAGE_ITEMS_MAX,
  QUERY_BATCHES_MAX,
  READINGS_PER_INPUT_MAX,
} from "../spec/limits.ts";
import { integers, metric, openEngine, refusalsOf, texts, World } from "./arbitraries/world.ts";

const crypto = await createNodeCrypto();
const DAY_SEC = 86_400;

/** An engine with the open stream 1 of one metric. */
async function begin(
  metrics = [metric("a", { minimum: -METRIC_VALUE_MAX, maximum: METRIC_VALUE_MAX })],
) {
  const world = new World("pages", crypto);
  const engine = await openEngine(world);
  const owner = world.person("owner");
  const signer = world.device();
  const stream = {
    deviceId: 1,
    name: "s",
    isSealed: false,
    retentionSec: 0,
    metrics,
    epochKeyHashes: [],
  } as const;
  const declare = { kind: "declare_stream", ...stream } as const;
  engine.apply(world.bySender(owner, world.registerDevice(owner, signer), declare));
  const writer = world.writer(signer, { deviceId: 1, streamId: 1, metrics });
  return { world, engine, owner, writer };
}

/** All pages of a query, by its cursor. */
function follow(
  engine: Awaited<ReturnType<typeof begin>>["engine"],
  query: Record<string, unknown>,
  cursor: string,
): Record<string, unknown>[] {
  const pages: Record<string, unknown>[] = [];
  for (let next: unknown = 0; next !== null && pages.length < 100; next = pages.at(-1)!.next) {
    pages.push(engine.query({ ...query, [cursor]: next }));
  }
  return pages;
}

test("readings, batches and statistics of 1,100 batches come whole, and once", async () => {
  const { world, engine, owner, writer } = await begin();
  const count = 2 * QUERY_BATCHES_MAX + 76;
  for (let sent = 0; sent < count; sent += 220) {
    const operations = Array.from({ length: 220 }, (_, i) => {
      const n = sent + i;
      return writer.write(Float64Array.of(DAY_SEC + (n % 7)), [integers(n)]).operation;
    });
    expect(refusalsOf(engine.apply(world.send(owner, ...operations)))).toEqual([]);
  }
  const numbers = Array.from({ length: count }, (_, n) => n);

  const readings = follow(engine, { query: "readings", stream_id: 1 }, "from_sequence");
  const rows = readings.flatMap(
    (page) => page.readings as { sequence: number; values: string[] }[],
  );
  expect(rows.map(({ values }) => Number(values[0]))).toEqual(numbers);
  expect(readings.map((page) => (page.readings as []).length)).toEqual([256, 256, 256, 256, 76]);

  const batches = follow(engine, { query: "batches", stream_id: 1 }, "from_sequence");
  const heads = batches.flatMap((page) => page.batches as { first_sequence: number }[]);
  expect(heads.map((batch) => batch.first_sequence)).toEqual(numbers);
  expect(batches.every((page) => (page.batches as []).length <= PAGE_ITEMS_MAX)).toBe(true);

  const figures = { query: "statistics", stream_id: 1, metric: "a", bucket: "day" };
  const asked = { ...figures, from: 0, to: 2 * DAY_SEC };
  const buckets = follow(engine, asked, "from_sequence").flatMap(
    (page) => page.buckets as { count: number; sum: string; minimum: number; maximum: number }[],
  );
  expect(buckets.map((bucket) => bucket.count)).toEqual([QUERY_BATCHES_MAX, QUERY_BATCHES_MAX, 76]);
  expect(buckets.reduce((sum, bucket) => sum + Number(bucket.sum), 0)).toBe(
    (count * (count - 1)) / 2,
  );
  expect([buckets[0]!.minimum, buckets[2]!.maximum]).toEqual([0, count - 1]);

  const latest = engine.query({ query: "latest", stream_id: 1 }).readings as { sequence: number }[];
  expect(latest.map(({ sequence }) => sequence)).toEqual(numbers.slice(-PAGE_ITEMS_MAX).reverse());
});

test("a page of batches ends with the one that carries it over the bytes it may have", async () => {
  const { world, engine, owner, writer } = await begin([metric("t", { kind: "text" })]);
  const bodyBytes: number[] = [];
  for (let i = 0; i < 7; i++) {
    const notes = Array.from({ length: 280 }, () => Buffer.from(world.random(100)).toString("hex"));
    const { operation } = writer.write(new Float64Array(280), [texts(...notes)]);
    expect(refusalsOf(engine.apply(world.send(owner, operation)))).toEqual([]);
    bodyBytes.push(engine.store.batchBodies.get(i + 1)!.body.length);
  }
  const pages = follow(engine, { query: "batches", stream_id: 1 }, "from_sequence");
  const sizes = pages.map((page) =>
    (page.batches as { body: string }[]).map(({ body }) => (body.length - 2) / 2),
  );
  expect(sizes.flat()).toEqual(bodyBytes);
  expect(sizes.length).toBe(2);
  const [first] = sizes as [number[]];
  const sum = (list: readonly number[]) => list.reduce((a, b) => a + b, 0);
  expect(sum(first)).toBeGreaterThanOrEqual(PAGE_BODY_BYTES_MAX);
  expect(sum(first.slice(0, -1))).toBeLessThan(PAGE_BODY_BYTES_MAX);
});

test("sums beyond 2^53 are exact, of either sign", async () => {
  for (const value of [METRIC_VALUE_MAX, -METRIC_VALUE_MAX + 1]) {
    const { world, engine, owner, writer } = await begin();
    for (let i = 0; i < 2; i++) {
      const { operation } = writer.write(new Float64Array(READINGS_PER_INPUT_MAX), [
        integers(...new Array<number>(READINGS_PER_INPUT_MAX).fill(value)),
      ]);
      expect(refusalsOf(engine.apply(world.send(owner, operation)))).toEqual([]);
    }
    const figures = { query: "statistics", stream_id: 1, metric: "a", bucket: "hour" };
    expect(engine.query({ ...figures, from: 0, to: 1 }).buckets).toEqual([
      {
        ...{ start: 0, count: 2 * READINGS_PER_INPUT_MAX, minimum: value, maximum: value },
        sum: (BigInt(value) * BigInt(2 * READINGS_PER_INPUT_MAX)).toString(),
      },
    ]);
  }
});
