/** Files whose times need their neighbours, their zone or an option to be read. */
import { describe, expect, test } from "vitest";
import { fromBytes } from "../node-client/files/byte-source.ts";
import { DataFileError } from "../node-client/files/data-file-error.ts";
import { collectReadings, type ReadOptions } from "../node-client/files/read-readings.ts";
import { understandFile } from "../node-client/files/understand-file.ts";
import { listOptions } from "./cases/list-options.ts";

/** The instants of a file, and what was told of it by kind; or what the refusal says. */
function read(text: string, options: ReadOptions = {}) {
  try {
    const file = understandFile(fromBytes(Buffer.from(text), "a.csv"), options);
    const times = collectReadings(file).map(({ times: all }) => [...all].map(showSec).join(" "));
    const notes = Object.fromEntries(file.summary.notes.map(({ kind, count }) => [kind, count]));
    return { times, notes, columns: file.summary.columns };
  } catch (error) {
    if (!(error instanceof DataFileError)) throw error;
    return { line: error.line, problem: error.shortMessage, options: listOptions(error) };
  }
}

const showSec = (sec: number): string => new Date(sec * 1_000).toISOString().slice(11, 16);

/** Clock times of the night in which Amsterdam's clocks go from 03:00 back to 02:00. */
const night = (clocks: string): string =>
  ["time,v", ...clocks.split(" ").map((clock, i) => `2024-10-27 ${clock},${i}`), ""].join("\n");

const ZONE: ReadOptions = { device: "d", timeZone: "Europe/Amsterdam" };

describe("an hour that clocks repeat", () => {
  test.each([
    ["rising", "01:30 02:00 02:30 02:00 02:30 03:00", "23:30 00:00 00:30 01:00 01:30 02:00"],
    ["falling", "03:00 02:30 02:00 02:30 02:00 01:30", "02:00 01:30 01:00 00:30 00:00 23:30"],
    [
      "with one time in two rows",
      "01:45 02:15 02:15 02:30 02:45 02:00 02:15 03:00",
      "23:45 00:15 00:15 00:30 00:45 01:00 01:15 02:00",
    ],
    [
      "falling, with one time in two rows",
      "03:00 02:45 02:45 02:15 02:30 02:30 02:00",
      "02:00 01:45 01:45 01:15 00:30 00:30 00:00",
    ],
    ["by one row an hour", "01:00 02:00 02:00 03:00", "23:00 00:00 01:00 02:00"],
    ["falling by one row an hour", "03:00 02:00 02:00 01:00", "02:00 01:00 00:00 23:00"],
    ["at the file's begin", "02:00 02:30 02:00 03:00", "00:00 00:30 01:00 02:00"],
    ["at the file's end", "01:30 02:30 02:00", "23:30 00:30 01:00"],
    ["with nothing else in the file", "02:00 02:20 02:40 02:10", "00:00 00:20 00:40 01:10"],
    ["of which only one has rows", "01:30 02:15 02:45", "23:30 00:15 00:45"],
  ])("is read by the order of its rows: %s", (_, clocks, times) => {
    expect(read(night(clocks), ZONE)).toMatchObject({ times: [times] });
  });

  test.each([
    ["no row before", "02:30 03:30", 2],
    ["one row", "02:30", 2],
    ["neither direction", "01:00 02:00 02:30 02:00 02:30 02:00 03:00", 3],
    ["one time in two rows everywhere", "01:00 01:00 02:00 02:00 03:00 03:00", 4],
    ["many rows of one time", "01:30 02:00 02:00 02:15 03:00", 3],
    ["both directions", "03:30 02:30 03:00", 3],
  ])("is asked for where they do not tell: %s", (_, clocks, line) => {
    const refusal = read(night(clocks), ZONE);
    expect(refusal).toMatchObject({ line, options: ["--time-zone"] });
    for (const hour of ["first", "second"]) {
      const timeZone = `Europe/Amsterdam,${hour}`;
      const { times, notes } = read(night(clocks), { ...ZONE, timeZone });
      const expected = clocks.split(" ").map((clock) => {
        const offset = clock.startsWith("02") && hour === "first" ? 2 : clock < "02" ? 2 : 1;
        return `${String((Number(clock.slice(0, 2)) + 24 - offset) % 24).padStart(2, "0")}${clock.slice(2)}`;
      });
      expect(times).toEqual([expected.join(" ")]);
      const count = clocks.split(" ").filter((clock) => clock.startsWith("02")).length;
      expect(notes).toHaveProperty(`time_clock_${hour}`, count);
    }
  });

  test("keeps the named zone for all other rows where an option says which it is", () => {
    const text = `time,v\n2024-10-27 02:30,1\n2024-10-27 03:30,1\n2025-07-01 12:00,1\n`;
    const options = { ...ZONE, timeZone: "Europe/Amsterdam,first" };
    expect(read(text, options)).toMatchObject({ times: ["00:30 02:30 10:00"] });
  });

  test("begins where the option says, in a file that has no other rows", () => {
    const inZone = (hour: string) =>
      read(night("02:40 02:00 02:20"), { ...ZONE, timeZone: `Europe/Amsterdam,${hour}` });
    expect(read(night("02:40 02:00 02:20"), ZONE).options).toEqual(["--time-zone"]);
    expect(inZone("first")).toMatchObject({ times: ["00:40 01:00 01:20"] });
    expect(inZone("second")).toMatchObject({ times: ["01:40 01:00 00:20"] });
  });

  test("is each device's own", () => {
    const rows = ["a,01:30", "b,03:00", "a,02:30", "b,02:30", "a,02:00", "b,02:45", "b,01:00"];
    const text = `id,time,v\n${rows.map((row) => row.replace(",", ",2024-10-27 ")).join(",1\n")},1\n`;
    expect(read(text, { timeZone: "Europe/Amsterdam" })).toMatchObject({
      times: ["23:30 00:30 01:00", "02:00 01:30 00:45 23:00"],
    });
  });
});

