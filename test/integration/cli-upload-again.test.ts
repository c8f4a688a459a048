import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { formatJournalLine } from "../../node-client/command/upload/journal-lines.ts";
import { OnlineCli } from "./fixtures/online-cli.ts";

/** Files that hold rows of earlier uploads: no reading is in twice unless that is asked for. */

const OWNER = ["--dev-account", "0"];
const DAY = 86_400;
let cli: OnlineCli;
beforeAll(async () => {
  cli = await OnlineCli.start();
});
afterAll(() => cli?.close());

/** Rows of two devices in turn, a minute apart. */
function listRows(count: number, startSec: number, plus = 0): string[] {
  return Array.from(
    { length: count },
    (_, row) => `${row % 2 === 0 ? "even" : "odd"},${startSec + row * 60},${row + plus}.5`,
  );
}

const toCsv = (rows: readonly string[]): string =>
  ["device_id,timestamp,value", ...rows, ""].join("\n");

const submit = (csv: string, stream: string, ...more: string[]): string[] => [
  ...["submit", "--csv", csv, "--stream-name", stream, "--batch", "16", ...more, ...OWNER],
];

const listJournals = (): string[] => {
  const folder = join(cli.home, "uploads");
  const names = readdirSync(folder).filter((name) => name.endsWith(".jsonl"));
  return names.map((name) => join(folder, name));
};

/** Readings of both devices' streams of a name. */
async function countReadings(streamName: string): Promise<number> {
  let count = 0;
  for (const device of ["even", "odd"]) {
    const shown = (await cli.ask("device", "show", device)) as {
      streams: { name: string; streamId: number }[];
    };
    for (const { streamId } of shown.streams.filter(({ name }) => name === streamName)) {
      count += Number((await cli.ask("stream", "show", String(streamId))).readingCount);
    }
  }
  return count;
}

