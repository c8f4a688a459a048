/** Times of a data file: their formats, and which column they are taken from. */
import { describe, expect, test } from "vitest";
import { parseInstant } from "../node-client/files/parse-time.ts";
import {
  type DeviceReadings,
  type ReadOptions,
  readReadings,
} from "../node-client/files/read-readings.ts";
import { parseTimeFormat } from "../node-client/files/time-format.ts";
import { TimeReader } from "../node-client/files/time-reader.ts";
import { findTimeZone } from "../node-client/files/time-zone.ts";

const names = (device: DeviceReadings | undefined) => device?.metrics.map((metric) => metric.name);

const NOON = 1_714_564_800;

/** What `--time-format` and `--time-zone` make of a cell; the problem where it is none. */
function read(cell: string, format?: string, zone?: string): number | string {
  const reader = new TimeReader({
    format: format === undefined ? undefined : parseTimeFormat(format),
    zone: zone === undefined ? undefined : findTimeZone(zone),
    order: undefined,
  });
  const sec = reader.read(cell, { lastSec: Number.NEGATIVE_INFINITY }, 1);
  return Number.isNaN(sec) ? (reader.problem ?? "?") : sec;
}

describe("times", () => {
  test.each([
    ["1714564800", NOON],
    ["1714564800.0", NOON],
    ["1714564800123", NOON],
    ["1714564800000001", NOON],
    ["1714564800000000001", NOON],
    ["1.7145648E9", NOON],
    ["2024-05-01 12:00:00", NOON],
    ["2024-05-01T12:00:00Z", NOON],
    ["2024-05-01T12:00Z", NOON],
    ["2024-05-01t12:00:00z", NOON],
    ["2024-05-01T12:00:00.000Z", NOON],
    ["2024-05-01T12:00:00,5Z", NOON],
    ["2024-05-01 14:00:00+02:00", NOON],
    ["2024-05-01 14:00:00 +0200", NOON],
    ["2024-05-01 07:00:00-05", NOON],
    ["2024-05-01 12:00:00 UTC", NOON],
    ["2024/05/01 12:00", NOON],
    ["2024-5-1 12:00:00 PM", NOON],
    ["01.05.2024 12:00", NOON],
    ["13/05/2024 12:00:00", NOON + 12 * 86_400],
    ["05/13/24 12:00 pm", NOON + 12 * 86_400],
    ["31.05.24 12:00", NOON + 30 * 86_400],
    ["31/05/99 12:00", 4_083_912_000],
    ["01-May-2024 12:00:00", NOON],
    ["Wed May 01 13:00:00 GMT+01:00 2024", NOON],
    ["May 1, 2024 12:00 PM", NOON],
    ["2024-02-29T23:59:59", 1_709_251_199],
    ["2023-12-31 24:00:00", 1_704_067_200],
    ["2016-12-31T23:59:60Z", 1_483_228_800],
    ["1970-01-01 00:00:00", 0],
  ])("reads %s", (text, timeSec) => expect(read(text)).toBe(timeSec));

  test.each([
    ["", "empty"],
    ["yesterday", "format_unknown"],
    ["2024-05-01", "date_only"],
    ["2023-02-29 00:00:00", "not_in_calendar"],
    ["2024-05-01 24:00:01", "not_in_calendar"],
    ["2024-13-01 00:00:00", "not_in_calendar"],
    ["2024-05-01 13:00 PM", "not_in_calendar"],
    ["1969-12-31 23:59:59", "before_1970"],
    ["-5", "number_small"],
    ["45413", "number_small"],
    ["20240501080000", "number_dated"],
    ["20240501", "number_dated"],
    ["2024050108", "number_dated"],
    ["2024050108.0", "number_dated"],
    ["2405010800", "number_dated"],
    ["05/01/2024 08:00", "order_unknown"],
    ["24-05-01 08:00", "order_unknown"],
    ["24/05/01 08:00", "order_unknown"],
    ["05-05-05 08:00", "order_unknown"],
    ["2016-12-31T12:00:60Z", "not_in_calendar"],
    ["2016-12-31T22:59:60Z", "not_in_calendar"],
    ["2024-05-01 08:00:00 CEST", "zone_unknown"],
  ])("does not guess %j: %s", (text, problem) => expect(read(text)).toBe(problem));

  test.each([
    ["7", "unix", 7],
    ["7500", "unix-ms", 7],
    ["05/01/2024 12:00", "month-first", NOON],
    ["01/05/2024 12:00", "day-first", NOON],
    ["05.04.2024 12:00", "month-first", NOON + 3 * 86_400],
    ["05.13.2024 12:00", "month-first", NOON + 12 * 86_400],
    ["01.05.2024 12:00", "day-first", NOON],
    ["24-05-01 12:00", "YY-MM-DD HH:mm", NOON],
    ["13/05/24 12:00", "day-first", NOON + 12 * 86_400],
    ["2024050112", "YYYYMMDDHH", NOON],
    ["2405011200", "YYMMDDHHmm", NOON],
    ["2024050108", "unix", 2_024_050_108],
    ["2024-05-01", "date", NOON - 43_200],
    ["45413.5", "spreadsheet", NOON],
    ["1500", "elapsed-ms=2024-05-01T12:00:00Z", NOON + 1],
    ["90.5", "elapsed-s=2024-05-01 12:00", NOON + 90],
    ["20240501120000", "YYYYMMDDHHmmss", NOON],
    ["24.5.1 1:00:00.25 PM", "YY.M.D h:mm:ss.S A", NOON + 3_600],
    ["2024-05-01 12:00 CET", "YYYY-MM-DD HH:mm [CET]", NOON],
    ["01 May 2024 14:00 GMT+2", "DD MMM YYYY HH:mm Z", NOON],
  ])("reads %s by %s", (cell, format, sec) => expect(read(cell, format)).toBe(sec));

  test.each([
    ...["soon", "HH:mm", "YYYY-MM", "elapsed-s=x", "YYYY-MM-DD QQ"],
    // A piece that is there twice, or a part of a time of day without the greater one before it.
    ...["YYYY-MM-DD HH:MM:SS", "YYYY-MM-DD HH:MM", "YYYY-MM-DD HH:mm:SS", "YYYY-mm-DD HH:MM"],
    ...[
      "YYYY-MM-DD YY HH:mm",
      "MMM MM D YYYY",
      "YYYY-MM-DD HH hh:mm",
      "YYYY-MM-DD ss",
      "D DD M YYYY",
    ],
    ...["YYYY-MM-DD A", "YYYY-MM-DD HH:mm Z Z"],
  ])("%s is no format", (text) => expect(parseTimeFormat(text)).toBeUndefined());

  test.each(["2024-05-01 13:00 AM", "2024-05-01 00:00 PM"])("%s is no time of day", (text) =>
    expect(read(text, "YYYY-MM-DD HH:mm A")).toBe("not_in_calendar"),
  );

  test("ten digits are asked for only where Unix seconds would be in the future", () => {
    const sample = (nowSec: number) => readReadings("id,time,v\na,2024050108,1\n", { nowSec });
    expect(sample(2_024_050_108)[0]?.times[0]).toBe(2_024_050_108);
    expect(() => sample(2_024_050_107)).toThrow(/--time-format: YYYYMMDDHH/);
  });

  test.each([
    ["2024-07-01 14:00:00", "Europe/Amsterdam", 1_719_835_200],
    ["2024-01-01 13:00:00", "Europe/Amsterdam", 1_704_110_400],
    ["2024-01-01 07:00:00", "America/New_York", 1_704_110_400],
    ["2024-01-01 17:45:00", "Asia/Kathmandu", 1_704_110_400],
    ["2024-01-01 14:00:00", "+02:00", 1_704_110_400],
    ["2024-01-01 12:00:00Z", "Asia/Kathmandu", 1_704_110_400],
    ["2025-03-30 02:30:00", "Europe/Amsterdam", "not_existing"],
    ["2025-03-30 03:00:00", "Europe/Amsterdam", 1_743_296_400],
    ["2024-10-27 02:30:00", "Europe/Amsterdam", "ambiguous"],
    ["2024-10-27 02:30:00", "Europe/Amsterdam,first", 1_729_989_000],
    ["2024-10-27 02:30:00", "Europe/Amsterdam,second", 1_729_992_600],
    ["2024-10-27 02:30:00 CEST", "Europe/Amsterdam", 1_729_989_000],
    ["2024-10-27 02:30:00 CET", "Europe/Amsterdam", 1_729_992_600],
    ["27 Oct 2024 02:30 MEZ", "Europe/Berlin", 1_729_992_600],
    ["2024-01-01 06:00:00 CST", "America/Chicago", 1_704_110_400],
    ["2024-01-01 20:00:00 CST", "Asia/Shanghai", 1_704_110_400],
    ["2024-01-01 13:00:00 CET", "+01:00", 1_704_110_400],
    ["2024-07-01 13:00:00 CET", "Europe/Amsterdam", "zone_differs"],
    ["2024-07-01 13:00:00 CEST", "America/New_York", "zone_differs"],
    ["2024-07-01 13:00:00 constructor", "Europe/Amsterdam", "zone_unknown"],
    ["2017-01-01 00:59:60", "Europe/Amsterdam", 1_483_228_800],
    ["2016-12-31 23:59:60", "Europe/Amsterdam", "not_in_calendar"],
    ["2024-10-06 02:15:00", "Australia/Lord_Howe", "not_existing"],
  ])("%s in %s", (cell, zone, sec) => expect(read(cell, undefined, zone)).toBe(sec));

  test.each(["+01:00,first", "UTC,second", "Europe/Amsterdam,third", "Mars,first"])(
    "%s is no time zone",
    (text) => expect(findTimeZone(text)).toBeUndefined(),
  );

  test.each(["+19:00", "-18:01", "+01:75", "UTC+19"])("%s is no offset of a clock", (text) =>
    expect(findTimeZone(text)).toBeUndefined(),
  );

  test("letters of a zone are read by a pattern, too", () => {
    const pattern = "DD.MM.YYYY HH:mm Z";
    expect(read("01.05.2024 14:00 CEST", pattern, "Europe/Amsterdam")).toBe(NOON);
    expect(read("01.05.2024 14:00 CEST", pattern)).toBe("zone_unknown");
  });

  test.each([
    ["2024-05-01 12:00:00", NOON],
    ["24-05-01 12:00", undefined],
    ["2024-05-01 11:59:60", undefined],
    ["2016-12-31 23:59:60", 1_483_228_800],
  ])("a person's %s is not guessed either", (text, sec) => expect(parseInstant(text)).toBe(sec));

  const choose = (header: string, cells: string, options: ReadOptions = { timeFormat: "unix" }) =>
    readReadings(`${header}\n${cells}\n`, options)[0];

  test("prefers Unix seconds, and drops the same instant in another form", () => {
    const device = choose("id,date,timestamp_unix,v", "a,2024-05-01 08:00:00,1714550400,1", {});
    expect(device?.times).toEqual(Float64Array.of(1_714_550_400));
    expect(names(device)).toEqual(["v"]);
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
    expect(choose("id,seen_unix,v", "a,7,1")?.times[0]).toBe(7);
    expect(choose("id,time,datetime,v", "a,08:00,1970-01-02 00:00:00,1", {})?.times[0]).toBe(
      86_400,
    );
    const options = { timeColumns: ["t"], timeFormat: "unix" };
    expect(choose("id,t,v", "a,7,1", options)?.times[0]).toBe(7);
  });

  test("keeps the file's order, backwards and repeated", () => {
    const times = readReadings("id,time,v\na,30,1\na,10,2\na,10,3\n", { timeFormat: "unix" })[0]
      ?.times;
    expect(times).toEqual(Float64Array.of(30, 10, 10));
  });

  test("decides day or month first by the whole file, however late it tells", () => {
    const rows = Array.from({ length: 2_000 }, (_, i) => `a,05/0${1 + (i % 9)}/2024 08:00,1`);
    const text = ["id,time,v", ...rows, "a,05/13/2024 08:00,1", ""].join("\n");
    expect(readReadings(text)[0]?.times[0]).toBe(1_714_550_400);
    const both = text.replace("05/01/2024", "14/01/2024");
    expect(() => readReadings(both)).toThrow(/Some dates have the day first, others the month/);
  });

  test("two digits that may be the year are asked for, unless another row tells", () => {
    const file = (...dates: string[]) =>
      ["time,v", ...dates.map((date) => `${date} 08:00,1`), ""].join("\n");
    const first = (text: string) => readReadings(text, { device: "a" })[0]?.times[0];
    expect(() => first(file("24-05-01", "24-05-02"))).toThrow(/year is first\.\n.*YY-MM-DD HH:mm/);
    expect(() => first(file("13/05/24", "14/05/24"))).toThrow(/day-first, .*month-first/);
    expect(first(file("13/05/24", "1/5/24"))).toBe(1_715_587_200);
    expect(first(file("05/01/24", "05/13/24"))).toBe(1_714_550_400);
  });

  test("dates alone are day or month first by the whole file, too", () => {
    const read = (text: string) => readReadings(text, { timeFormat: "date", device: "a" });
    const [device] = read("time,v\n05/01/2024,1\n05/13/2024,1\n");
    expect(device?.times).toEqual(Float64Array.of(1_714_521_600, 1_715_558_400));
    expect(() => read("time,v\n13/05/2024,1\n05/13/2024,1\n")).toThrow(/others the month/);
  });
});
