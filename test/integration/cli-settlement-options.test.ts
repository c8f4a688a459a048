import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { getDevelopmentAccount } from "../../node-client/chain/chain-client.ts";
import { formatTime } from "../../node-client/command/terminal/format-csv.ts";
import { OnlineCli } from "./fixtures/online-cli.ts";

/** What options of settlement's commands say is what the application keeps, and nothing else. */

const BUYER = ["--dev-account", "0"];
const PROVIDER = ["--dev-account", "1"];
const RELAYER = ["--dev-account", "3"];
const addressOf = (index: number): string => getDevelopmentAccount(index).address.toLowerCase();
const PRICE = 10n ** 16n;
let cli: OnlineCli;
beforeAll(async () => {
  cli = await OnlineCli.start();
  await cli.ask("deposit", "1", ...BUYER);
  const offer = ["--tags", "data", "--price", "0.01"];
  await cli.ask("service", "publish", "units", ...offer, ...PROVIDER);
  await cli.ask("service", "publish", "live", ...offer, "--mode", "pubsub", ...PROVIDER);
});
afterAll(() => cli?.close());

const open = async (...words: string[]): Promise<string> =>
  String((await cli.ask("escrow", "open", ...words, ...BUYER)).escrowId);
const show = (id: string) => cli.ask("escrow", "show", id);
const headOf = async (): Promise<bigint> => {
  const answer = await cli.stack.request("eth_blockNumber", []);
  return BigInt(String(answer));
};

test("an opening's terms, each of its own", async () => {
  const times = ["--delivery-time", "2h", "--answer-time", "15m", "--arbitration-time", "3d"];
  const money = ["--auto-fill", "0.02", "--arbiter", addressOf(2), "--units", "7"];
  const session = ["--session", "90s", "--expected", "20", "--min-messages", "11", "--no-renew"];
  const id = await open("2", "0.01", ...times, ...money, ...session, "--min-valid", "0.57");
  expect(await show(id)).toMatchObject({
    fillLeft: (2n * PRICE).toString(),
    terms: {
      ...{ deliveryTimeSec: 7_200, answerTimeSec: 900, arbitrationTimeSec: 259_200 },
      ...{ arbiter: addressOf(2), unitCount: 7, durationSec: 90, expectedMsgs: 20 },
      // 0.57 × 10,000 is a little less in floating point.
      ...{ minMsgCount: 11, minValidRatio: 0.57, autoRenew: false },
    },
  });
  expect(await show(await open("2", "0.01"))).toMatchObject({
    terms: { arbitrationTimeSec: 0, minMsgCount: 1, minValidRatio: 0, autoRenew: true },
  });
  expect(await show(await open("1", "0.01"))).toMatchObject({
    terms: { durationSec: 0, expectedMsgs: 0, minMsgCount: 0, autoRenew: false },
  });
});

test("money that was put in is not told as drawn", async () => {
  const id = await open("1", "0.01");
  const funded = await cli.ask("escrow", "fund", id, "0.02", ...BUYER);
  expect(funded.change).toEqual({});
  expect(await show(id)).toMatchObject({ held: (3n * PRICE).toString() });
});

test("an anchor says root, counts and unit, and never nothing", async () => {
  const id = await open("2", "0.01", "--session", "60s");
  await cli.ask("escrow", "session", "start", id, ...PROVIDER);
  await cli.stack.request("evm_increaseTime", [60]);
  await cli.stack.mine(1);
  const anchor = ["escrow", "session", "anchor", id, ...PROVIDER];
  const incomplete = await cli.fail(anchor);
  expect(incomplete).toContain("Nothing says what the session had. Give its --messages");
  expect(await cli.fail([...anchor, "--count", "3"])).toBe(incomplete);
  const file = cli.folder.file("messages.txt", "one\ntwo\nthree\n");
  const other = [...anchor, "--messages", file, "--valid", "2", "--unit", "2"];
  expect(await cli.fail(other)).toContain("escrow_unit_wrong: the next is unit 1, not 2");
  await cli.ask(...anchor, "--messages", file, "--valid", "2");
  expect(await show(id)).toMatchObject({ status: "delivered", messageCount: 3, validCount: 2 });
});

