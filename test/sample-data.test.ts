/** The sample files, where they are present, and their generated stand-ins. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { ClientError } from "../node-client/errors.ts";
import { generateSample } from "../node-client/files/generate-sample.ts";
import { type DeviceReadings, readReadings } from "../node-client/files/read-readings.ts";
import { loadSampleData, SAMPLE_NAMES } from "../node-client/files/sample-data.ts";

const PROJECT_ROOT = fileURLToPath(new URL("..", import.meta.url));

/** What a column says in the end: its numbers or texts, null where a reading has none. */
function show(device: DeviceReadings | undefined, name: string): (number | string | null)[] {
  const column = device?.columns[device.metrics.findIndex((metric) => metric.name === name)];
  if (column === undefined) throw new Error(`no column ${name}`);
  return [...column.values].map((value, i) => {
    if (column.present?.[i] === 0) return null;
    return column.dictionary === undefined ? value : (column.dictionary[value] ?? "?");
  });
}

const names = (device: DeviceReadings | undefined) => device?.metrics.map((metric) => metric.name);

describe("sample data", () => {
  const folder = mkdtempSync(join(tmpdir(), "tallyroll-csv-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const places = { dataFolder: process.env.TALLYROLL_DATA, projectRoot: PROJECT_ROOT };
  const isReal = !loadSampleData("weather", places).generated;

  const texts: [string, (name: (typeof SAMPLE_NAMES)[number]) => string][] = [
    ["generated", (name) => generateSample(name)],
  ];
  if (isReal) texts.push(["real", (name) => loadSampleData(name, places).text]);

  describe.each(texts)("%s", (_, load) => {
    test("weather: 8,760 readings of 5 stations, hourly in turn", () => {
      const devices = readReadings(load("weather"));
      expect(devices.map((device) => device.times.length)).toEqual(Array(5).fill(1_752));
      expect(devices[0]?.metrics.filter((metric) => metric.kind === "text")).toHaveLength(1);
      expect(new Set(show(devices[0], "conditions"))).toContain("Rain, Overcast");
      expect(devices[0]?.times[0]).toBe(1_640_995_200);
    });

    test("environment: 2,000 readings of 10 devices, with nulls and one time", () => {
      const devices = readReadings(load("environment"));
      expect(devices).toHaveLength(10);
      expect(devices.reduce((sum, device) => sum + device.times.length, 0)).toBe(2_000);
      expect(names(devices[0])).not.toContain("timestamp");
      expect(names(devices[0])).not.toContain("timestamp_unix");
      expect(names(devices[0])).not.toContain("conductivity");
      expect(show(devices[1], "humidity_percent")[0]).toBeNull();
    });

    test("retail: 2,823 readings of 30 stores, with text, out of order", () => {
      const devices = readReadings(load("retail"));
      expect(devices).toHaveLength(30);
      expect(devices.reduce((sum, device) => sum + device.times.length, 0)).toBe(2_823);
      expect(devices[0]?.metrics.filter((metric) => metric.kind === "text")).toHaveLength(4);
      expect(devices.every(({ times }) => times.some((t, i) => t < (times[i - 1] ?? 0)))).toBe(
        true,
      );
    });
  });

  test.runIf(isReal)("the real weather's first reading, at its scales", () => {
    const scales = { wind_speed_kmh: 1, wind_direction_degrees: 0, visibility_km: 1 };
    const device = readReadings(loadSampleData("weather", places).text, {
      scales,
      scaleDefault: 2,
    })[0];
    const first = device?.metrics.map((metric) => show(device, metric.name)[0]);
    expect(first).toEqual([711, 461, 222, 7100, 0, 83, 343, 99, "Clear"]);
  });

  test.runIf(isReal).each(SAMPLE_NAMES)("generated %s has the real header and rows", (name) => {
    const [real, generated] = [loadSampleData(name, places).text, generateSample(name)];
    expect(generated.split("\n")[0]).toBe(real.split("\n")[0]);
    expect(generated.split("\n")).toHaveLength(real.split("\n").length);
  });

  test("a generated text depends on its seed alone", () => {
    expect(generateSample("weather", 7)).toBe(generateSample("weather", 7));
    expect(generateSample("weather", 7)).not.toBe(generateSample("weather", 8));
    expect(generateSample("retail").split("\n")[1]).toBe(
      "did:example:retail-garden-quarter-store-3,1041811200,10100,12,72.33,867.96," +
        "Trucks and Buses,Garden Quarter,USA,Small",
    );
  });

  test("comes from the given folder, else from beside the project, else is generated", () => {
    const projectRoot = join(folder, "project");
    const given = { dataFolder: join(folder, "given"), projectRoot };
    expect(loadSampleData("retail", given)).toMatchObject({
      generated: true,
      source: "generated retail.csv",
    });
    mkdirSync(join(folder, "shared/data"), { recursive: true });
    writeFileSync(join(folder, "shared/data/retail.csv"), "beside");
    expect(loadSampleData("retail", given)).toMatchObject({ generated: false, text: "beside" });
    mkdirSync(given.dataFolder);
    writeFileSync(join(given.dataFolder, "retail.csv"), "given");
    expect(loadSampleData("retail", given).text).toBe("given");
    expect(loadSampleData("retail", { dataFolder: "", projectRoot }).text).toBe("beside");
  });

  test("a file that is not UTF-8 is an error, not a guess", () => {
    writeFileSync(join(folder, "weather.csv"), Uint8Array.of(0x61, 0xff));
    const load = () => loadSampleData("weather", { dataFolder: folder, projectRoot: folder });
    expect(load).toThrow(ClientError);
  });
});
