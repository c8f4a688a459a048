/** What a data file leaves open is asked for by an option, and that option then gets further. */
import { describe, expect, test } from "vitest";
import { fromBytes } from "../node-client/files/byte-source.ts";
import { DataFileError } from "../node-client/files/data-file-error.ts";
import { fitMetrics } from "../node-client/files/fit-metrics.ts";
import type { ReadOptions } from "../node-client/files/read-options.ts";
import { collectReadings, formatScaled } from "../node-client/files/read-readings.ts";
import { type UnderstoodFile, understandFile } from "../node-client/files/understand-file.ts";
import type { Metric } from "../spec/readings.ts";

const look = (text: string, options: ReadOptions = {}): UnderstoodFile =>
  understandFile(fromBytes(Buffer.from(text), "some.csv"), options);

/** Devices as `name: metric=values`, with the unit behind the metric. */
function show(file: UnderstoodFile): string[] {
  return collectReadings(file).flatMap(({ deviceName, metrics, columns }) =>
    columns.map(({ values, present, dictionary }, m) => {
      const { name = "", unit = "", scale = 0 } = metrics[m] ?? {};
      const cells = [...values].map((value, row) => {
        if (present?.[row] === 0) return "null";
        return dictionary === undefined ? formatScaled(value, scale) : `'${dictionary[value]}'`;
      });
      return `${deviceName}: ${name}${unit === "" ? "" : ` ${unit}`} = ${cells.join(" ")}`;
    }),
  );
}

const read = (text: string, options: ReadOptions = {}): string[] => show(look(text, options));

function refuse(action: () => unknown): DataFileError {
  try {
    action();
  } catch (error) {
    if (!(error instanceof DataFileError)) throw error;
    for (const option of error.options) expect(error.whatToDo).toContain(option);
    return error;
  }
  throw new Error("it was not refused");
}

const kindsOf = (file: UnderstoodFile): string[] => file.summary.notes.map(({ kind }) => kind);
const rowsOf = (count: number, row: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => `${row(i)}\n`).join("");

const T = "2024-05-01T00:00:00Z";

/** A text, how it is refused, and what an option of the advice makes of it. */
type Asked = readonly [
  rule: string,
  text: string,
  options: ReadOptions,
  asked: { readonly options: readonly string[]; readonly cell?: string; readonly line?: number },
  further: readonly (readonly [ReadOptions, readonly string[]])[],
];

function testAsked(cases: readonly Asked[]): void {
  test.each(cases)("%s", (_, text, options, asked, further) => {
    const error = refuse(() => read(text, options));
    expect(error).toMatchObject(asked);
    for (const [more, lines] of further) expect(read(text, { ...options, ...more })).toEqual(lines);
  });
}

describe("a column that is almost numbers is never quietly text", () => {
  const word = `device;time;v\na;${T};21,5\na;${T};22,1\na;${T};Fehler\n`;
  const quoted = `device,time,v,w\na,${T},"3,14",1.5\na,${T},err,1.5\na,${T},"2,71",1.5\na,${T},"2,72",1.5\n`;
  const pure = `device;time;v\na;${T};21,5\na;${T};22,1\n`;
  testAsked([
    [
      "with a decimal comma and one odd word",
      word,
      {},
      { options: ["--null", "--text"], cell: "Fehler", line: 4 },
      [
        [{ nulls: ["Fehler"] }, ["a: v = 21.5 22.1 null"]],
        [{ texts: ["v"] }, ["a: v = '21,5' '22,1' 'Fehler'"]],
      ],
    ],
    [
      "with commas and a word beside a column of points",
      quoted,
      {},
      { options: ["--decimal", "--text"] },
      [[{ texts: ["v"] }, ["a: v = '3,14' 'err' '2,71' '2,72'", "a: w = 1.5 1.5 1.5 1.5"]]],
    ],
    [
      "with some numbers of the other mark than --decimal says",
      `${pure}a;${T};3\n`,
      { decimal: "." },
      { options: ["--decimal", "--text"], cell: "21,5", line: 2 },
      [
        [{ decimal: "," }, ["a: v = 21.5 22.1 3.0"]],
        [{ texts: ["v"] }, ["a: v = '21,5' '22,1' '3'"]],
      ],
    ],
    [
      "where the commas come after the first rows, with a word among them",
      `device;time;v\n${rowsOf(600, () => `a;${T};1`)}a;${T};1,5\na;${T};err\n`,
      { columns: ["v"] },
      { options: ["--null", "--text"], cell: "err" },
      [],
    ],
  ]);

  test("words with some numbers of the other mark are text, and that is told", () => {
    const file = look(`device,time,v\na,${T},x\na,${T},y\na,${T},"3,14"\n`);
    expect(show(file)).toEqual(["a: v = 'x' 'y' '3,14'"]);
    expect(kindsOf(file)).toContain("other_mark_in_text");
    expect(kindsOf(look(pure, { decimal: "." }))).toContain("other_mark_in_text");
  });
});

