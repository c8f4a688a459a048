import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { COMMAND } from "./fixtures/node-process.ts";
import { OnlineCli } from "./fixtures/online-cli.ts";
import { runCli } from "./fixtures/run-cli.ts";
import { SmallDisk } from "./fixtures/small-disk.ts";

/** `submit --follow`: readings of standard input, sent as they come. */

const OWNER = ["--dev-account", "0"];
const HEADER = "timestamp,temperature,sky\n";
let cli: OnlineCli;
beforeAll(async () => {
  cli = await OnlineCli.start();
  await cli.ask("device", "register", "roof", ...OWNER);
  const metrics = ["temperature:1", "sky:text"];
  await cli.ask("stream", "declare", "roof", "readings", ...metrics, ...OWNER);
});
afterAll(() => cli?.close());

const FOLLOW = ["submit", "--csv", "-", "--follow", "--device", "roof", "--every", "0", ...OWNER];
const readingsOf = async (streamId: number): Promise<unknown[]> =>
  (
    (await cli.ask("stream", "latest", String(streamId), "--limit", "64")).readings as {
      values: unknown[];
    }[]
  ).map(({ values }) => values);
const countReadings = async (): Promise<number> =>
  Number((await cli.ask("stream", "show", "1")).readingCount);
/** The groups that wait in the data folder. */
const listWaiting = (): string[] =>
  readdirSync(join(cli.home, "followed"), { recursive: true })
    .map(String)
    .filter((name) => /\.(lines|jsonl)$/.test(name));

test("each line is in before the next one comes", async () => {
  const stdin = new PassThrough();
  const run = cli.run(FOLLOW, { stdin });
  stdin.write(HEADER);
  for (const [i, line] of ["1700000000,7.1,Clear", "1700000060,7.2,Rain"].entries()) {
    stdin.write(`${line}\n`);
    await expect.poll(countReadings, { timeout: 60_000 }).toBe(i + 1);
  }
  stdin.end("1700000120,7.3,");
  const { code, out } = await run;
  expect(code).toBe(0);
  expect(out.match(/^1 reading is in stream 1; 1 input sent; batch \d+$/gm)).toHaveLength(3);
  const newestFirst = [
    ["7.3", null],
    ["7.2", "Rain"],
    ["7.1", "Clear"],
  ];
  expect(await readingsOf(1)).toEqual(newestFirst);
  expect(listWaiting()).toEqual([]);
});

test("a line that is no reading is named, and keeps no other", async () => {
  const before = await countReadings();
  const lines = Array.from({ length: 9 }, (_, i) => `170000100${i},${i === 5 ? "warm" : i},Clear`);
  lines.splice(2, 0, "not a row at all", `"170000200`);
  const words = [...FOLLOW, "--every", "500"];
  const { code, err } = await cli.run(words, { stdin: `${HEADER}${lines.join("\n")}\n` });
  expect([code, code === 0 ? "" : err]).toEqual([0, ""]);
  expect(err.match(/Line \d+ is left out: "[^:\n]*/g)).toEqual([
    'Line 5 is left out: "\\"170000200" ends within quotes, and one line is one reading.',
    'Line 4 is left out: "not a row at all"',
    'Line 9 is left out: "1700001005,warm,Clear"',
  ]);
  expect(await countReadings()).toBe(before + 8);
  expect(listWaiting()).toEqual([]);
});

test("readings come in the order of their lines, whatever stands between them", async () => {
  const lines = [11, 12, "x", 13, 14, "y", 15].map((n) => `1700001${n}00,${n}.1,Fog`);
  const { code } = await cli.run(FOLLOW, { stdin: `${HEADER}${lines.join("\n")}\n` });
  expect(code).toBe(0);
  const newest = (await readingsOf(1)).slice(0, 5).map((values) => (values as unknown[])[0]);
  expect(newest).toEqual(["15.1", "14.1", "13.1", "12.1", "11.1"]);
});

