/** Headers, arrays, devices and options: nothing is lost silently, and no option does nothing. */
import { describe, expect, test } from "vitest";
import type { ReadOptions } from "../node-client/files/read-options.ts";
import { look, read, refuse, rowsOf, show, T, testAsked } from "./cases/ask-file.ts";

describe("nothing is lost silently", () => {
  const bare = `${T},21.5\n2024-05-01T01:00:00Z,22.5\n`;
  testAsked([
    [
      "a first line of times and numbers is no header",
      bare,
      { device: "x" },
      { options: ["--header", "--skip-rows"], line: 1 },
      [[{ header: ["time", "v"] }, ["x: v = 21.5 22.5"]]],
    ],
    [
      "numbers as names are asked for",
      `time,1,2\n${T},5,6\n`,
      { device: "x" },
      { options: ["--header", "--skip-rows"], cell: "1" },
      [[{ header: ["time", "1", "2"], skipRows: 1 }, ["x: 1 = 5", "x: 2 = 6"]]],
    ],
    [
      "readings inside of an object are not one wide reading",
      `{"count":2,"results":[{"device":"a","time":"${T}","v":1},{"device":"b","time":"${T}","v":2}]}`,
      {},
      { options: ["--records"], line: 1 },
      [[{ records: "results", columns: ["v"] }, ["a: results.v = 1", "b: results.v = 2"]]],
    ],
    [
      "the devices inside of an object are not one",
      `{"time":"${T}","at":{"sensors":[{"id":"a","v":1},{"id":"b","v":2}]}}`,
      {},
      { options: ["--records"], line: 1 },
      [[{ records: "at.sensors" }, ["a: at.sensors.v = 1", "b: at.sensors.v = 2"]]],
    ],
    ["a path twice", `{"id":"x","time":"${T}","a.b":1,"a":{"b":2}}`, {}, { options: [] }, []],
  ]);

  test("arrays that are details of a reading stay in it", () => {
    const text = `{"id":"x","received_at":"${T}","rx":[{"timestamp":1714521600,"rssi":1},{"rssi":2}]}`;
    expect(read(text, { columns: ["rx.0.rssi", "rx.1.rssi"] })).toEqual([
      "x: rx.0.rssi = 1",
      "x: rx.1.rssi = 2",
    ]);
  });

  const counted = `id,time,v\n${rowsOf(301, (i) => `${Math.min(i + 1, 300)},${T},1`)}`;
  testAsked([
    [
      "a counter that repeats one number names no devices",
      counted,
      {},
      { options: ["--device", "--device-column"] },
      [],
    ],
    [
      "decimals name no devices",
      `time,meter,power\n${T},100.1,5\n${T},100.1,6\n${T},100.4,7\n`,
      {},
      { options: ["--device", "--device-column"] },
      [
        [{ device: "x" }, ["x: meter = 100.1 100.1 100.4", "x: power = 5 6 7"]],
        [{ deviceColumn: "meter" }, ["100.1: power = 5 6", "100.4: power = 7"]],
      ],
    ],
  ]);

  test("names that are there twice get one that is free", () => {
    expect(read(`device,time,a,a,a (2)\nx,${T},1,2,3\n`)).toEqual([
      "x: a = 1",
      "x: a (3) = 2",
      "x: a (2) = 3",
    ]);
  });
});

describe("options that contradict each other or do nothing are refused", () => {
  const long = `entity_id,time,state\na,${T},1\nb,${T},2\n`;
  const plain = `device,time,site,v\na,${T},s,1\n`;
  const senml = `[{"bn":"a:","bt":1714550400,"n":"t","v":1}]`;
  const json = `{"device":"a","time":"${T}","v":1}`;
  test.each<[string, ReadOptions, string[]]>([
    [long, { device: "home" }, ["--device"]],
    [plain, { device: "q", long: ["device", "v"] }, ["--device", "--long"]],
    [plain, { device: "q", deviceColumn: "device" }, ["--device", "--device-column"]],
    [plain, { deviceColumn: "site", long: ["device", "v"] }, ["--device-column", "--long"]],
    [senml, { device: "home" }, ["--device"]],
    [plain, { long: ["device"] }, ["--long"]],
    [plain, { texts: ["time"] }, ["--text"]],
    [plain, { scales: { time: 2 } }, ["--scale"]],
    [plain, { texts: ["v"], columns: ["site"] }, ["--columns", "--text"]],
    [plain, { scales: { v: 1 }, columns: ["site"] }, ["--columns", "--scale"]],
    [plain, { timeColumns: ["time", "site", "v"] }, ["--time"]],
    [json, { skipRows: 1 }, ["--skip-rows", "--format"]],
    [json, { separator: ";" }, ["--separator", "--format"]],
    [json, { skipShortRows: true }, ["--skip-short-rows", "--format"]],
    [json, { header: ["a"] }, ["--header", "--format"]],
    [plain, { records: "x" }, ["--records", "--format"]],
  ])("%j with %j", (text, options, named) => {
    expect(refuse(() => read(text, options)).options).toEqual(named);
  });

  test("--device names the rows of SenML that name none themselves", () => {
    expect(read(`[{"bt":1714550400,"n":"t","v":1}]`, { device: "home" })).toEqual(["home: t = 1"]);
  });

  test("--null compares numbers as numbers, and says where it found none", () => {
    const text = `device;time;v\na;${T};-999,0\na;${T};-999\na;${T};-99,9\na;${T};-999,5\n`;
    const file = look(text, { nulls: ["-999", "foo"] });
    expect(show(file)).toEqual(["a: v = null null -99.9 -999.5"]);
    expect(file.summary.notes).toContainEqual(
      expect.objectContaining({ kind: "null_unused", example: "foo" }),
    );
    expect(read(`device,time,v\na,${T},5e3\na,${T},1\n`, { nulls: ["5000.00"] })).toEqual([
      "a: v = null 1",
    ]);
  });
});

describe("letters after numbers", () => {
  testAsked([
    [
      "numbers with and without a letter may be names",
      `device,time,house\na,${T},12A\na,${T},14\n`,
      {},
      { options: ["--text", "--scale"], cell: "12A" },
      [
        [{ texts: ["house"] }, ["a: house = '12A' '14'"]],
        [{ scales: { house: 0 } }, ["a: house A = 12 14"]],
      ],
    ],
    [
      "an export of InfluxDB without annotations",
      `,result,table,_time,_value,_field,room\n,,0,${T},1.5,temp,k\n`,
      {},
      { options: ["--format"] },
      [[{ format: "influx" }, ["room=k: temp = 1.5"]]],
    ],
  ]);

  test("all with the letter are of its unit, and the row says one cell", () => {
    expect(read(`device,time,i\na,${T},12A\na,${T},14A\n`)).toEqual(["a: i A = 12 14"]);
    expect(refuse(() => read(`device,time,v\na,${T},1\na\n`)).shortMessage).toContain("1 cell ");
  });
});
