import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CASES_FOLDER } from "../cases/show-readings.ts";
import { OnlineCli } from "./fixtures/online-cli.ts";
import { runCli } from "./fixtures/run-cli.ts";

/** What was declared decides: files of other days, orders and gaps go into the streams there are. */

const OWNER = ["--dev-account", "0"];
let cli: OnlineCli;
beforeAll(async () => {
  cli = await OnlineCli.start();
}, 60_000);
afterAll(() => cli?.close());

const pathOf = (name: string): string => join(CASES_FOLDER, name);
const submit = (name: string, stream: string, ...more: string[]): string[] => [
  ...["submit", "--csv", pathOf(name), "--stream-name", stream, ...more, ...OWNER],
];

async function readStream(streamId: number): Promise<string> {
  return (await cli.run(["stream", "readings", String(streamId)])).out;
}

describe("six days of one station", () => {
  test("all go into the stream that the first declares", async () => {
    const days = ["s1-day1.csv", "s1-day2-empty-text.csv", "s1-day3-empty-num.csv"];
    days.push("s1-day4-unavail.csv", "s1-day5-order.csv");
    const ids = new Set<number>();
    for (const day of days) {
      const { streams } = await cli.ask(...submit(day, "station"));
      for (const { streamId } of streams as { streamId: number }[]) ids.add(streamId);
    }
    const { code, err } = await cli.run(submit("s1-day6-newcol.csv", "station"));
    expect(code).toBe(0);
    expect(err.replace(/\s+/g, " ")).toContain(
      "- uv: The stream has no metric uv, and what it declares is for good: the column is not sent. " +
        "To send it, declare another stream with --stream-name.",
    );
    expect(ids.size).toBe(1);
    const [streamId = 0] = ids;
    expect(await readStream(streamId)).toBe(
      "sequence,timestamp,temp,cond\n" +
        "0,1714550400,21.5,Rain\n1,1714550460,21.6,Clear\n" +
        "2,1714636800,21.5,\n3,1714636860,21.6,\n" +
        "4,1714723200,,Rain\n5,1714723260,,Rain\n" +
        "6,1714809600,,Rain\n" +
        "7,1714896000,20.1,Rain\n" +
        "8,1714982400,20.1,Rain\n",
    );
  });

  test("are compared by a dry run, which sends nothing", async () => {
    const words = submit("s1-day6-newcol.csv", "station", "--dry-run");
    const { code, out } = await cli.run(words);
    expect(code).toBe(0);
    expect(out.replace(/\s+/g, " ")).toContain("- uv: The stream has no metric uv");
    expect(out).toContain("0 streams would be declared; 1 device had one before.\n");
    expect(await cli.ask(...words)).toMatchObject({ declared: { newStreams: 0 } });
    const fresh = await cli.run(submit("s1-day6-newcol.csv", "other", "--dry-run"));
    expect(fresh.out).toContain("1 stream would be declared.\nNothing was sent (--dry-run).\n");
    const alone = await runCli(words, { env: { TALLYROLL_HOME: cli.folder.path } });
    expect(alone).toMatchObject({
      code: 0,
      out: expect.stringContaining("- Not compared with streams"),
    });
  });

  test("counts what its devices share once", async () => {
    const rows = ["a", "b", "c"].map((name, i) => `${name},170000000${i},1.25`);
    const text = ["device_id,timestamp,v", ...rows, ""].join("\n");
    const csv = cli.folder.file("three.csv", text);
    const words = ["submit", "--csv", csv, "--stream-name", "three", "--scale", "v=1", ...OWNER];
    await cli.ask(...words);
    const { err } = await cli.run([...words.slice(0, 5), "--new-upload", ...OWNER]);
    expect(err.replace(/\s+/g, " ")).toContain("after these are rounded. (3 times,");
  });

  test("a column of words where numbers were declared is refused with its line", async () => {
    const path = cli.folder.file(
      "day7.csv",
      "device,timestamp,temp\nw1,2024-05-07 08:00:00,warm\n",
    );
    const words = ["submit", "--csv", path, "--stream-name", "station", ...OWNER];
    const refused = await cli.fail(words);
    expect(refused).toContain('line 2, column "temp", cell "warm": This is not a decimal number');
    expect(refused).toContain("--null warm");
    expect(await cli.ask(...words, "--null", "warm")).toMatchObject({ readings: 1 });
  });

  test("options that contradict the declaration are refused, others fit in", async () => {
    for (const options of [["--scale", "temp=3"], ["--text", "temp"], ["--sealed"]]) {
      expect(await cli.fail(submit("s1-day5-order.csv", "station", ...options))).toContain(
        "was declared otherwise: open, temp (scale 1), cond (text).",
      );
    }
    const picked = await cli.fail(submit("s1-day6-newcol.csv", "station", "--columns", "uv"));
    expect(picked).toContain('column "uv": The stream has no such metric.');
  });

  test("numbers of another unit or mark are refused, and nothing of them is sent", async () => {
    const submitText = (text: string, ...more: string[]): string[] => {
      const path = cli.folder.file("units.csv", text);
      return ["submit", "--csv", path, "--stream-name", "units", ...more, ...OWNER];
    };
    const time = "2024-05-08 08:00:00";
    const first = `device,timestamp,Temp (°C),code,w\nw1,${time},21.5,a,1\n`;
    expect(await cli.ask(...submitText(first, "--text", "code"))).toMatchObject({ readings: 1 });
    const warm = `device,timestamp,Temp (°F),code,w\nw1,2024-05-09 08:00:00,70.1,b,2\n`;
    const refused = await cli.fail(submitText(warm));
    expect(refused).toContain('column "Temp (°F)": The numbers are in [degF], and the stream');
    expect(refused).toContain("--stream-name");
    expect(await cli.ask(...submitText(warm, "--columns", "w"))).toMatchObject({ readings: 1 });
    const comma = `device;timestamp;Temp;code;w\nw1;2024-05-10 08:00:00;21,5;b;2\n`;
    const marked = await cli.fail(submitText(comma, "--decimal", "."));
    expect(marked).toContain('cell "21,5": This number has the decimal mark ,');
    expect(await cli.ask(...submitText(comma))).toMatchObject({ readings: 1 });
  });

  test("a column that a new stream would refuse goes in as it was declared", async () => {
    const path = cli.folder.file(
      "ids.csv",
      "device,timestamp,code\nw1,2024-05-11 08:00:00,12345678901234567890\n",
    );
    const words = ["submit", "--csv", path, ...OWNER];
    expect(await cli.fail([...words, "--stream-name", "ids"])).toContain("--text code");
    expect(await cli.ask(...words, "--stream-name", "units")).toMatchObject({ readings: 1 });
  });

  test("digits that the stream has no room for are rounded, and that is said", async () => {
    const path = cli.folder.file(
      "day8.csv",
      "device,timestamp,temp\nw1,2024-05-08 08:00:00,20.15\n",
    );
    const words = ["submit", "--csv", path, "--stream-name", "station", ...OWNER];
    const { code, err } = await cli.run(words);
    expect(code).toBe(0);
    expect(err).toContain("Decimals of the stream: 1; the digits after these are rounded.");
    expect(err.replace(/\s+/g, " ")).toContain('such as "20.15" in line 2');
  });
});

