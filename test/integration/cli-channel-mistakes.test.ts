import { readFileSync } from "node:fs";
import { zeroAddress } from "viem";
import { afterAll, beforeAll, expect, test } from "vitest";
import { getDevelopmentAccount } from "../../node-client/chain/chain-client.ts";
import { OnlineCli } from "./fixtures/online-cli.ts";

/** What a channel's commands tell before anything is sent, in the token's units. */

const PAYER = ["--dev-account", "0"];
const RECIPIENT = ["--dev-account", "1"];
const STRANGER = ["--dev-account", "3"];
const addressOf = (index: number): string => getDevelopmentAccount(index).address.toLowerCase();
let cli: OnlineCli;
beforeAll(async () => {
  cli = await OnlineCli.start();
  await cli.ask("deposit", "1", ...PAYER);
});
afterAll(() => cli?.close());

/** Runs what has to fail without an input, and gives its last line. */
async function failUnsent(...words: string[]): Promise<string> {
  const nonces = () =>
    Promise.all(
      [0, 1, 3].map((index) =>
        cli.stack.request("eth_getTransactionCount", [addressOf(index), "latest"]),
      ),
    );
  const before = await nonces();
  const line = await cli.fail(words);
  expect(await nonces()).toEqual(before);
  return line;
}
const open = async (value: string, ...words: string[]): Promise<string> => {
  const opening = ["channel", "open", addressOf(1), value, ...words, ...PAYER];
  return String((await cli.ask(...opening)).channelId);
};
/** Signs a payment, and gives the file that it is in. */
async function pay(channelId: string, ...words: string[]): Promise<string> {
  const { code, out, err } = await cli.run(["channel", "pay", channelId, ...words, ...PAYER]);
  if (code !== 0) throw new Error(err);
  return cli.folder.file(`payment-${channelId}-${words.join("")}.json`, out);
}

test("openings that pay nobody, or are over when they begin", async () => {
  const to = (recipient: string) => ["channel", "open", recipient, "0.01", ...PAYER];
  expect(await failUnsent(...to(zeroAddress))).toContain(
    `A channel to ${zeroAddress}, the zero address, pays nobody; nothing was sent. Give the address`,
  );
  expect(await failUnsent(...to(addressOf(0)))).toContain("its own sender, pays nobody");
  const signing = ["channel", "sign-opening", addressOf(0), "0.01", "--payer", addressOf(1)];
  expect(await failUnsent(...signing, ...PAYER)).toContain("its own sender, pays nobody");
  for (const blocks of ["0", "1"]) {
    expect(await failUnsent(...to(addressOf(1)), "--blocks", blocks)).toContain("from 2 to");
  }
  const shortest = await open("0.01", "--blocks", "2");
  const { expirationBlock } = await cli.ask("channel", "show", shortest);
  const head = Number(await cli.stack.request("eth_blockNumber", []));
  expect(head).toBeLessThan(Number(expirationBlock));
});

test("a payment of an expired channel says so", async () => {
  const channelId = await open("0.01", "--blocks", "3");
  const words = ["channel", "pay", channelId, "0.001", ...PAYER];
  expect((await cli.run(words)).err).not.toContain("expired");
  await cli.stack.mine(3);
  const { code, err } = await cli.run(words);
  expect([code, err]).toEqual([
    0,
    expect.stringContaining(`Channel ${channelId} expired at block`),
  ]);
});

test("money that is not there, in the units that were typed", async () => {
  const channelId = await open("0.01");
  const has = (amount: string) => `which is less than ${amount} ETH (balance_too_low); nothing was`;
  const opening = ["channel", "open", addressOf(1), "5", ...PAYER];
  expect(await failUnsent(...opening)).toContain(has("5"));
  const adding = ["channel", "add", channelId, "6", ...PAYER];
  expect(await failUnsent(...adding)).toContain(has("6"));
  const extending = ["channel", "extend", channelId, "--blocks", "90000", "--add", "7", ...PAYER];
  expect(await failUnsent(...extending)).toContain(has("7"));
  const signing = ["channel", "sign-opening", addressOf(1), "8", "--payer", addressOf(0)];
  const { out } = await cli.run([...signing, ...STRANGER]);
  const opened = ["channel", "open-signed", cli.folder.file("opening.json", out), ...PAYER];
  expect(await failUnsent(...opened)).toContain(has("8"));
  expect(await failUnsent("channel", "pay", channelId, "0.02", ...PAYER)).toContain(
    `Channel ${channelId} has 0.01 ETH that is not promised yet, less than 0.02 ETH; nothing was`,
  );
});

