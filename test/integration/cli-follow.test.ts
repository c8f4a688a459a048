import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { COMMAND } from "./fixtures/node-process.ts";
import { OnlineCli } from "./fixtures/online-cli.ts";
import { runCli } from "./fixtures/run-cli.ts";

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
    (await cli.ask("stream", "latest", String(streamId), "--limit", "100")).readings as {
      values: unknown[];
    }[]
  ).map(({ values }) => values);
/** The groups that wait in the data folder. */
const listWaiting = (): string[] =>
  readdirSync(join(cli.home, "followed"), { recursive: true })
    .map(String)
    .filter((name) => !name.endsWith(".lock") && name.includes("/"));

test("each line is in before the next one comes", async () => {
  const stdin = new PassThrough();
  const run = cli.run(FOLLOW, { stdin });
  stdin.write(HEADER);
  for (const [i, line] of ["1700000000,7.1,Clear", "1700000060,7.2,Rain"].entries()) {
    stdin.write(`${line}\n`);
    await expect.poll(async () => (await readingsOf(1)).length, { timeout: 60_000 }).toBe(i + 1);
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
  const before = (await readingsOf(1)).length;
  const lines = Array.from({ length: 9 }, (_, i) => `170000100${i},${i === 5 ? "warm" : i},Clear`);
  lines.splice(2, 0, "not a row at all", `"170000200`);
  const words = [...FOLLOW, "--every", "500"];
  const { code, out, err } = await cli.run(words, { stdin: `${HEADER}${lines.join("\n")}\n` });
  expect([code, out.length > 0]).toEqual([0, true]);
  expect(err.match(/1 line left out: .*/g)).toEqual([
    '1 line left out: "not a row at all".',
    '1 line left out: "\\"170000200".',
    '1 line left out: "1700001005,warm,Clear".',
  ]);
  // By the count of what was piped in, the header being its first line.
  expect(err.match(/^standard input, line \d+/gm)).toEqual([
    "standard input, line 4",
    "standard input, line 5",
    "standard input, line 9",
  ]);
  expect(err).not.toContain("followed");
  expect((await readingsOf(1)).length).toBe(before + 8);
  expect(listWaiting()).toEqual([]);
});

test("NDJSON needs no header, and answers a program line by line", async () => {
  const stdin = [1, 2].map((n) => JSON.stringify({ timestamp: 1_700_003_000 + n, temperature: n }));
  const words = [...FOLLOW, "--json", "--batch", "1"];
  const { code, out } = await cli.run(words, { stdin: `${stdin.join("\n")}\n` });
  expect(code).toBe(0);
  expect(
    out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line)),
  ).toMatchObject([{ readings: 1, streams: [{ streamId: 1 }] }, { readings: 1 }]);
});

test.each([0, 20, 100, 400])(
  "what a run has read is in once, if it is killed %i ms later",
  async (ms) => {
    const before = (await readingsOf(1)).length;
    const child = spawn(process.execPath, [COMMAND, ...FOLLOW], {
      env: { PATH: process.env.PATH, TALLYROLL_HOME: cli.home },
      stdio: ["pipe", "ignore", "ignore"],
    });
    child.stdin.write(`${HEADER}${1_700_004_000 + ms},1,Rain\n`);
    const isKept = async () => listWaiting().length > 0 || (await readingsOf(1)).length > before;
    await expect.poll(isKept, { timeout: 60_000, interval: 5 }).toBe(true);
    await new Promise((next) => setTimeout(next, ms));
    child.kill("SIGKILL");
    await once(child, "exit");
    const { code } = await cli.run(FOLLOW, { stdin: "" });
    expect(code).toBe(0);
    expect((await readingsOf(1)).length).toBe(before + 1);
    expect(listWaiting()).toEqual([]);
  },
);

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
      "`tail -n +1 -F 'my weather.csv' | node dist/tallyroll.js submit --csv - --follow " +
        "--device roof --dev-account 0`",
    );
  });

  test("without a word of whose readings they are", async () => {
    const words = ["submit", "--csv", "-", "--follow", ...OWNER];
    expect(await cli.fail(words)).toContain("--device NAME or --device-column NAME");
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

test("a fault of NDJSON, and what a new stream is understood from, name standard input", async () => {
  const rows = [
    '{"timestamp":1700009001,"temperature":1}',
    "",
    '{"timestamp":"soon","temperature":2}',
  ];
  const words = [...FOLLOW, "--every", "500", "--stream-name", "named", "--scale", "*=1"];
  const { code, err } = await cli.run(words, { stdin: `${rows.join("\n")}\n` });
  expect(code).toBe(0);
  expect(err).toMatch(/^standard input, line 3\b/m);
  expect(err).toMatch(/^file +standard input: NDJSON/m);
  expect(err).not.toContain("followed");
});
