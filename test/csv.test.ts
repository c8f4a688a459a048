/** Readings out of CSV text: each rule of the mapping, and its errors. */
import { describe, expect, test } from "vitest";
import { CsvError } from "../node-client/csv/csv-error.ts";
import {
  type DeviceReadings,
  type ReadOptions,
  readReadings,
  sliceReadings,
} from "../node-client/csv/read-readings.ts";
import { inferUnit } from "../node-client/csv/units.ts";
import { ClientError } from "../node-client/errors.ts";
import { METRIC_VALUE_MAX } from "../spec/limits.ts";

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

function catchError(text: string, options?: ReadOptions): CsvError {
  try {
    readReadings(text, options);
  } catch (error) {
    if (error instanceof CsvError) return error;
    throw error;
  }
  throw new Error("the text was read without an error");
}

test.each([
  ["temperature_celsius", "Cel"],
  ["humidity_percent", "%RH"],
  ["battery_percent", "%"],
  ["precipitation_mm", "mm"],
  ["visibility_km", "km"],
  ["wind_speed_kmh", "km/h"],
  ["wind_direction_degrees", "deg"],
  ["noise_level_db", "dB"],
  ["lighting_lux", "lx"],
  ["bod_mgl", "mg/L"],
  ["pressure_hpa", "hPa"],
  ["ph_level", ""],
  ["mm", ""],
  ["a_constructor", ""],
])("the unit of %s is %j", (name, unit) => expect(inferUnit(name)).toBe(unit));

describe("readings", () => {
  test("come per device, in order of first appearance, each with all metrics", () => {
    const [b, a, ...rest] = readReadings("device_id,time,v_mm\nb,1,0.5\na,2,1\nb,3,\n");
    expect(rest).toEqual([]);
    expect([b?.deviceName, a?.deviceName]).toEqual(["b", "a"]);
    expect(b?.metrics).toEqual([
      {
        name: "v_mm",
        unit: "mm",
        kind: "integer",
        scale: 2,
        minimum: -METRIC_VALUE_MAX,
        maximum: METRIC_VALUE_MAX,
        group: 0,
      },
    ]);
    expect(b?.columns).toEqual([
      { values: Float64Array.of(50, 0), present: Uint8Array.of(1, 0), dictionary: undefined },
    ]);
    expect(a?.columns[0]?.present).toBeUndefined();
  });

  test("are text from the first cell that is no number, kept exactly", () => {
    const [device] = readReadings('id,time,t\na,1,1\na,2," x, ""y"" "\na,3,\na,4,1\n');
    expect(device?.metrics[0]).toMatchObject({ kind: "text", scale: 0, minimum: 0, maximum: 0 });
    expect(device?.columns[0]?.dictionary).toEqual(["1", ' x, "y" ']);
    expect(show(device, "t")).toEqual(["1", ' x, "y" ', null, "1"]);
  });

  test("are null numbers in a wholly empty column", () => {
    const [device] = readReadings("id,time,v\na,1,\na,2,\n");
    expect(device?.metrics[0]?.kind).toBe("integer");
    expect(show(device, "v")).toEqual([null, null]);
  });

  test("take scales by name, a name out of Object.prototype included", () => {
    const text = "id,time,constructor,v\na,1,2.5,2.5\n";
    const [device] = readReadings(text, { scales: { v: 0 } });
    expect(show(device, "constructor")).toEqual([250]);
    expect(show(device, "v")).toEqual([3]);
  });

  test("pick and order columns", () => {
    const text = "id,time,a,b,time_unix\nx,1,2,3,1\n";
    expect(names(readReadings(text, { columns: ["b", "a"] })[0])).toEqual(["b", "a"]);
    expect(names(readReadings(text, { columns: ["time_unix"] })[0])).toEqual(["time_unix"]);
  });

  test("come through a byte order mark, CRLF, empty lines and quoted line breaks", () => {
    const [device] = readReadings('\ufeffid,time,t\r\n\r\na,1,"x\r\ny"\r\n"a",2,z');
    expect(show(device, "t")).toEqual(["x\r\ny", "z"]);
  });

  test("are none in a file of a header only", () => {
    expect(readReadings("id,time,v\n")).toEqual([]);
  });
});

