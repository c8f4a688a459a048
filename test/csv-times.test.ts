/** Times of a CSV file: their formats, and which column they are taken from. */
import { describe, expect, test } from "vitest";
import { type DeviceReadings, readReadings } from "../node-client/csv/read-readings.ts";
import { parseTime } from "../node-client/csv/times.ts";

const names = (device: DeviceReadings | undefined) => device?.metrics.map((metric) => metric.name);

describe("times", () => {
  test.each([
    ["1714550400", 1_714_550_400],
    ["1714550400.0", 1_714_550_400],
    ["100000000000", 1e11],
    ["2024-05-01 08:00:00", 1_714_550_400],
    ["2024-05-01T08:00:00Z", 1_714_550_400],
    ["2024-05-01T08:00:00.000Z", 1_714_550_400],
    ["2024-02-29T23:59:59", 1_709_251_199],
    ["1970-01-01 00:00:00", 0],
  ])("reads %s", (text, timeSec) => expect(parseTime(text)).toBe(timeSec));

  test.each([
    ["", "empty"],
    ["yesterday", "format_unknown"],
    ["2024-05-01", "format_unknown"],
    ["2024-05-01T08:00:00+02:00", "format_unknown"],
    ["2023-02-29 00:00:00", "not_in_calendar"],
    ["2024-05-01 24:00:00", "not_in_calendar"],
    ["2024-13-01 00:00:00", "not_in_calendar"],
    ["1969-12-31 23:59:59", "before_1970"],
    ["-5", "before_1970"],
    ["1714550400.5", "fraction_of_second"],
    ["2024-05-01T08:00:00.250Z", "fraction_of_second"],
    ["1714550400000", "milliseconds"],
  ])("refuses %j: %s", (text, problem) => expect(parseTime(text)).toBe(problem));

  const choose = (header: string, cells: string) => readReadings(`${header}\n${cells}\n`)[0];

  test("prefers Unix seconds, and drops the same instant in another form", () => {
    const device = choose("id,date,timestamp_unix,v", "a,2024-05-01 08:00:00,1714550400,1");
    expect(device?.times).toEqual(Float64Array.of(1_714_550_400));
    expect(names(device)).toEqual(["v"]);
    expect(choose("id,timestamp,time,v", "a,2024-05-01 08:00:00,7,1")?.times[0]).toBe(7);
  });

  test("keeps a second time that differs, as text", () => {
    const device = choose("id,timestamp,received,v", "a,1714550400,2024-05-01 08:00:01,1");
    expect(names(device)).toEqual(["received", "v"]);
    expect(device?.columns[0]?.dictionary).toEqual(["2024-05-01 08:00:01"]);
  });

  test("keeps a plain number that happens to equal the time, but under a time's name", () => {
    expect(names(choose("id,time,count", "a,1,1"))).toEqual(["count"]);
    expect(names(choose("id,time,seen_unix,v", "a,1,1,1"))).toEqual(["v"]);
  });

  test("takes the well-known names in order, whatever their case", () => {
    expect(choose("ID,Date,Time,v", "a,9,8,1")?.times[0]).toBe(8);
    expect(choose("id,time,datetime,v", "a,08:00,1970-01-02 00:00:00,1")?.times[0]).toBe(86_400);
    expect(choose("id,seen_unix,v", "a,7,1")?.times[0]).toBe(7);
    expect(readReadings("id,t,v\na,7,1\n", { timeColumn: "t" })[0]?.times[0]).toBe(7);
  });

  test("keeps the file's order, backwards and repeated", () => {
    const times = readReadings("id,time,v\na,30,1\na,10,2\na,10,3\n")[0]?.times;
    expect(times).toEqual(Float64Array.of(30, 10, 10));
  });
});
