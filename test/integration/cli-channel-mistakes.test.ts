import { readFileSync } from "node:fs";
import { encodeErrorResult, parseAbi, zeroAddress } from "viem";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { getDevelopmentAccount } from "../../node-client/chain/chain-client.ts";
import { OnlineCli } from "./fixtures/online-cli.ts";
import { lastJson } from "./fixtures/run-cli.ts";

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
  const opened = ["channel", "open-signed", cli.folder.file("opening.json", out)];
  expect(await failUnsent(...opened, "--amount", "8", ...PAYER)).toContain(has("8"));
  expect(await failUnsent("channel", "pay", channelId, "0.02", ...PAYER)).toContain(
    `Channel ${channelId} has 0.01 ETH that is not promised yet, less than 0.02 ETH; nothing was`,
  );
});

test("a signed opening is paid as its payer means it, and as its sender has signed it", async () => {
  const signing = ["channel", "sign-opening", addressOf(1), "0.01", "--payer", addressOf(0)];
  const { out } = await cli.run([...signing, ...STRANGER]);
  const file = cli.folder.file("stranger.json", out);
  const open = (path: string, ...words: string[]) =>
    failUnsent("channel", "open-signed", path, ...words);
  expect(await open(file, ...PAYER)).toContain("--amount");
  expect(await open(file, "--amount", "0.001", ...PAYER)).toContain(
    "The opening asks for 0.01 ETH, not for 0.001 ETH.",
  );
  const meant = ["--amount", "0.01"];
  const token = `0x${"7e".repeat(20)}`;
  const asked = out.replace(/"token":"0x0+"/, `"token":"${token}"`);
  const dearer = cli.folder.file("dearer.json", asked);
  expect(await open(dearer, ...meant, ...PAYER)).toContain(`asks for the token ${token}`);
  const notSigned = `The opening of ${addressOf(3)} is not signed by it, or for another payer than`;
  expect(await open(file, ...meant, ...RECIPIENT)).toContain(notSigned);
  const other = cli.folder.file("other.json", out.replace(addressOf(1), addressOf(2)));
  expect(await open(other, ...meant, ...PAYER)).toContain(notSigned);
  const broken = cli.folder.file(
    "broken.json",
    out.replace(/"payments":"\w+"/, '"payments":"\\u001b"'),
  );
  expect(await open(broken, ...meant, ...PAYER)).toContain(
    'its payments is "\\u{1b}"; it takes one of mpe, eip712, both.',
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

describe("what has expired", () => {
  const MILLI = 10n ** 15n;

  test("is redeemed first, and later ones stay", async () => {
    const soon = await open("0.01", "--blocks", "50");
    const late = await open("0.01", "--blocks", "90000");
    const files = [await pay(soon, "0.001"), await pay(late, "0.002")];
    const round = ["channel", "multi-claim", ...files, "--expiring"];
    const { out, err } = await cli.run([...round, "100", "--json", ...RECIPIENT]);
    expect(lastJson(out)).toMatchObject({ redeemed: 1, leftForLater: 1, rejectedCount: 0 });
    expect(err).toContain("1 payment left for later: no channel of theirs expires so soon.");
    expect(await cli.ask("channel", "show", late)).toMatchObject({ value: `${10n * MILLI}` });
    // Blocks are a second long here, or a little more: 90000 of them pass within three days.
    expect(await cli.ask(...round, "3650d", ...RECIPIENT)).toMatchObject({ redeemed: 1 });
    expect(await failUnsent(...round, "3 days", ...RECIPIENT)).toContain("or of days such as 7d");
  });

  test("is taken back at once, whatever still holds something", async () => {
    const payer = ["--dev-account", "7"];
    await cli.ask("transfer", "0.1", addressOf(7), ...PAYER);
    const openBy = async (value: string, blocks: string): Promise<number> => {
      const words = ["channel", "open", addressOf(1), value, "--blocks", blocks, ...payer];
      return Number((await cli.ask(...words)).channelId);
    };
    const first = await openBy("0.01", "2");
    const second = await openBy("0.02", "3");
    const later = await openBy("0.03", "9000");
    await cli.stack.mine(3);
    const taken = await cli.ask("channel", "timeout", "--all", ...payer);
    expect(taken.returned).toEqual([
      { token: zeroAddress, amount: `${30n * MILLI}`, symbol: "ETH", decimals: 18 },
    ]);
    expect(taken.channels).toMatchObject([
      { channelId: first, status: "applied", amount: `${10n * MILLI}` },
      { channelId: second, status: "applied", amount: `${20n * MILLI}`, symbol: "ETH" },
    ]);
    expect(await cli.ask("channel", "show", String(later))).toMatchObject({
      value: `${30n * MILLI}`,
    });
    const again = await cli.run(["channel", "timeout", "--all", ...payer]);
    expect([again.code, again.out]).toEqual([
      0,
      "No expired channel of this account holds anything; nothing was sent.\n",
    ]);
    expect(await failUnsent("channel", "timeout", ...PAYER)).toContain("Give either the number");
    expect(await failUnsent("channel", "timeout", "0", "--all", ...PAYER)).toContain("Give either");
    const relay = ["--relay-out", cli.folder.file("all.json")];
    expect(await failUnsent("channel", "timeout", "--all", ...relay, ...PAYER)).toContain(
      "--relay-out signs one operation: name the channel.",
    );
  });
});

test("a treasurer's round that only read what is not his fails; one that was done does not", async () => {
  const channelId = await open("0.05");
  const file = await pay(channelId, "0.01");
  const round = ["channel", "multi-claim"];
  expect(await failUnsent(...round, file, ...STRANGER)).toContain(
    "1 payment read, none redeemed: 1 cannot be claimed by this account; nothing was sent.",
  );
  const forged = readFileSync(file, "utf8").replace(String(10n ** 16n), String(2n * 10n ** 16n));
  const forgery = cli.folder.file("forged.json", forged);
  const { code, err } = await cli.run([...round, forgery, ...RECIPIENT]);
  expect([code, err]).toEqual([2, expect.stringContaining(`Ask for the signature of`)]);
  const lane = await pay(channelId, "0.01", "--lane", "2");
  const some = await cli.ask(...round, lane, forgery, ...RECIPIENT);
  expect(some).toMatchObject({ redeemed: 1, idle: [] });
  const rejected = { file: forgery, line: 1, fault: "signature_wrong" };
  expect(some).toMatchObject({ rejectedCount: 1, rejected: [rejected] });
  await cli.ask(...round, file, ...RECIPIENT);
  expect(await cli.ask(...round, file, lane, ...RECIPIENT)).toMatchObject({
    redeemed: 0,
    rejected: [],
  });
});

test("a forged line displaces nothing, a broken one refuses nothing: each is named", async () => {
  const channelId = await open("0.05");
  const valid = readFileSync(await pay(channelId, "0.01"), "utf8").trim();
  const ahead = JSON.stringify({ ...JSON.parse(valid), nonce: 1, amount: String(10n ** 17n) });
  const lines = [ahead, "{", valid, valid.replace(/"amount":"\d+"/, '"amount":[7]')];
  const file = cli.folder.file("pay\u001b[2Jments.txt", lines.join("\n"));
  const { code, out, err } = await cli.run([
    "channel",
    "multi-claim",
    file,
    "--json",
    ...RECIPIENT,
  ]);
  expect(code).toBe(0);
  const round = lastJson(out);
  expect(round).toMatchObject({ read: 4, redeemed: 1, rejectedCount: 3 });
  expect(round.rejected).toMatchObject([
    { line: 1, fault: "signature_wrong" },
    { line: 2, fault: "malformed", reason: expect.stringContaining("it is not JSON") },
    { line: 4, fault: "malformed" },
  ]);
  for (const line of [1, 2, 4]) expect(err).toContain(`pay\\u{1b}[2Jments.txt, line ${line}: `);
  expect(out + err).not.toContain("\u001b");
  expect(await cli.ask("channel", "show", channelId)).toMatchObject({
    ...{ nonce: 1, value: String(4n * 10n ** 16n) },
  });
  const broken = cli.folder.file("broken.txt", "{\n[]\n");
  const none = await cli.run(["channel", "multi-claim", broken, "--json", ...RECIPIENT]);
  expect([none.code, lastJson(none.out)]).toMatchObject([2, { redeemed: 0, rejectedCount: 2 }]);
});

test("a deposit asks both of the node's APIs before the money leaves", async () => {
  const { nodeUrl, inspectUrl } = cli.stack.urls;
  const deposit = ["deposit", "0.1", ...PAYER];
  // The inspect API is looked for beside the other, where it is not.
  expect(await failUnsent(...deposit, "--node", nodeUrl)).toContain("is not a node's");
  const away = await failUnsent(...deposit, "--node", nodeUrl, "--inspect-url", nodeUrl);
  expect(away).toContain("is not a node's");
  const both = ["--node", nodeUrl, "--inspect-url", inspectUrl];
  expect((await cli.run([...deposit, ...both])).code).toBe(0);
});

test("a voucher that its recipient refuses says who refused, why, and that it stays good", async () => {
  const contract = "0x00000000000000000000000000000000000c105e";
  const { outputIndex } = await cli.ask("withdraw", "0.01", "--to", contract, ...PAYER);
  const execute = ["execute", String(outputIndex), "--no-wait", ...PAYER];
  const setCode = (code: string) => cli.stack.request("anvil_setCode", [contract, code]);
  const abi = parseAbi(["error Error(string)"]);
  const data = encodeErrorResult({ abi, errorName: "Error", args: ["closed\u001b[2J today"] });
  // Copies what stands after it into memory, and reverts with that.
  await setCode(`0x6064600c60003960646000fd${data.slice(2)}`);
  const { code, err } = await cli.run(execute);
  expect([code, err]).toEqual([
    2,
    expect.stringContaining(
      `The contract ${contract} refused voucher ${outputIndex}: "closed\\u{1b}[2J today"; nothing ` +
        "was paid, and the voucher stays good. Execute it again once that contract takes it",
    ),
  ]);
  expect(err).not.toContain("\u001b");
  await setCode("0x60006000fd");
  expect((await cli.run(execute)).err).toContain(`${outputIndex}: without a reason; nothing was`);
  await setCode("0x");
  expect((await cli.run(execute)).err).toContain("The claim is not there yet");
});

test("an account without Ether reads that any other may execute a voucher, and how", async () => {
  const { outputIndex } = await cli.ask("withdraw", "0.01", ...PAYER);
  await cli.stack.request("anvil_setBalance", [addressOf(8), "0x0"]);
  const line = await cli.fail(["execute", String(outputIndex), "--dev-account", "8"]);
  expect(line).toBe(
    `tallyroll: The account ${addressOf(8)} has 0 ETH on the chain, too little for the gas of ` +
      `executing output ${outputIndex}; nothing was sent. Any account may execute it, and it pays ` +
      "whom it pays: repeat the command with another --keystore FILE or --dev-account N.",
  );
});