test("a split names its unit", async () => {
  const id = await open("1", "0.01", "--arbiter", addressOf(2));
  await cli.ask("escrow", "deliver", id, "--commitment", "22".repeat(32), ...PROVIDER);
  await cli.ask("escrow", "reject", id, ...BUYER);
  const split = ["escrow", "split", id, "0", "--unit", "4", "--dev-account", "2"];
  expect(await cli.fail(split)).toContain("escrow_unit_wrong: the next is unit 1, not 4");
});

test("a channel expires so many blocks from now, when it is opened and when it is extended", async () => {
  const before = await headOf();
  const opening = ["channel", "open", addressOf(1), "0.01", "--blocks", "100"];
  const { channelId } = await cli.ask(...opening, ...BUYER);
  const blockOf = async (): Promise<bigint> => {
    const { expirationBlock } = await cli.ask("channel", "show", String(channelId));
    return BigInt(String(expirationBlock));
  };
  expect(await blockOf()).toBe(before + 100n);
  const later = await headOf();
  await cli.ask("channel", "extend", String(channelId), "--blocks", "500", ...BUYER);
  expect(await blockOf()).toBe(later + 500n);
});

describe("a channel's expiration", () => {
  const opening = ["channel", "open", addressOf(1), "0.01"];
  const expirationOf = async (...words: string[]): Promise<number> => {
    const { channelId } = await cli.ask(...opening, ...words, ...BUYER);
    return Number((await cli.ask("channel", "show", String(channelId))).expirationBlock);
  };

  test("is a block, days or a date, and only one of them", async () => {
    // Thousand blocks a minute apart: whatever came before is outside of the average.
    await cli.stack.request("anvil_mine", ["0x3e8", "0x3c"]);
    const head = Number(await headOf());
    const { timestamp } = (await cli.stack.request("eth_getBlockByNumber", [
      ...["latest", false],
    ])) as { timestamp: string };
    expect(await expirationOf("--until-block", String(head + 777))).toBe(head + 777);
    const inDays = await expirationOf("--days", "2");
    // The opening of before is a block of its own, a second long.
    expect(Math.abs(inDays - head - 2_880)).toBeLessThan(120);
    const until = formatTime(Number(timestamp) + 600 * 60).slice(0, 19);
    expect(Math.abs((await expirationOf("--until", until)) - head - 600)).toBeLessThan(120);
    const both = await cli.fail([...opening, "--days", "2", "--blocks", "100", ...BUYER]);
    expect(both).toContain("'--blocks <n>' cannot be used with option '--days <n>'");
    const past = await cli.fail([...opening, "--until", "2020-01-01", ...BUYER]);
    expect(past).toContain("2020-01-01 00:00:00 UTC is past: the chain's newest block is of");
    const early = await cli.fail([...opening, "--until-block", "3", ...BUYER]);
    expect(early).toMatch(
      /^tallyroll: Block 3 is too early: the chain is at \d+; nothing was sent/,
    );
  });

  test("stands beside its date wherever it is shown", async () => {
    const ABOUT = /block \d+ \(about \d{4}-\d\d-\d\d \d\d:\d\d UTC\)/;
    const { out, err } = await cli.run([...opening, "--blocks", "1000", ...BUYER]);
    expect(err).toMatch(new RegExp(`from ${ABOUT.source} on, 1000 blocks from now`));
    expect(out).toMatch(new RegExp(`until ${ABOUT.source}\\.`));
    const id = /Channel (\d+)/.exec(out)?.[1] ?? "";
    expect((await cli.run(["channel", "show", id])).out).toMatch(ABOUT);
    const extended = await cli.ask("channel", "extend", id, "--days", "3", ...BUYER);
    const shown = await cli.ask("channel", "show", id);
    expect(shown).toMatchObject({ expirationBlock: Number(extended.expirationBlock) });
    expect(Number(shown.expiresAboutSec)).toBeGreaterThan(1_700_000_000);
    expect(shown).toMatchObject({ symbol: "ETH", decimals: 18, value: PRICE.toString() });
    const lower = await cli.fail(["channel", "extend", id, "--blocks", "9", ...BUYER]);
    expect(lower).toMatch(new RegExp(`expires at ${ABOUT.source}, asked for ${ABOUT.source}`));
    for (const words of [["list"], ["list", "--received"], ["recover"]]) {
      const account = addressOf(words[1] === undefined ? 0 : 1);
      const { out } = await cli.run(["channel", words[0]!, account, ...words.slice(1)]);
      expect(out).toMatch(/ about \d{4}-\d\d-\d\d \d\d:\d\d UTC/);
    }
    // Farther away than any date.
    await cli.ask("channel", "extend", id, "--until-block", String(2 ** 53 - 1), ...BUYER);
    expect(await cli.ask("channel", "show", id)).toMatchObject({ expiresAboutSec: null });
    expect((await cli.run(["channel", "show", id])).out).toContain(`block ${2 ** 53 - 1}\n`);
  });
});

