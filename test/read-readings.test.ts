/** Readings out of a data file: each rule of the mapping, and its errors. */
import { describe, expect, test } from "vitest";
import { ClientError } from "../node-client/errors.ts";
import { DataFileError } from "../node-client/files/data-file-error.ts";
import {
  type DeviceReadings,
  type ReadOptions,
  readReadings as readFile,
  sliceReadings,
} from "../node-client/files/read-readings.ts";
import { splitUnit } from "../node-client/files/units.ts";
import { METRIC_VALUE_MAX } from "../spec/limits.ts";

/** Small times are Unix seconds here, so that rows stay short. */
const readReadings = (text: string, options: ReadOptions = {}): DeviceReadings[] =>
  readFile(text, { timeFormat: "unix", ...options });

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

function catchError(text: string, options?: ReadOptions): DataFileError {
  try {
    readReadings(text, options);
  } catch (error) {
    if (error instanceof DataFileError) return error;
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
  ["Temp (°C)", "Cel"],
  ["Relative humidity [%]", "%RH"],
  ["Energy (day)", ""],
])("the unit of %s is %j", (name, unit) => expect(splitUnit(name).unit).toBe(unit));

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
        scale: 1,
        minimum: -METRIC_VALUE_MAX,
        maximum: METRIC_VALUE_MAX,
        group: 0,
      },
    ]);
    expect(b?.columns).toEqual([
      { values: Float64Array.of(5, 0), present: Uint8Array.of(1, 0), dictionary: undefined },
    ]);
    expect(a?.columns[0]?.present).toBeUndefined();
  });

  test("are text where no most cells are numbers, kept exactly", () => {
    const text = 'id,time,t\na,1,1\na,2," x, ""y"" "\na,3,\na,4,z\n';
    const [device] = readReadings(text);
    expect(device?.metrics[0]).toMatchObject({ kind: "text", scale: 0, minimum: 0, maximum: 0 });
    expect(device?.columns[0]?.dictionary).toEqual(["1", ' x, "y" ', "z"]);
    expect(show(device, "t")).toEqual(["1", ' x, "y" ', null, "z"]);
  });

  test("leave out a wholly empty column, unless it is picked", () => {
    const text = "id,time,v,w\na,1,,1\na,2,,2\n";
    expect(names(readReadings(text)[0])).toEqual(["w"]);
    const [device] = readReadings(text, { columns: ["v", "w"] });
    expect(device?.metrics[0]).toMatchObject({ kind: "integer", scale: 0 });
    expect(show(device, "v")).toEqual([null, null]);
  });

  test("take scales by name, a name out of Object.prototype included", () => {
    const text = "id,time,constructor,v\na,1,2.5,2.5\n";
    const [device] = readReadings(text, { scales: { v: 0 } });
    expect(show(device, "constructor")).toEqual([25]);
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

  test("of names that are there twice are kept apart", () => {
    const text = "id,time,v,v,Temp (°C),Temp (°F)\na,1,1,2,3,4\n";
    expect(names(readReadings(text)[0])).toEqual(["v", "v (2)", "Temp (°C)", "Temp (°F)"]);
  });
});