test("what was promised before has to be paid as well", async () => {
  const channelId = await open("0.01");
  const words = ["channel", "pay", channelId, "0.004", "--promised-before", "0.007", ...PAYER];
  expect(await failUnsent(...words)).toContain("has 0.003 ETH that is not promised yet");
});

test("--actual is of a nonce's payment, and no more than it and the channel hold", async () => {
  const channelId = await open("0.05");
  const claim = (file: string, actual: string) =>
    failUnsent("channel", "claim", file, "--actual", actual, ...RECIPIENT);
  const lane = await pay(channelId, "0.02", "--lane", "7");
  expect(await claim(lane, "0.0001")).toContain(
    "pays all that is due, so --actual 0.0001 ETH is not possible on lane 7; nothing was sent. " +
      "Leave --actual away.",
  );
  const file = await pay(channelId, "0.03");
  expect(await claim(file, "0.04")).toContain("promises 0.03 ETH, less than --actual 0.04 ETH");
  await cli.ask("channel", "claim", lane, ...RECIPIENT);
  await cli.ask("channel", "claim", file, "--actual", "0.01", ...RECIPIENT);
  const more = await pay(channelId, "0.02");
  const rest = await pay(channelId, "0.02", "--lane", "8").catch((error) => String(error));
  expect(rest).toContain("has 0 ETH that is not promised yet");
  const larger = readFileSync(more, "utf8").replace(String(2n * 10n ** 16n), String(10n ** 17n));
  expect(await claim(cli.folder.file("larger.json", larger), "0.05")).toContain(
    `Channel ${channelId} holds 0.02 ETH, less than --actual 0.05 ETH`,
  );
});

test("a payment of a nonce that is over is no forgery", async () => {
  const channelId = await open("0.05");
  const file = await pay(channelId, "0.01");
  await cli.ask("channel", "claim", file, ...RECIPIENT);
  expect(await failUnsent("channel", "claim", file, ...RECIPIENT)).toContain(
    `The payment is for nonce 0 of channel ${channelId}, which is at 1: a claim or a timeout has ` +
      "ended 0. Ask the payer for one for nonce 1.",
  );
});

test("a second timeout has nothing to bring back", async () => {
  const channelId = await open("0.01", "--blocks", "2");
  await cli.stack.mine(2);
  await cli.ask("channel", "timeout", channelId, ...PAYER);
  expect(await failUnsent("channel", "timeout", channelId, ...PAYER)).toContain(
    `Channel ${channelId} holds nothing; nothing was sent.`,
  );
});

test("a treasurer's round that only read what is not his fails; one that was done does not", async () => {
  const channelId = await open("0.05");
  const file = await pay(channelId, "0.01");
  const round = ["channel", "multi-claim"];
  expect(await failUnsent(...round, file, ...STRANGER)).toContain(
    "1 payments read, none redeemed: 1 cannot be claimed by this account; nothing was sent.",
  );
  const forged = readFileSync(file, "utf8").replace(String(10n ** 16n), String(2n * 10n ** 16n));
  const forgery = cli.folder.file("forged.json", forged);
  const { code, err } = await cli.run([...round, forgery, ...RECIPIENT]);
  expect([code, err]).toEqual([2, expect.stringContaining(`Ask for the signature of`)]);
  const lane = await pay(channelId, "0.01", "--lane", "2");
  const some = await cli.ask(...round, lane, forgery, ...RECIPIENT);
  expect(some).toMatchObject({ redeemed: 1, idle: [] });
  expect(JSON.stringify(some.wrong)).toContain("may not pay from channel");
  await cli.ask(...round, file, ...RECIPIENT);
  expect(await cli.ask(...round, file, lane, ...RECIPIENT)).toMatchObject({
    redeemed: 0,
    wrong: [],
  });
});
