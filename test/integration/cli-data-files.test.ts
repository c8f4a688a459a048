import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { CASES_FOLDER } from "../cases/show-readings.ts";
import { Folder, lastJson, runCli } from "./fixtures/run-cli.ts";

/** What a data file was understood as, said before anything is sent: no chain is needed for it. */

const folder = new Folder();
afterAll(() => folder.remove());
const pathOf = (name: string): string => join(CASES_FOLDER, name);
const look = (name: string, ...options: string[]) =>
  runCli(["submit", "--dry-run", "--csv", pathOf(name), ...options], { cwd: folder.path });

describe("--dry-run", () => {
  test("shows the whole understanding in 80 columns, and needs no chain", async () => {
    const options = ["--device", "car", "--scale", "Longitude=3", "--columns"];
    const names = "GPS Speed (Meters/second),Engine Coolant Temperature,Longitude,Device Time";
    const { code, out, err } = await look("a7-torque.csv", ...options, names);
    expect([code, err]).toEqual([0, ""]);
    expect(out.split("\n").filter((line) => line.length > 80)).toEqual([]);
    const path = pathOf("a7-torque.csv");
    expect(out.replace(/\s+/g, " ")).toContain(
      `file ${path}: CSV, UTF-8, separator ",", decimal point, header in line 1 readings 2 of 1 device (by --device): car ` +
        "time 2026-06-02 08:14:26 to 2026-06-02 08:14:27 UTC; from GPS Time, month by name, clock times in UTC " +
        'metrics 4 GPS Speed: number, 1 decimal, unit m/s, from "GPS Speed (Meters/second)" ' +
        "Engine Coolant Temperature: number, 1 decimal, unit Cel, 1 null, from",
    );
    expect(out).toContain("  Longitude: number, 3 decimals, 2 rounded\n");
    expect(out.replace(/\s+/g, " ")).toContain(
      '- Engine Coolant Temperature(°C): "-" was read as no value. (such as "-" in line 2)'.replace(
        "Engine Coolant Temperature(°C)",
        '"Engine Coolant Temperature(°C)"',
      ),
    );
    expect(out.endsWith("Nothing was sent (--dry-run).\n")).toBe(true);
  });

  test("gives the same as one JSON object", async () => {
    const { out } = await look("k1-semicolon-comma.csv", "--json");
    expect(lastJson(out)).toMatchObject({
      ...{ format: "csv", separator: ";", decimal: ",", readings: 2 },
      devices: { count: 1, column: "device_id", names: ["a"] },
      time: { columns: ["timestamp"], zone: "UTC", firstSec: 1_714_550_400 },
      columns: [{ name: "temp", kind: "integer", scale: 1, nulls: 0, rounded: 0 }],
    });
  });

  test("a file without a header, without a metric, or with readings inside is refused", async () => {
    const submit = (text: string, ...options: string[]) =>
      runCli(["submit", "--dry-run", "--csv", folder.file("odd.csv", text), ...options]);
    const bare = "2024-05-01T00:00:00Z,21.5\n2024-05-01T01:00:00Z,22.5\n";
    expect((await submit(bare, "--device", "x")).err).toContain("--header A,B,…");
    const named = await submit(bare, "--device", "x", "--header", "time,temp", "--json");
    expect(lastJson(named.out)).toMatchObject({ readings: 2, columns: [{ name: "temp" }] });
    const json = '{"results":[{"device":"a","time":"2024-05-01T00:00:00Z","v":1}]}';
    expect((await submit(json)).err).toContain("--records results");
    const inner = await submit(json, "--records", "results", "--json");
    expect(lastJson(inner.out)).toMatchObject({ readings: 1, columns: [{ name: "results.v" }] });
    const { code, err } = await submit("device,time,v\na,2024-05-01T00:00:00Z,\n");
    expect([code, err]).toEqual([2, expect.stringContaining("no column left for a metric")]);
  });

  test.each([
    ["k6-no-device.csv", "--device NAME"],
    ["t5-excel-serial-time.csv", "--time-format"],
    ["e1-latin1.csv", "--encoding"],
    ["a6c-ragged.csv", "--skip-short-rows"],
    ["v3-hugeint.csv", "--text vehicle_id"],
  ])("%s is refused with %s", async (name, option) => {
    const { code, out, err } = await look(name);
    expect([code, out]).toEqual([2, ""]);
    expect(err.trimEnd().split("\n").at(-1)).toContain(option);
  });

  test("every refusal names the next option, until the file is read", async () => {
    const rows = ["time,v", ",°C", "2024-10-27 02:30,21.5", "2024-10-27 03:30,21.6", "Mean,21.5"];
    const csv = folder.file("units-and-mean.csv", `${rows.join("\n")}\n`);
    const words = ["submit", "--dry-run", "--csv", csv, "--device", "d"];
    const zone = ["--time-zone", "Europe/Amsterdam"];
    for (const [options, named] of [
      [[], "--skip-untimed-rows"],
      [["--skip-untimed-rows", ...zone], "--time-zone Europe/Amsterdam,first"],
    ] as const) {
      const { code, err } = await runCli([...words, ...options]);
      expect([code, err]).toEqual([2, expect.stringContaining(named)]);
    }
    const options = ["--skip-untimed-rows", "--time-zone", "Europe/Amsterdam,first", "--json"];
    expect(lastJson((await runCli([...words, ...options])).out)).toMatchObject({
      time: { zone: "Europe/Amsterdam", firstSec: 1_729_989_000, lastSec: 1_729_996_200 },
      columns: [{ name: "v", kind: "integer", scale: 1 }],
    });
  });

  test.each([
    [["--text", "timestamp"], 'column "timestamp": It names the device or time: no metric.'],
    [["--long", "device_id"], "The long form has two columns at least."],
    [["--records", "results"], "The file is CSV, and --records is for NDJSON."],
    [["--text", "Temp"], 'column "Temp": There is no such column to take as text.'],
    [["--null", "x", "--time-zone", "Mars"], 'There is no time zone "Mars".'],
    [["--separator", ",,"], "Give one character, or tab."],
    [["--format", "xlsx"], "Allowed choices are csv, ndjson, senml, influx."],
    [["--preset", "acme"], "Allowed choices are home-assistant"],
    [["--key-groups", "temp|wind"], 'There is no metric "wind" for a key group'],
  ])("an option that says nothing is refused: %j", async (options, problem) => {
    const { code, err } = await look("k9-nan.csv", ...options);
    expect([code, err]).toEqual([2, expect.stringContaining(problem)]);
  });
});