describe("a declaration is for good", () => {
  test("so without --yes nothing is sent where nobody can be asked", async () => {
    const before = await cli.stack.request("eth_blockNumber", []);
    const options = { cwd: cli.folder.path, env: { TALLYROLL_HOME: cli.home } };
    const { code, out, err } = await runCli(submit("k9-nan.csv", "asked"), options);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain("  temp: number, 1 decimal, 1 null\n");
    expect(err.trimEnd().split("\n").at(-1)).toMatch(
      /^tallyroll: This declares 1 stream with these metrics for good, and nobody can be asked here; nothing was sent\. .*--yes\.$/,
    );
    expect(await cli.stack.request("eth_blockNumber", [])).toBe(before);
    await cli.ask(...submit("k9-nan.csv", "asked"));
    // The stream is there now: nothing is declared, so nothing is asked.
    const again = await runCli(submit("k9-nan.csv", "asked"), options);
    expect(again.code).toBe(0);
  });

  test("entities of a long file have streams of their own, sealed as well", async () => {
    const words = submit("a1-ha-history.csv", "long", "--key-groups", "each");
    const { streams } = await cli.ask(...words);
    expect(streams).toHaveLength(2);
    const [meter, motion] = streams as { streamId: number }[];
    expect(await cli.ask("stream", "show", String(meter?.streamId))).toMatchObject({
      metrics: [{ name: "state", kind: "integer", scale: 9 }],
    });
    expect(await cli.ask("stream", "show", String(motion?.streamId))).toMatchObject({
      metrics: [{ name: "state", kind: "text" }],
    });
  });
});
