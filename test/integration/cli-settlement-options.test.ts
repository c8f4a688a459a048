import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { getDevelopmentAccount } from "../../node-client/chain/chain-client.ts";
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