test("a channel pays an organization's payment group by its name", async () => {
  const group = (name: string, id: string, pay: number) => {
    const words = ["service", "payment-group", "north-grid", name, "--group", id.repeat(32)];
    return cli.ask(...words, "--pay", addressOf(pay), ...PROVIDER);
  };
  await cli.ask("service", "organization", "north-grid", "North Grid", ...PROVIDER);
  await group("default", "01", 4);
  await group("twice", "02", 5);
  await group("twice", "03", 6);
  const opening = ["channel", "open", "0.01", "--organization"];
  const open = [...opening, "north-grid", "--payment-group", "default"];
  const { out, err } = await cli.run([...open, "--json", ...BUYER]);
  expect(err).toContain(
    `north-grid (North Grid, of ${addressOf(1)}) has its payment group default paid to ${addressOf(4)}.`,
  );
  expect(JSON.parse(out)).toMatchObject({
    ...{ recipient: addressOf(4), groupId: `0x${"01".repeat(32)}`, symbol: "ETH", decimals: 18 },
  });
  const named = await cli.ask(...opening, "north-grid", "--group", "03".repeat(32), ...BUYER);
  expect(named.recipient).toBe(addressOf(6));
  const fail = (...words: string[]) => cli.fail([...words, ...BUYER]);
  expect(await fail(...opening, "north-grid", "--payment-group", "x")).toContain(
    `no payment group named x; nothing was sent. Name one of these, by --payment-group NAME or ` +
      `--group ID: default (0x${"01".repeat(32)}), `,
  );
  expect(await fail(...opening, "north-grid", "--payment-group", "twice")).toContain("several");
  expect(await fail(...opening, "none", "--payment-group", "x")).toContain("no such organization");
  expect(await fail(...opening, "north-grid")).toContain("either --payment-group NAME or --group");
  expect(await fail("channel", "open", "0.01")).toContain("Give recipient and value");
  expect(await fail("channel", "open", "0x12", "0.01")).toContain("<recipient> '0x12' is invalid");
  const twice = ["channel", "open", addressOf(1), "0.01", "--organization", "north-grid"];
  expect(await fail(...twice, "--payment-group", "default")).toContain("Give either a recipient");
});

test("a signed operation may be relayed so long, and on its own chain", async () => {
  const file = cli.folder.file("short.json");
  const words = ["wallet", "low-balance", "0.5", "--relay-out", file, "--relay-for", "120"];
  await cli.ask(...words, ...BUYER);
  const text = readFileSync(file, "utf8");
  const elsewhere = cli.folder.file("elsewhere.json", text.replace("31337", "1"));
  expect(await cli.fail(["relay", elsewhere, ...RELAYER])).toContain("on chain 1");
  await cli.stack.request("evm_increaseTime", [121]);
  await cli.stack.mine(1);
  const late = await cli.fail(["relay", file, ...RELAYER]);
  expect(late).toMatch(
    /short\.json was valid until [\d-]+ [\d:]+ UTC, and the newest block is of [\d-]+ [\d:]+ UTC\./,
  );
  expect(late).toContain("Sign it again with --relay-out, and a longer --relay-for.");
});
