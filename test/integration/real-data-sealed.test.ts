/** The sample files through the built dApp in sealed streams, read back by those who may. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ReceivedGrant } from "../../node-client/client/buyer/read-sealed.ts";
import { readReadings } from "../../node-client/files/read-readings.ts";
import type { Person } from "../arbitraries/world.ts";
import {
  asOneDevice,
  type ExpectedDevice,
  type ExpectedFile,
  firstRows,
  readCells,
  SCALE,
} from "./fixtures/csv-cells.ts";
import { DataRun, type Loaded } from "./fixtures/data-run.ts";
import { readSampleFile, SAMPLE_NAMES, say } from "./fixtures/sample-file.ts";
import { queryGrants, queryView, readView } from "./fixtures/sealed-view.ts";

const BATCH_READINGS = 128;
const EXPIRES_AT_SEC = 2_000_000_000;

type Reading = ReturnType<typeof readView>[number];

/** The rows of a device as a buyer of some of its metrics must read them. */
function expectReadings(
  actual: readonly Reading[],
  { readings }: ExpectedDevice,
  isGranted: (m: number) => boolean = () => true,
): void {
  expect(actual).toEqual(
    readings.map(({ time: timeSec, values }, sequence) => ({
      sequence,
      timeSec,
      values: values.map((value, m) => (isGranted(m) ? value : undefined)),
    })),
  );
}

let run: DataRun;
let buyer: Person;
let second: Person;
beforeAll(async () => {
  run = await DataRun.start("sealed");
  buyer = run.world.person("buyer");
  second = run.world.person("second buyer");
});
afterAll(() => run?.close());

describe.each(SAMPLE_NAMES)("%s.csv in sealed streams", (name) => {
  let file: ExpectedFile;
  let asWhole: Loaded;
  let byMetric: Loaded;
  let granted: ReceivedGrant[];
  let partlyGranted: ReceivedGrant[];

  /** The only metric of device `i` that the second buyer gets: another one for every device. */
  const metricFor = (i: number): number => i % file.metrics.length;

  beforeAll(async () => {
    const text = readSampleFile(name);
    file = readCells(text);
    const readings = readReadings(text, { file: name, scaleDefault: SCALE });
    const metrics = file.metrics;
    const options = { batchSize: BATCH_READINGS, buyers: [buyer] };
    asWhole = await run.load(readings, { ...options, keyGroups: metrics.map(() => 0) });
    byMetric = await run.load(readings, { ...options, keyGroups: metrics.map((_, m) => m) });

    const key = second.encryptionKey;
    await run.apply(run.world.bySender(second, { kind: "register_encryption_key", key }));
    for (const [i, { streamId, epochKeys }] of byMetric.devices.entries()) {
      const rights = { epoch: 0, groups: 1 << metricFor(i), expiresAtSec: EXPIRES_AT_SEC };
      const grant = run.world.grant(second, { streamId, epochKeys, ...rights });
      expect((await run.apply(run.world.bySender(run.owner, grant))).status).toBe("accepted");
    }
    granted = await queryGrants(run, buyer);
    partlyGranted = await queryGrants(run, second);
    say(
      `${name}.csv sealed: ${asWhole.bytesPerReading.toFixed(2)} bytes/reading with one key ` +
        `group, ${byMetric.bytesPerReading.toFixed(2)} with one a metric`,
    );
  });

  test.each(["one key group", "one key group a metric"])(
    "the buyer of everything reads every cell and time of every row: %s",
    async (groups) => {
      const { devices } = groups === "one key group" ? asWhole : byMetric;
      for (const [i, device] of file.devices.entries()) {
        const view = await queryView(run, devices[i]!.streamId, granted);
        expect(view.stream.groupCount).toBe(devices[i]!.epochKeys.length);
        expectReadings(readView(run.world.crypto, buyer, view), device);
      }
    },
  );

  test("the buyer of one key group reads its metric in every row, and no other", async () => {
    for (const [i, device] of file.devices.entries()) {
      const view = await queryView(run, byMetric.devices[i]!.streamId, partlyGranted);
      const readings = readView(run.world.crypto, second, view);
      expectReadings(readings, device, (m) => m === metricFor(i));
    }
  });
});

describe("sealed batches of other sizes", () => {
  /** One device's rows by way of the machine and a buyer, with one key group a metric. */
  async function sendAndRead(text: string, batchSize: number, timeColumn?: string) {
    const file = readCells(text, timeColumn);
    const keyGroups = file.metrics.map((_, m) => m);
    const options = { batchSize, keyGroups, buyers: [buyer] };
    const { devices } = await run.load(
      readReadings(text, {
        timeColumns: timeColumn === undefined ? undefined : [timeColumn],
        scaleDefault: SCALE,
      }),
      options,
    );
    const view = await queryView(run, devices[0]!.streamId, await queryGrants(run, buyer));
    expect(view.batches).toHaveLength(Math.ceil(file.devices[0]!.readings.length / batchSize));
    expectReadings(readView(run.world.crypto, buyer, view), file.devices[0]!);
  }

  test.each([
    ["weather", 100, undefined],
    ["environment", 100, "timestamp"],
    ["retail", 100, undefined],
  ] as const)("one reading a batch: %s.csv, %i rows", async (name, rowCount, timeColumn) => {
    await sendAndRead(firstRows(asOneDevice(readSampleFile(name)), rowCount), 1, timeColumn);
  });

  test("4,096 readings a batch: weather.csv as one device", async () => {
    await sendAndRead(asOneDevice(readSampleFile("weather")), 4_096);
  });
});

test("the process, a replay of its inputs and a scan of all rows have one root", async () => {
  await run.expectReplayAgrees();
});