describe("decimals or thousands", () => {
  const late = (count: number, cell: string): string =>
    `device;time;v\n${rowsOf(count, () => `a;${T};0`)}a;${T};${cell}\n`;
  test.each([10, 600])("are told apart alike after %d rows", (count) => {
    expect(read(late(count, "1,250"))[0]?.endsWith(" 0.000 1.250")).toBe(true);
    const error = refuse(() => read(late(count, "1.250")));
    expect(error).toMatchObject({ options: ["--decimal"], cell: "1.250" });
    expect(read(late(count, "1.250"), { decimal: "," })[0]?.endsWith(" 0 1250")).toBe(true);
  });
  const commas = `device,time,v\n${rowsOf(600, () => `a,${T},0`)}a,${T},"1,250"\n`;
  const beside = `device;time;temp;lat\na;${T};21,5;52.123\na;${T};21,6;52.124\n`;
  const points = `device,time,temp,v\na,${T},21.5,"1,250"\na,${T},21.6,"2,310"\n`;
  testAsked([
    [
      "nothing after the first rows tells it",
      commas,
      {},
      { options: ["--decimal"], cell: "1,250", line: 602 },
      [],
    ],
    [
      "single groups of three beside a column of the other mark, points",
      beside,
      {},
      { options: ["--decimal", "--text"], cell: "52.123", line: 2 },
      [
        [{ decimal: "," }, ["a: temp = 21.5 21.6", "a: lat = 52123 52124"]],
        [{ texts: ["lat"] }, ["a: temp = 21.5 21.6", "a: lat = '52.123' '52.124'"]],
      ],
    ],
    [
      "single groups of three beside a column of the other mark, commas",
      points,
      {},
      { options: ["--decimal", "--text"], cell: "1,250", line: 2 },
      [[{ decimal: "." }, ["a: temp = 21.5 21.6", "a: v = 1250 2310"]]],
    ],
  ]);

  test("a column that tells its own mark has thousands", () => {
    const text = `device,time,v,w\na,${T},"1,250",0.5\na,${T},"1,250.5",0.5\n`;
    expect(read(text)[0]).toBe("a: v = 1250.0 1250.5");
  });
});

describe("a stream that exists", () => {
  const metric = (name: string, unit: string, more: Partial<Metric> = {}): Metric => ({
    ...{ name, unit, kind: "integer", scale: 1, minimum: -1e9, maximum: 1e9, group: 0, ...more },
  });
  const fitTo = (text: string, declared: readonly Metric[], options: ReadOptions = {}) => {
    const file = look(text, options);
    return fitMetrics(file, file.devices[0] as (typeof file.devices)[0], declared);
  };
  const header = `device,time,Temp (°F),w\na,${T},70.1,1\n`;
  const cells = `device,time,Power,w\na,${T},1.2 kW,1\n`;

  test.each([
    ["header", header, metric("Temp", "Cel"), "Cel", "[degF]"],
    ["cells", cells, metric("Power", "W"), "W", "kW"],
    ["header, where it has none", header, metric("Temp", ""), "no unit", "[degF]"],
    [
      "cells, as text by themselves",
      `device,time,Power\na,${T},01 kW\n`,
      metric("Power", "W"),
      "W",
      "kW",
    ],
  ])("refuses another unit in the %s", (_, text, declared, had, unit) => {
    const error = refuse(() => fitTo(text, [declared, metric("w", "")]));
    expect(error.options).toEqual(["--columns", "--stream-name"]);
    expect(error.shortMessage).toContain(had);
    expect(error.shortMessage).toContain(unit);
    const { columns } = fitTo(text.replace(/,w$/m, ",w"), [declared, metric("w", "")], {
      columns: text.includes(",w") ? ["w"] : [],
    });
    expect(columns[0]?.index).toBe(-1);
  });

  test.each([
    ["the same", `device,time,Temp (°C)\na,${T},21.5\n`, metric("Temp", "Cel")],
    ["the same by its sign", `device,time,Temp (°C)\na,${T},21.5\n`, metric("Temp", "°C")],
    ["none", `device,time,Temp\na,${T},21.5\n`, metric("Temp", "Cel")],
    ["humidity", `device,time,humidity\na,${T},45 %\n`, metric("humidity", "%RH")],
    ["the name's", `device,time,t_celsius\na,${T},45\n`, metric("t_celsius", "")],
  ])("takes a unit: %s", (_, text, declared) => {
    expect(fitTo(text, [declared]).columns[0]?.index).toBe(2);
  });

  test("reads what a new one would refuse, as it was declared", () => {
    const text = `device,time,status,id\na,${T},1,12345678901234567890\na,${T},2,1\na,${T},x,1\n`;
    const text0 = { kind: "text", scale: 0, minimum: 0, maximum: 0 } as const;
    const { columns } = fitTo(text, [metric("status", "", text0), metric("id", "", text0)]);
    expect(columns.map(({ index, plan }) => [index, plan.kind])).toEqual([
      [2, "text"],
      [3, "text"],
    ]);
    expect(refuse(() => read(text))).toMatchObject({ column: "status", cell: "x" });
  });

  test("says that True and False go in as 1 and 0", () => {
    const { notes } = fitTo(`device,time,on\na,${T},true\na,${T},false\n`, [metric("on", "")]);
    expect(notes).toMatchObject([{ kind: "boolean", column: "on", count: 2, line: 2 }]);
  });
});

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
    [plain, { texts: ["v"], columns: ["site"] }, ["--text", "--columns"]],
    [plain, { scales: { v: 1 }, columns: ["site"] }, ["--scale", "--columns"]],
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
