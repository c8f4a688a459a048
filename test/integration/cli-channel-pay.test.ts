import { execFile } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { getDevelopmentAccount } from "../../node-client/chain/chain-client.ts";
import {
  lockPayments,
  pathOfPayments,
} from "../../node-client/command/channel/channel-payments-file.ts";
import { OnlineCli } from "./fixtures/online-cli.ts";
import { lastJson, REPOSITORY } from "./fixtures/run-cli.ts";

/** Payments of one payer that several commands sign at the same time, with one data folder. */

const PAYER = ["--dev-account", "0"];
const RECIPIENT = ["--dev-account", "1"];
const RECIPIENT_ADDRESS = getDevelopmentAccount(1).address;
const BUNDLE = join(REPOSITORY, "dist/tallyroll.js");
let cli: OnlineCli;
beforeAll(async () => {
  cli = await OnlineCli.start();
  await cli.ask("deposit", "1", ...PAYER);
});
afterAll(() => cli?.close());

/** `channel pay` as a process of its own; gives its standard output. */
async function payAlone(channelId: string, lane: number): Promise<string> {
  const words = ["channel", "pay", channelId, "100", "--base-units", "--lane", String(lane)];
  const { stdout } = await promisify(execFile)(process.execPath, [BUNDLE, ...words, ...PAYER], {
    env: { PATH: process.env.PATH ?? "", TALLYROLL_HOME: cli.home },
  });
  return stdout;
}

const open = async (value: string): Promise<string> => {
  const words = ["channel", "open", RECIPIENT_ADDRESS, value, "--base-units"];
  return String((await cli.ask(...words, ...PAYER)).channelId);
};

test.each([0, 4])("processes that pay on lane %i at once promise exact sums", async (lane) => {
  expect(existsSync(BUNDLE)).toBe(true);
  const channelId = await open("1000");
  const lines = await Promise.all(Array.from({ length: 5 }, () => payAlone(channelId, lane)));
  const totals = lines.map((line) => {
    const { amount, cumulative } = lastJson(line);
    return Number(amount ?? cumulative);
  });
  expect(totals.sort((a, b) => a - b)).toEqual([100, 200, 300, 400, 500]);
  const file = cli.folder.file(`lane-${lane}.txt`, lines.join(""));
  await cli.ask("channel", "multi-claim", file, ...RECIPIENT);
  expect(await cli.ask("channel", "show", channelId)).toMatchObject({ value: "500" });
});

test("together they never promise more than the channel holds", async () => {
  const channelId = await open("250");
  const pay = ["channel", "pay", channelId, "100", "--base-units", ...PAYER];
  const results = await Promise.all(
    [0, 1, 2].map((lane) => cli.run([...pay, "--lane", `${lane}`])),
  );
  expect(results.map(({ code }) => code).sort()).toEqual([0, 0, 2]);
  const refused = results.find(({ code }) => code === 2);
  expect(refused?.err).toContain("has 50 wei that is not promised yet, less than 100 wei");
});

test("a payment waits for the one that is being signed", async () => {
  const channelId = await open("100");
  const unlock = await lockPayments(pathOfPayments(cli.home, cli.local.app));
  const paying = cli.run(["channel", "pay", channelId, "100", "--base-units", ...PAYER]);
  const first = await Promise.race([
    paying.then(() => "paid"),
    new Promise((done) => setTimeout(done, 500, "waits")),
  ]);
  expect(first).toBe("waits");
  unlock();
  expect((await paying).code).toBe(0);
});