describe("letters of a zone", () => {
  const rows = (...times: string[]) => `time,v\n${times.map((time) => `${time},1\n`).join("")}`;

  test("change within a year, as the time zone's clocks do", () => {
    const text = rows(
      "2024-12-01 08:00:00 CET",
      "2024-05-01 08:00:00 CEST",
      "2024-10-27 02:30:00 CET",
      "2024-10-27 02:30:00 CEST",
    );
    expect(read(text, ZONE)).toMatchObject({ times: ["07:00 06:00 01:30 00:30"] });
  });

  test("are asked for with an option that reads them", () => {
    const text = rows("2024-05-01 08:00:00 CEST", "2024-12-01 08:00:00 CET");
    expect(read(text, { device: "d" }).options).toEqual(["--time-zone", "--time-format"]);
    expect(read(text, ZONE)).toMatchObject({ times: ["06:00 07:00"] });
  });

  test("that contradict the zone are refused, and an offset reads them", () => {
    const text = rows("2024-05-01 08:00:00 CET");
    expect(read(text, ZONE)).toMatchObject({ line: 2, options: ["--time-zone"] });
    expect(read(text, { device: "d", timeZone: "+01:00" })).toMatchObject({ times: ["07:00"] });
  });

  test("do not hide that nothing tells whether the day or the month is first", () => {
    expect(read(rows("05/01/2024 08:00 CEST"), ZONE).problem).toMatch(/day or the month is first/);
  });
});

describe("rows without a time", () => {
  const reading = "2024-05-01 00:00:00";
  const toa5 = `"TOA5","x","CR1000"\n"TS","RN","Temp"\n"TS","RN","Deg C"\n"","","Avg"\n"${reading}",0,21.5\n`;
  test.each<[string, string, ReadOptions, string, number]>([
    ["units", `device,time,v\n,,°C\na,${reading},21.5\n`, {}, "v", 1],
    ["a sum", `device,time,v\na,${reading},21.5\nTotal,,21.5\n`, {}, "v", 1],
    ["words", `time,v\n${reading},21.5\nAverage,21.5\n`, { device: "a" }, "v", 1],
    ["decimal commas", `time;v\n;°C\n${reading};21,5\n`, { device: "a" }, "v", 1],
    ["Campbell TOA5", toa5, { device: "a", skipRows: 1 }, "RN", 2],
  ])("are refused with the option that leaves them out: %s", (_, text, options, name, count) => {
    expect(read(text, options).options).toContain("--skip-untimed-rows");
    const found = read(text, { ...options, skipUntimedRows: true });
    expect(found).toMatchObject({ times: ["00:00"], notes: { untimed_rows: count } });
    expect(found.columns?.[0]).toMatchObject({ name, kind: "integer" });
  });

  test("are found under any name of the time's column", () => {
    const text = `when,v\nunit,°C\n${reading},21.5\n`;
    expect(read(text, { device: "a", skipUntimedRows: true })).toMatchObject({ times: ["00:00"] });
  });

  test("are not those whose time is wrong", () => {
    const text = `time,v\n${reading},1\n2024-02-30 00:00:00,2\n`;
    expect(read(text, { device: "a", skipUntimedRows: true })).toMatchObject({ line: 3 });
  });
});

describe("a leap second", () => {
  test("is told, since Unix time has no other", () => {
    const text = "time,v\n2016-12-31T23:59:60Z,1\n";
    expect(read(text, { device: "a" })).toMatchObject({
      times: ["00:00"],
      notes: { time_leap_second: 1 },
    });
  });
});

describe("a point between day, month and year", () => {
  test("says that the day is first only where no option says otherwise", () => {
    const text = "time,v\n05.04.2024 08:00,1\n05.13.2024 08:00,1\n";
    expect(read(text, { device: "a" }).options).toEqual(["--time-format"]);
    const file = understandFile(fromBytes(Buffer.from(text), "a.csv"), {
      ...{ device: "a", timeFormat: "month-first" },
    });
    const { firstSec, lastSec } = file.summary.time;
    expect([firstSec, lastSec]).toEqual([1_714_809_600, 1_715_587_200]);
    expect(file.summary.notes.map((note) => note.text)).toContain("The month is first in dates.");
  });
});