describe("an error names its place and the way out", () => {
  const many = Array.from({ length: 33 }, (_, i) => `m${i}`);
  test.each<[string, string, ReadOptions, Partial<CsvError>, RegExp]>([
    ["no header", "", {}, {}, /first line names the columns/],
    ["no id column", "time,v\n1,2\n", {}, { line: 1 }, /header has: time, v/],
    ["unknown id column", "id,time,v\n", { idColumn: "x" }, { line: 1 }, /named "x"/],
    ["no time column", "id,v\na,2\n", {}, { line: 1 }, /header has: id, v/],
    ["id as time", "id,v\na,2\n", { timeColumn: "id" }, { column: "id" }, /two columns/],
    ["twice in the header", "id,time,v,v\n", {}, { line: 1, column: "v" }, /Rename/],
    ["ragged row", "id,time,v\na,1,2\na,1\n", {}, { line: 3 }, /2 cells where .* 3/],
    ["open quote", 'id,time,v\na,1,2\na,2,"3\na,4,5\n', {}, { line: 3 }, /never closes/],
    ["stray quote", 'id,time,v\n\na,1,2"3\n', {}, { line: 3 }, /unquoted cell/],
    ["text after a quote", 'id,time,v\na,1,"2"3\n', {}, { line: 2 }, /ends a cell/],
    ["no device", "id,time,v\na,1,2\n,1,2\n", {}, { line: 3, column: "id", cell: "" }, /device/],
    ["no time", "id,time,v\na,,2\n", {}, { line: 2, column: "time", cell: "" }, /no time/],
    ["milliseconds", "id,time,v\na,1714550400000,2\n", {}, { cell: "1714550400000" }, /by 1000/],
    ["long name", `id,time,${"ä".repeat(33)}\na,1,1\n`, {}, { line: 1 }, /66 bytes/],
    ["no name", "id,time,\na,1,1\n", {}, { line: 1, column: "" }, /column 3 is empty/],
    ["33 metrics", `id,time,${many}\na,1,${many}\n`, {}, { line: 1 }, /--columns/],
    ["no metric", "id,time\na,1\n", {}, { line: 1 }, /no column left/],
    ["unknown column", "id,time,v\n", { columns: ["w"] }, { column: "w" }, /: id, time, v\./],
    ["column twice", "id,time,v\n", { columns: ["v", "v"] }, { column: "v" }, /twice/],
    ["id picked", "id,time,v\n", { columns: ["id"] }, { column: "id" }, /no metric/],
    ["unknown scale", "id,time,v\n", { scales: { w: 2 } }, { column: "w" }, /: id, time, v\./],
    ["wrong scale", "id,time,v\n", { scales: { v: 13 } }, { column: "v" }, /0 to 12/],
    [
      "text at a scale",
      "id,time,v\na,1,\na,2,x\n",
      { scales: { v: 2 } },
      { line: 3 },
      /no decimal/,
    ],
    ["2^49", "id,time,v\na,1,1e13\n", {}, { line: 2, cell: "1e13" }, /--scale v=N with N below 2/],
    ["long text", `id,time,v\na,1,${"ä".repeat(101)}\n`, {}, { line: 2, column: "v" }, /202 bytes/],
    [
      "after CRLF",
      'id,time,v\r\na,1,"x\r\ny"\r\n,2,3\r\n',
      {},
      { line: 4, column: "id" },
      /device/,
    ],
  ])("%s", (_, text, options, place, message) => {
    const error = catchError(text, { file: "some.csv", ...options });
    expect(error).toBeInstanceOf(ClientError);
    expect(error).toMatchObject({ name: "CsvError", file: "some.csv", ...place });
    expect(error.message).toMatch(message);
    expect(error.message).toBe(`${error.shortMessage}\n${error.whatToDo}`);
    expect(error.shortMessage.startsWith("some.csv")).toBe(true);
  });

  test("in one readable line, with its cause beneath", () => {
    const error = catchError(`id,time,v\na,1,${"9".repeat(1_000)}\n`);
    expect(error.shortMessage).toMatch(/^CSV, line 2, column "v", cell "9{60}"…: At 2 decimals/);
    expect(error.cause).toBeInstanceOf(RangeError);
  });
});

describe("a slice", () => {
  const [device] = readReadings("id,time,t,v\na,1,x,1\na,2,,\na,3,y,3\na,4,x,4\na,5,y,5\n");
  const slice = (from: number, to: number) => sliceReadings(device as DeviceReadings, from, to);

  test("holds just its own texts, in order of first use", () => {
    const { times, columns } = slice(1, 4);
    expect(times).toEqual(Float64Array.of(2, 3, 4));
    expect(columns[0]).toEqual({
      values: Float64Array.of(0, 0, 1),
      present: Uint8Array.of(0, 1, 1),
      dictionary: ["y", "x"],
    });
  });

  test("needs no presence where nothing is null", () => {
    expect(slice(2, 5).columns.map((column) => column.present)).toEqual([undefined, undefined]);
    expect(slice(2, 5).columns[1]?.values).toEqual(Float64Array.of(300, 400, 500));
  });

  test("leaves the readings as they were", () => {
    slice(2, 5).columns[0]?.values.fill(9);
    expect(show(device, "t")).toEqual(["x", null, "y", "x", "y"]);
  });

  test.each([
    [-1, 2],
    [3, 2],
    [0, 6],
    [0.5, 2],
  ])("refuses %d to %d of 5", (from, to) => expect(() => slice(from, to)).toThrow(RangeError));
});