test("what is unspent is what was not promised, over all lanes, as far as the notes say it", async () => {
  const channelId = await open("1000");
  const pay = ["channel", "pay", channelId, "100", "--base-units", ...PAYER];
  const shown = async () => (await cli.ask("channel", "show", channelId)).unspent;
  const listed = async (...words: string[]) => {
    const { channels } = await cli.ask("channel", "list", ...words);
    const rows = channels as { channelId: number; unspent?: string | null }[];
    return rows.find((row) => row.channelId === Number(channelId))?.unspent;
  };
  expect([await shown(), await listed(...PAYER)]).toEqual(["1000", "1000"]);
  const lines: string[] = [];
  for (const lane of ["0", "1", "1"]) lines.push((await cli.run([...pay, "--lane", lane])).out);
  expect([await shown(), await listed(...PAYER)]).toEqual(["700", "700"]);
  const file = cli.folder.file(`unspent-${channelId}.txt`, `${lines[0]}${lines[1]}`);
  await cli.ask("channel", "multi-claim", file, ...RECIPIENT);
  // 200 are redeemed, and 100 more are promised on lane 1.
  expect(await cli.ask("channel", "show", channelId)).toMatchObject({ value: "800" });
  expect([await shown(), await listed(...PAYER)]).toEqual(["700", "700"]);
  expect(await listed("--received", ...RECIPIENT)).toBeUndefined();
  const path = pathOfPayments(cli.home, cli.local.app);
  const notes = readFileSync(path, "utf8");
  rmSync(path);
  expect([await shown(), await listed(...PAYER)]).toEqual([null, null]);
  const table = (await cli.run(["channel", "list", ...PAYER])).out.split("\n");
  expect(table[0]).toMatch(/^channel +holds +unspent +until block +date /);
  expect(table[1]).toContain(" unknown ");
  expect((await cli.run(["channel", "show", channelId])).out).toContain(
    "unspent    unknown: this data folder has no notes of what was promised\n",
  );
  writeFileSync(path, `${notes}changed`);
  const damaged = await cli.run(["channel", "list", ...PAYER]);
  expect([damaged.code, damaged.err]).toEqual([0, expect.stringContaining("is not known: ")]);
  writeFileSync(path, notes);
});

describe("without notes of what was promised", () => {
  const rate = ["100", "--base-units", ...PAYER];
  const payments = () => pathOfPayments(cli.home, cli.local.app);
  const totals = (out: string): unknown => {
    const { amount, cumulative } = lastJson(out);
    return amount ?? cumulative;
  };

  test("nothing is signed until the payer says what was promised", async () => {
    const channelId = await open("1000");
    const pay = ["channel", "pay", channelId, ...rate];
    expect((await cli.run(pay)).code).toBe(0);
    expect((await cli.run([...pay, "--lane", "2"])).code).toBe(0);
    const notes = readFileSync(payments(), "utf8");
    rmSync(payments());
    for (const lane of ["0", "2", "3"]) {
      const line = await cli.fail([...pay, "--lane", lane]);
      expect(line).toContain(
        `does not know what was promised on lane ${lane} of channel ${channelId}: ` +
          "there are no notes of it; nothing was signed. Give --promised-before",
      );
      expect(line).toContain("with --promised-before 0 on a --lane that was never used");
    }
    expect(existsSync(payments())).toBe(false);
    const told = await cli.run([...pay, "--promised-before", "100"]);
    expect(totals(told.out)).toBe("200");
    expect(totals((await cli.run(pay)).out)).toBe("300");
    expect(totals((await cli.run([...pay, "--lane", "3", "--promised-before", "0"])).out)).toBe(
      "100",
    );
    const less = await cli.fail([...pay, "--promised-before", "200"]);
    expect(less).toContain("300 wei were promised before, more than 200 wei; nothing was signed.");
    expect(less).toContain("Leave --promised-before away");
    writeFileSync(payments(), notes);
  });

  test("notes that are older than the last claim do not count", async () => {
    const channelId = await open("1000");
    const pay = ["channel", "pay", channelId, ...rate];
    const young = readFileSync(payments(), "utf8");
    const lines = [await cli.run(pay), await cli.run([...pay, "--lane", "2"])].map((r) => r.out);
    const file = cli.folder.file(`old-${channelId}.txt`, lines.join(""));
    await cli.ask("channel", "multi-claim", file, ...RECIPIENT);
    const grown = readFileSync(payments(), "utf8");
    writeFileSync(payments(), young);
    expect(await cli.fail(pay)).toContain("the notes end before nonce 0, which was claimed");
    expect(await cli.fail([...pay, "--lane", "2"])).toContain("more was claimed of it than");
    const short = await cli.fail([...pay, "--lane", "2", "--promised-before", "50"]);
    expect(short).toContain("100 wei were promised before, more than 50 wei");
    writeFileSync(payments(), grown);
    expect(totals((await cli.run(pay)).out)).toBe("100");
    expect(totals((await cli.run([...pay, "--lane", "2"])).out)).toBe("200");
  });

  test("a book of one's own is redeemed, notes and all", async () => {
    const channelId = await open("1000");
    await cli.run(["channel", "pay", channelId, ...rate]);
    const claimed = await cli.ask("channel", "multi-claim", payments(), ...RECIPIENT);
    expect(Number(claimed.redeemed)).toBeGreaterThan(0);
  });
});