test("NDJSON needs no header, and noise between its lines costs none of them", async () => {
  const before = await countReadings();
  const lines = [1, 2, 3].map((n) =>
    JSON.stringify({ timestamp: 1_700_003_000 + n, temperature: n }),
  );
  const stdin = ["", lines[0], "online", lines[1], "[1]", lines[2], ""].join("\n");
  const { code, out, err } = await cli.run([...FOLLOW, "--json"], { stdin });
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ readings: 3, streams: [{ streamId: 1 }] });
  expect(err).toContain('Line 3 is left out: "online" is not a JSON object.');
  expect(err).toContain('Line 5 is left out: "[1]" is not a JSON object.');
  expect(await countReadings()).toBe(before + 3);
});

test("a header that comes again is one, also with its columns in another order", async () => {
  const lines = ["1700005000,1.1,Clear", HEADER.trim(), "1700005060,1.2,Rain"];
  const turned = ["sky,timestamp,temperature", "Fog,1700005120,1.3"];
  const stdin = `\ufeff${HEADER}${[...lines, ...turned].join("\r\n")}\n`;
  const { code, err } = await cli.run(FOLLOW, { stdin });
  expect([code, err]).toEqual([0, expect.stringContaining("Line 5 is a new header: sky,")]);
  expect((await readingsOf(1)).slice(0, 3)).toEqual([
    ["1.3", "Fog"],
    ["1.2", "Rain"],
    ["1.1", "Clear"],
  ]);
});

test("empty cells at a line's ends stay cells", async () => {
  const stdin = "sky\ttimestamp\ttemperature\n\t1700006000\t7.1\nFog\t1700006060\t\n";
  expect(await cli.run(FOLLOW, { stdin })).toMatchObject({ code: 0 });
  expect((await readingsOf(1)).slice(0, 2)).toEqual([
    [null, "Fog"],
    ["7.1", null],
  ]);
});

test("an interruption, or a kill, leaves what was read to the next run", async () => {
  const before = await countReadings();
  const words = [...FOLLOW, "--every", "3600000"];
  for (const signal of ["SIGINT", "SIGTERM", "SIGKILL"] as const) {
    const child = spawn(process.execPath, [COMMAND, ...words], {
      env: { PATH: process.env.PATH, TALLYROLL_HOME: cli.home },
      stdio: ["pipe", "ignore", "pipe"],
    });
    const lines = Array.from({ length: 20 }, (_, i) => `17000070${10 + i},${i},${signal}`);
    const count = listWaiting().length;
    child.stdin.write(`${HEADER}${lines.join("\n")}\n`);
    await expect.poll(() => listWaiting().length, { timeout: 60_000 }).toBeGreaterThan(count);
    child.kill(signal);
    const [code] = await once(child, "exit");
    expect([signal, code]).toEqual([signal, signal === "SIGKILL" ? null : 0]);
  }
  expect(await cli.run(FOLLOW, { stdin: "" })).toMatchObject({ code: 0 });
  expect(await countReadings()).toBe(before + 60);
});

test.each([0, 20, 100, 400])(
  "what a run has read is in once, if it is killed %i ms later",
  async (ms) => {
    const before = await countReadings();
    const child = spawn(process.execPath, [COMMAND, ...FOLLOW], {
      env: { PATH: process.env.PATH, TALLYROLL_HOME: cli.home },
      stdio: ["pipe", "ignore", "ignore"],
    });
    child.stdin.write(`${HEADER}${1_700_004_000 + ms},1,Rain\n`);
    const isKept = async () => listWaiting().length > 0 || (await countReadings()) > before;
    await expect.poll(isKept, { timeout: 60_000, interval: 5 }).toBe(true);
    await new Promise((next) => setTimeout(next, ms));
    child.kill("SIGKILL");
    await once(child, "exit");
    const { code } = await cli.run(FOLLOW, { stdin: "" });
    expect(code).toBe(0);
    expect(await countReadings()).toBe(before + 1);
    expect(listWaiting()).toEqual([]);
  },
);