describe("a file that has grown", () => {
  test("brings what is new only, each time, whatever the batches and the name are", async () => {
    const rows = listRows(90, 1_700_000_000);
    const csv = cli.folder.file("grown.csv", toCsv(rows.slice(0, 50)));
    await cli.ask(...submit(csv, "grown"));
    writeFileSync(csv, toCsv(rows.slice(0, 70)));
    expect(await cli.ask(...submit(csv, "grown"))).toMatchObject({
      ...{ readings: 70, alreadyIn: 50, inputs: 1 },
    });
    const other = cli.folder.file("other.csv", toCsv(rows));
    const { out } = await cli.run(submit(other, "grown", "--batch", "7"));
    expect(out).toMatch(
      /^90 readings are in 2 streams \(\d+, \d+\) \(70 in before\); 1 input sent/,
    );
    expect(await countReadings("grown")).toBe(90);
    // The same once more finds its own journal.
    expect(await cli.ask(...submit(other, "grown"))).toMatchObject({ inputs: 0, alreadyIn: 90 });
  });

  test("notes what came last, however much was in, and asks where that is gone", async () => {
    const rows = listRows(46, 1_700_000_000).filter((row) => row.startsWith("even"));
    const csv = cli.folder.file("often.csv");
    const words = submit(csv, "often", "--batch", "1");
    const noted: number[] = [];
    let path = "";
    for (const count of [20, 21, 22]) {
      const before = new Set(listJournals());
      writeFileSync(csv, toCsv(rows.slice(0, count)));
      expect(await cli.ask(...words)).toMatchObject({ readings: count });
      path = listJournals().find((each) => !before.has(each)) ?? "";
      noted.push(JSON.parse(readFileSync(path, "utf8").split("\n")[1] ?? "").earlier.length);
    }
    expect(noted).toEqual([0, 20, 17]);

    // As if the chain had gone back behind all that this journal knows of.
    const whole = readFileSync(path, "utf8");
    const [head, begun = ""] = whole.split("\n");
    const { sum: _, ...entry } = JSON.parse(
      begun.replaceAll(/"batchHash":"0x../g, '"batchHash":"0xZZ'),
    );
    writeFileSync(path, `${head}\n${formatJournalLine(entry)}`);
    const refused = await cli.fail(words);
    expect(refused).toContain("further than this upload's journal reaches; nothing more is sent.");
    expect(refused).toContain(`Move ${path} away`);
    writeFileSync(path, whole);
    writeFileSync(csv, toCsv(rows));
    expect(await cli.ask(...words)).toMatchObject({ readings: 23, alreadyIn: 22 });
  });

  test("is looked through by its rows, not by the file and the options", async () => {
    const rows = listRows(30, 1_700_000_000);
    await cli.ask(...submit(cli.folder.file("first.csv", toCsv(rows)), "same-rows"));
    const again = cli.folder.file("second.csv", toCsv(rows));
    const words = submit(again, "same-rows", "--columns", "value");
    expect(await cli.ask(...words)).toMatchObject({ readings: 30, alreadyIn: 30, inputs: 0 });
    expect(await countReadings("same-rows")).toBe(30);
  });

  test("goes on after an interruption without a second comparison", async () => {
    const rows = listRows(60, 1_700_000_000);
    const csv = cli.folder.file("went-on.csv", toCsv(rows.slice(0, 20)));
    await cli.ask(...submit(csv, "went-on"));
    writeFileSync(csv, toCsv(rows));
    await cli.ask(...submit(csv, "went-on"));
    const journal = listJournals().find((path) => {
      const text = readFileSync(path, "utf8");
      return text.includes("went-on.csv") && !text.includes('"earlier":[]');
    });
    // As if killed behind its first input: what is in besides is its own.
    const lines = readFileSync(journal ?? "", "utf8").split("\n");
    writeFileSync(
      journal ?? "",
      `${lines.filter((line) => !line.includes('"finished"')).join("\n")}`,
    );
    expect(await cli.ask(...submit(csv, "went-on"))).toMatchObject({ alreadyIn: 60, inputs: 0 });
    expect(await countReadings("went-on")).toBe(60);
  });
});

describe("another file for the same stream", () => {
  test("adds its rows where their times are others, such as one a day", async () => {
    const days = [0, 1, 2].map((day) => listRows(40, 1_700_000_000 + day * DAY, day * 1_000));
    for (const [day, rows] of days.entries()) {
      const csv = cli.folder.file(`day-${day}.csv`, toCsv(rows));
      expect(await cli.ask(...submit(csv, "daily"))).toMatchObject({ readings: 40, alreadyIn: 0 });
    }
    const latest = cli.folder.file("latest.csv", toCsv(listRows(10, 1_700_000_000 + 3 * DAY)));
    await cli.ask(...submit(latest, "daily"));
    writeFileSync(latest, toCsv(listRows(10, 1_700_000_000 + 4 * DAY)));
    expect(await cli.ask(...submit(latest, "daily"))).toMatchObject({ alreadyIn: 0 });
    // Last day's file has grown, and all of them in one.
    const grown = listRows(44, 1_700_000_000 + 2 * DAY, 2_000);
    const last = cli.folder.file("day-2b.csv", toCsv(grown));
    expect(await cli.ask(...submit(last, "daily"))).toMatchObject({ readings: 44, alreadyIn: 40 });
    const all = cli.folder.file(
      "all.csv",
      toCsv([...(days[0] ?? []), ...(days[1] ?? []), ...grown]),
    );
    expect(await cli.ask(...submit(all, "daily"))).toMatchObject({ alreadyIn: 124, inputs: 0 });
    expect(await countReadings("daily")).toBe(144);
  });

  test("is refused at times that are in, names the upload, and is sent with --new-upload", async () => {
    const csv = cli.folder.file("mended.csv", toCsv(listRows(40, 1_700_000_000)));
    await cli.ask(...submit(csv, "mended"));
    writeFileSync(csv, toCsv(listRows(40, 1_700_000_000, 5)));
    const refused = await cli.fail(submit(csv, "mended"));
    expect(refused).toMatch(
      /mended\.csv, row 1 of "even", is of 2023-11-14 22:13:20 UTC, and stream \d+ has readings from 2023-11-14 22:13:20 UTC to 2023-11-14 22:43:20 UTC already, by the upload of 20\S+ \S+ UTC from \/.*mended\.csv; nothing was sent\. .*--new-upload/,
    );
    expect(await countReadings("mended")).toBe(40);
    expect(await cli.ask(...submit(csv, "mended", "--new-upload"))).toMatchObject({
      ...{ readings: 40, alreadyIn: 0 },
    });
    expect(await countReadings("mended")).toBe(80);
    // The very same content goes once more only where that is asked for.
    expect(await cli.ask(...submit(csv, "mended"))).toMatchObject({ alreadyIn: 40, inputs: 0 });
    const again = await cli.ask(...submit(csv, "mended", "--new-upload"));
    expect(again).toMatchObject({ readings: 40, alreadyIn: 0 });
    expect(await cli.ask(...submit(csv, "mended"))).toMatchObject({ inputs: 0 });
    expect(await countReadings("mended")).toBe(120);
  });

  test("is refused where only what is behind known rows repeats others", async () => {
    const rows = listRows(40, 1_700_000_000);
    const later = listRows(40, 1_700_000_000 + DAY);
    await cli.ask(...submit(cli.folder.file("one.csv", toCsv(rows)), "both"));
    await cli.ask(...submit(cli.folder.file("two.csv", toCsv(later)), "both"));
    const shortened = [...rows, ...later.slice(2)];
    const csv = cli.folder.file("shortened.csv", toCsv(shortened));
    expect(await cli.fail(submit(csv, "both"))).toContain('row 21 of "even"');
    expect(await countReadings("both")).toBe(80);
  });
});
