/** The sample files through the built dApp and back, in open streams, cell by cell. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readReadings } from "../../node-client/files/read-readings.ts";
import {
  asOneDevice,
  type ExpectedDevice,
  type ExpectedFile,
  firstRows,
  readCells,
  readDecimal,
  SCALE,
} from "./fixtures/csv-cells.ts";
import { DataRun, type Fields } from "./fixtures/data-run.ts";
import { readSampleFile, SAMPLE_NAMES, say } from "./fixtures/sample-file.ts";

const BATCH_READINGS = 128;
/** No divisor of a batch: pages begin and end within batches. */
const PAGE_READINGS = 100;
const KEY_TYPES = { weather: "ed25519", environment: "p256", retail: "secp256k1" } as const;
const BUCKET_SECONDS = { hour: 3_600, day: 86_400 } as const;
const BUCKETS_MAX = 4_096;

let run: DataRun;
beforeAll(async () => {
  run = await DataRun.start("open");
});
afterAll(() => run?.close());

/** What one stream's `readings` query must answer, all pages together. */
function expectReadings(actual: readonly Fields[], { readings }: ExpectedDevice): void {
  expect(actual.map(({ sequence }) => sequence)).toEqual(readings.map((_, i) => i));
  expect(actual.map(({ time, values }) => ({ time, values }))).toEqual(readings);
}

function readStream(streamId: number, limit: number): Promise<Fields[]> {
  const query = { query: "readings", stream_id: streamId, limit };
  return run.queryAll<Fields>(query, "readings", "from_sequence");
}

/** `latest` answers with the last rows of the file, the very last one first. */
async function expectLatest(streamId: number, limit: number, { readings }: ExpectedDevice) {
  const latest = await run.query({ query: "latest", stream_id: streamId, limit });
  const expected = readings.map((reading, sequence) => ({ sequence, ...reading }));
  expect((latest.readings as Fields[]).map(({ batch_id, ...reading }) => reading)).toEqual(
    expected.slice(-limit).reverse(),
  );
}

interface Bucket {
  readonly count: number;
  readonly sum: bigint;
  readonly minimum: number;
  readonly maximum: number;
}

/** A bucket of an answer: the sum may be beyond what a JSON number holds. */
type AnsweredBucket = Omit<Bucket, "sum"> & { readonly start: number; readonly sum: string };

function merge(a: Bucket | undefined, b: Bucket): Bucket {
  if (a === undefined) return b;
  return {
    count: a.count + b.count,
    sum: a.sum + b.sum,
    minimum: Math.min(a.minimum, b.minimum),
    maximum: Math.max(a.maximum, b.maximum),
  };
}

/** Figures of one metric by the beginning of their bucket, out of the file alone. */
function computeBuckets({ readings }: ExpectedDevice, m: number, seconds: number) {
  const buckets = new Map<number, Bucket>();
  for (const { time, values } of readings) {
    const cell = values[m];
    if (cell == null) continue;
    const value = readDecimal(cell);
    const start = Math.floor(time / seconds) * seconds;
    const one = { count: 1, sum: value, minimum: Number(value), maximum: Number(value) };
    buckets.set(start, merge(buckets.get(start), one));
  }
  return buckets;
}

/** The machine's figures of one metric: windows as wide as it allows, their pages merged. */
async function queryBuckets(
  streamId: number,
  metric: string,
  { readings }: ExpectedDevice,
  bucket: keyof typeof BUCKET_SECONDS,
) {
  const times = readings.map(({ time }) => time);
  const end = Math.max(...times) + 1;
  const width = BUCKET_SECONDS[bucket] * BUCKETS_MAX;
  const buckets = new Map<number, Bucket>();
  let pageCount = 0;
  // Windows from the first reading on begin within a bucket, so that they too have to be merged.
  for (let from = Math.min(...times); from < end; from += width) {
    const window = { stream_id: streamId, metric, bucket, from, to: Math.min(from + width, end) };
    for (let cursor: unknown = 0; cursor !== null; pageCount++) {
      const answer = await run.query({ query: "statistics", ...window, from_sequence: cursor });
      expect(answer).toMatchObject({ metric, scale: SCALE });
      for (const { start, sum, ...figures } of answer.buckets as AnsweredBucket[]) {
        buckets.set(start, merge(buckets.get(start), { ...figures, sum: BigInt(sum) }));
      }
      cursor = answer.next;
    }
  }
  return { buckets, pageCount };
}