describe("every way in", () => {
  const text = readFileSync(pathOf("k1-semicolon-comma.csv"), "utf8");

  test("standard input is looked at twice, packed or not", async () => {
    for (const stdin of [text, readFileSync(pathOf("e17.csv.gz"))]) {
      const words = ["submit", "--dry-run", "--csv", "-", "--json"];
      const { code, out } = await runCli(words, { stdin });
      expect([code, lastJson(out).file]).toEqual([0, "standard input"]);
    }
  });

  test("presets are short names for options, and options beside them win", async () => {
    const { out } = await look("k7-long.csv", "--preset", "home-assistant", "--json");
    expect(lastJson(out)).toMatchObject({
      devices: { count: 2, column: "entity_id" },
      columns: [
        { name: "state", scale: 2, devices: { count: 1, first: "sensor.meter" } },
        { name: "state", scale: 1, devices: { count: 1, first: "sensor.power" } },
      ],
    });
    // A name for all of them would merge the entities that the preset tells apart.
    const merged = await look("k7-long.csv", "--preset", "home-assistant", "--device", "home");
    expect([merged.code, merged.err]).toEqual([2, expect.stringContaining("Leave out --device")]);
    const davis = folder.file(
      "davis.csv",
      'Station "Roof"\n"Date & Time","Temp - °F","Barometer - in Hg"\n"5/13/24 12:05 AM",61.5,29.9\n"5/1/24 1:05 PM","--",29.8\n',
    );
    const words = ["submit", "--dry-run", "--csv", davis, "--preset", "davis", "--skip-rows", "1"];
    const read = await runCli([...words, "--device", "roof", "--json"]);
    expect(lastJson(read.out)).toMatchObject({
      time: { firstSec: 1_714_568_700, lastSec: 1_715_558_700 },
      columns: [{ nulls: 1 }, { nulls: 0 }],
    });
  });

  test("encode says on standard error what it decided", async () => {
    const words = ["encode", "--csv", pathOf("k9-nan.csv"), "--batch", "2"];
    const { code, err } = await runCli(words);
    expect(code).toBe(0);
    expect(err).toContain('- temp: "NaN" was read as no value. (such as "NaN" in line 3)\n');
  });
});