describe("an error names its place and the way out", () => {
  const many = Array.from({ length: 33 }, (_, i) => `m${i}`);
  test.each<[string, string, ReadOptions, Partial<DataFileError>, RegExp]>([
    ["no header", "", {}, {}, /first line names the columns/],
    ["no rows", "id,time,v\n", {}, {}, /at least one row/],
    ["unknown text", "id,time,v\na,1,1\n", { texts: ["w"] }, { column: "w" }, /--text/],
    ["unknown zone", "id,time,v\na,1,1\n", { timeZone: "Mars" }, {}, /Europe\/Amsterdam/],
    ["unknown format", "id,time,v\na,1,1\n", { timeFormat: "soon" }, {}, /day-first/],
    ["both marks", 'id,time,v,w\na,1,1.5,"2,5"\n', {}, {}, /--decimal/],
    ["either mark", 'id,time,v\na,1,"1,234"\n', {}, { cell: "1,234" }, /--decimal/],
    ["almost numbers", "id,time,v\na,1,1\na,2,x\na,3,2\n", {}, { line: 3 }, /--null x.*--text v/],
    ["two units", "id,time,v\na,1,1 V\na,2,2 A\n", {}, { line: 3 }, /--text v/],
    ["no id column", "time,v\n1,2\n", {}, { line: 1 }, /header has: time, v/],
    ["unknown id column", "id,time,v\na,1,1\n", { deviceColumn: "x" }, { line: 1 }, /named "x"/],
    ["no time column", "id,v\na,x\n", {}, { line: 1 }, /header has: id, v/],
    ["id as time", "id,v\na,2\n", { timeColumns: ["id"] }, { column: "id" }, /two columns with/],
    ["ragged row", "id,time,v\na,1,2\na,1\n", {}, { line: 3 }, /2 cells where .* 3/],
    ["open quote", 'id,time,v\na,1,2\na,2,"3\na,4,5\n', {}, { line: 3 }, /never closes/],
    ["stray quote", 'id,time,v\n\na,1,2"3\n', {}, { line: 3 }, /unquoted cell/],
    ["text after a quote", 'id,time,v\na,1,"2"3\n', {}, { line: 2 }, /ends a cell/],
    ["no device", "id,time,v\na,1,2\n,1,2\n", {}, { line: 3, column: "id", cell: "" }, /device/],
    ["no time", "id,time,v\na,,2\n", {}, { line: 2, column: "time", cell: "" }, /no time/],
    [
      "no Unix time",
      "id,time,v\na,45413,2\n",
      { timeFormat: undefined },
      { cell: "45413" },
      /elapsed-ms/,
    ],
    ["long name", `id,time,${"ä".repeat(33)}\na,1,1\n`, {}, { line: 1 }, /66 bytes/],
    ["33 metrics", `id,time,${many}\na,1,${many}\n`, {}, { line: 1 }, /--columns/],
    ["no metric", "id,time\na,1\n", {}, { line: 1 }, /no column left/],
    [
      "unknown column",
      "id,time,v\na,1,1\n",
      { columns: ["w"] },
      { column: "w" },
      /: id, time, v\./,
    ],
    ["column twice", "id,time,v\na,1,1\n", { columns: ["v", "v"] }, { column: "v" }, /twice/],
    ["id picked", "id,time,v\na,1,1\n", { columns: ["id"] }, { column: "id" }, /no metric/],
    [
      "unknown scale",
      "id,time,v\na,1,1\n",
      { scales: { w: 2 } },
      { column: "w" },
      /: id, time, v\./,
    ],
    ["wrong scale", "id,time,v\na,1,1\n", { scales: { v: 13 } }, { column: "v" }, /0 to 12/],
    [
      "text at a scale",
      "id,time,v\na,1,\na,2,x\n",
      { scales: { v: 2 } },
      { line: 3 },
      /not a decimal/,
    ],
    [
      "2^49",
      "id,time,v\na,1,1e13\n",
      { scales: { v: 2 } },
      { line: 2 },
      /--scale v=N with N below 2/,
    ],
    ["2^49 at 0", "id,time,v\na,1,1e15\n", {}, { line: 2, cell: "1e15" }, /--text v/],
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
    expect(error).toMatchObject({ name: "DataFileError", file: "some.csv", ...place });
    expect(error.message).toMatch(message);
    expect(error.message).toBe(`${error.shortMessage}\n${error.whatToDo}`);
    expect(error.shortMessage.startsWith("some.csv")).toBe(true);
  });

  test("in one readable line", () => {
    const error = catchError(`id,time,v\na,1,${"9".repeat(1_000)}\n`);
    expect(error.shortMessage).toMatch(/^CSV, line 2, column "v", cell "9{60}"…: At 0 decimals/);
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
    expect(slice(2, 5).columns[1]?.values).toEqual(Float64Array.of(3, 4, 5));
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

describe("characters", () => {
  test("are whole wherever a chunk of the file ends", () => {
    const text = `id,time,t\na,1,${"x".repeat(95)}é\n`;
    const rows = Array.from(
      { length: 30_000 },
      (_, i) => `a,${i},${i % 7}ä€${"\u{1f321}".repeat(9)}`,
    );
    const [device] = readReadings(`${text}${rows.join("\n")}`);
    expect(device?.columns[0]?.dictionary).toHaveLength(8);
    expect(device?.times).toHaveLength(30_001);
  });

  test("that are no UTF-8 are refused with their line, however far down", () => {
    const rows = Array.from({ length: 100_000 }, (_, i) => `a,${i},1`);
    const bytes = Buffer.from(`id,time,t\n${rows.join("\n")}\na,1,\xb0C\n`, "latin1");
    const read = () => readFile(bytes, { timeFormat: "unix" });
    expect(read).toThrow(/line 100002: The text is not UTF-8\.\n.*"a,1,°C"/);
  });
});