describe.each(SAMPLE_NAMES)("%s.csv in open streams", (name) => {
  let file: ExpectedFile;
  let streamIds: number[];

  beforeAll(async () => {
    const text = readSampleFile(name);
    file = readCells(text);
    const readings = readReadings(text, { file: name, scaleDefault: SCALE });
    expect(readings.map(({ deviceName }) => deviceName)).toEqual(
      file.devices.map(({ deviceName }) => deviceName),
    );
    const keyType = KEY_TYPES[name];
    const loaded = await run.load(readings, { batchSize: BATCH_READINGS, keyType });
    streamIds = loaded.devices.map(({ streamId }) => streamId);
    const rowCount = file.devices.reduce((sum, device) => sum + device.readings.length, 0);
    say(
      `${name}.csv: ${rowCount} rows, ${file.devices.length} devices, ${file.metrics.length} ` +
        `metrics; open ${loaded.bytesPerReading.toFixed(2)} bytes/reading`,
    );
  });

  test("every column is declared by its name, with its kind and scale", async () => {
    for (const streamId of streamIds) {
      const { metrics } = await run.query({ query: "stream", stream_id: streamId });
      expect(metrics).toMatchObject(
        file.metrics.map(({ name, isText }) => ({
          name,
          kind: isText ? "text" : "integer",
          scale: isText ? 0 : SCALE,
        })),
      );
    }
  });

  test("every cell and time of every row reads back, in the file's order", async () => {
    for (const [i, device] of file.devices.entries()) {
      expectReadings(await readStream(streamIds[i]!, PAGE_READINGS), device);
    }
  });

  test("`latest` is the end of the file, the last row first", async () => {
    for (const [i, device] of file.devices.entries()) {
      for (const limit of [1, 200]) await expectLatest(streamIds[i]!, limit, device);
    }
  });

  test.each(["hour", "day"] as const)(
    "statistics by %s equal those computed from the file",
    async (bucket) => {
      for (const [i, device] of file.devices.entries()) {
        for (const [m, { name: metric, isText }] of file.metrics.entries()) {
          if (isText) continue;
          const { buckets } = await queryBuckets(streamIds[i]!, metric, device, bucket);
          expect([metric, buckets]).toEqual([
            metric,
            computeBuckets(device, m, BUCKET_SECONDS[bucket]),
          ]);
        }
      }
    },
  );
});

test("the files have what makes them worth testing: nulls, texts, disorder", () => {
  const [weather, environment, retail] = SAMPLE_NAMES.map((name) =>
    readCells(readSampleFile(name)),
  );
  const valuesOf = (file: ExpectedFile) =>
    file.devices.flatMap(({ readings }) => readings.flatMap(({ values }) => values));
  expect(valuesOf(environment!)).toContain(null);
  expect(new Set(valuesOf(weather!)).has("Rain, Overcast")).toBe(true);
  expect(
    retail!.devices.some(({ readings }) =>
      readings.some(({ time }, i) => i > 0 && time < readings[i - 1]!.time),
    ),
  ).toBe(true);
});

describe("batches of other sizes", () => {
  test.each([
    // More batches than one query decodes: statistics come in pages.
    ["weather", 600, undefined],
    ["environment", 150, "timestamp"],
    ["retail", 150, undefined],
  ] as const)("one reading a batch: %s.csv, %i rows", async (name, rowCount, timeColumn) => {
    const text = firstRows(asOneDevice(readSampleFile(name)), rowCount);
    const file = readCells(text, timeColumn);
    const { devices } = await run.load(
      readReadings(text, {
        timeColumns: timeColumn === undefined ? undefined : [timeColumn],
        scaleDefault: SCALE,
      }),
      { batchSize: 1 },
    );
    const { streamId } = devices[0]!;
    const [device] = file.devices;
    expect(device!.readings).toHaveLength(rowCount);
    expectReadings(await readStream(streamId, PAGE_READINGS), device!);
    await expectLatest(streamId, PAGE_READINGS, device!);
    const m = 2;
    const metric = file.metrics[m]!.name;
    const { buckets, pageCount } = await queryBuckets(streamId, metric, device!, "day");
    expect(buckets).toEqual(computeBuckets(device!, m, BUCKET_SECONDS.day));
    expect(pageCount).toBe(rowCount > 512 ? 2 : 1);
  });

  test("4,096 readings a batch: weather.csv as one device", async () => {
    const text = asOneDevice(readSampleFile("weather"));
    const { devices, bytesPerReading } = await run.load(
      readReadings(text, { scaleDefault: SCALE }),
      { batchSize: 4_096 },
    );
    const [device] = readCells(text).devices;
    const { streamId } = devices[0]!;
    expectReadings(await readStream(streamId, 256), device!);
    const { reading_count, batch_count } = await run.query({
      query: "stream",
      stream_id: streamId,
    });
    expect([reading_count, batch_count]).toEqual([
      device!.readings.length,
      Math.ceil(device!.readings.length / 4_096),
    ]);
    say(`weather.csv in batches of 4,096: ${bytesPerReading.toFixed(2)} bytes/reading`);
  });
});

test("the process, a replay of its inputs and a scan of all rows have one root", async () => {
  await run.expectReplayAgrees();
});