test("a time that can be read in two ways ends it, and stays for the run that says which", async () => {
  const before = await countReadings();
  const line = `timestamp,temperature,sky\n03/04/2024 10:00,5,Fog\n`;
  const said = await cli.fail(FOLLOW, { stdin: line });
  expect(said).toContain("Say it with --time-format day-first or --time-format month-first.");
  expect(listWaiting()).toHaveLength(1);
  rmSync(join(cli.home, "followed"), { recursive: true });
  const words = [...FOLLOW, "--time-format", "day-first"];
  expect(await cli.run(words, { stdin: line })).toMatchObject({ code: 0 });
  expect(await countReadings()).toBe(before + 1);
});

const disk = SmallDisk.mount("1m");
test.skipIf(disk === undefined)("standard input waits while the disk is full", async () => {
  const before = await countReadings();
  const home = join(disk!.path, "home");
  cpSync(cli.home, home, { recursive: true });
  const stdin = new PassThrough();
  const err: string[] = [];
  const run = cli.run(FOLLOW, {
    stdin,
    env: { TALLYROLL_HOME: home },
    onError: (text) => err.push(text),
  });
  stdin.write(`${HEADER}1700009000,1,Fog\n`);
  await expect.poll(countReadings, { timeout: 60_000 }).toBe(before + 1);
  disk!.fill(0);
  stdin.write("1700009060,2,Fog\n");
  await expect
    .poll(() => err.join(""), { timeout: 60_000 })
    .toContain("Standard input waits for it.");
  disk!.empty();
  stdin.end("1700009120,3,Fog\n");
  expect((await run).code).toBe(0);
  expect(await countReadings()).toBe(before + 3);
});
afterAll(() => disk?.unmount());

describe("is refused", () => {
  test.each([
    [["--csv", "a.csv"], "--follow reads standard input, and --csv names a.csv"],
    [["--dry-run"], "--dry-run is about a whole file"],
    [["--new-upload"], "--new-upload is about a whole file"],
    [["--format", "senml"], "--follow takes a reading a line"],
  ])("with %j", async (options, said) => {
    expect(await cli.fail([...FOLLOW, ...options])).toContain(said);
  });

  test("with a file, by a hint that can be pasted", async () => {
    const words = [...FOLLOW, "--csv", "my weather.csv"];
    const { err } = await cli.run(words, { commandName: "node dist/tallyroll.js" });
    expect(err).toContain(
      "`(head -n 1 'my weather.csv'; tail -n 0 -F 'my weather.csv') | node dist/tallyroll.js " +
        "submit --csv - --follow --device roof --dev-account 0`",
    );
  });

  test("without a word of whose readings they are", async () => {
    const words = ["submit", "--csv", "-", "--follow", ...OWNER];
    expect(await cli.fail(words)).toContain("--device NAME or --device-column NAME");
  });

  test("where the header is not UTF-8, or another encoding is named", async () => {
    const stdin = Buffer.concat([Buffer.from("timestamp,temp"), Buffer.from([0xe9, 0x0a])]);
    expect(await cli.fail(FOLLOW, { stdin })).toContain("Line 1, of the header, is not UTF-8.");
    const latin = [...FOLLOW, "--encoding", "latin1"];
    expect(await cli.fail(latin)).toContain("through `iconv -f latin1 -t utf-8`");
  });

  test("where the stream is not declared and nobody agrees; what was read waits", async () => {
    const words = [...FOLLOW, "--stream-name", "new", "--scale", "*=1"];
    const options = { env: { TALLYROLL_HOME: cli.home }, stdin: `${HEADER}1700000000,7,Clear\n` };
    const { code, err } = await runCli(words, options);
    expect([code, err]).toEqual([2, expect.stringContaining("and nobody can be asked here")]);
    expect(listWaiting()).toHaveLength(1);
    const agreed = await cli.run(words, { stdin: "" });
    expect([agreed.code, agreed.err]).toEqual([0, expect.stringContaining("Going on with what")]);
    expect(await readingsOf(2)).toEqual([["7.0", "Clear"]]);
  });
});

test("with --header the first line is a reading, too", async () => {
  const before = await countReadings();
  const words = [...FOLLOW, "--header", "timestamp,temperature,sky"];
  const { code } = await cli.run(words, { stdin: "1700900000,8.1,Clear\n1700900060,8.2,Rain\n" });
  expect(code).toBe(0);
  expect(await countReadings()).toBe(before + 2);
});
