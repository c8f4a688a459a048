import { existsSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { getDevelopmentAccount } from "../../node-client/chain/chain-client.ts";
import { OnlineCli } from "./fixtures/online-cli.ts";

/**
 * Every operation on services, escrows and channels, signed by one who sends nothing and sent by
 * another who may do nothing: the relayer is neither party of anything.
 */

const BUYER = ["--dev-account", "0"];
const PROVIDER = ["--dev-account", "1"];
const ARBITER = ["--dev-account", "2"];
const RELAYER = ["--dev-account", "3"];
const addressOf = (index: number): string => getDevelopmentAccount(index).address.toLowerCase();
let cli: OnlineCli;
beforeAll(async () => {
  cli = await OnlineCli.start();
  await cli.ask("deposit", "2", ...BUYER);
});
afterAll(() => cli?.close());

let fileCount = 0;
/** What the sender of an input pays: the signers' counts of transactions on the chain stay. */
const countSent = (index: number): Promise<unknown> =>
  cli.stack.request("eth_getTransactionCount", [addressOf(index), "latest"]);

/**
 * Signs a command's operation into a file, has it relayed, and tries it a second time.
 *
 * @returns The notice of the operation.
 */
async function relay(words: readonly string[], signer: readonly string[]) {
  const file = cli.folder.file(`operation-${fileCount++}.json`);
  const who = Number(signer[1]);
  const sent = await countSent(who);
  const kept = await cli.ask(...words, "--relay-out", file, ...signer);
  expect(kept).toMatchObject({ relayFile: file });
  const { kind, account, nonce } = JSON.parse(readFileSync(file, "utf8"));
  expect(account).toBe(addressOf(who));
  const { relayed } = await cli.ask("relay", file, ...RELAYER);
  expect(relayed, words.join(" ")).toMatchObject([{ kind, status: "applied" }]);
  const root = (await cli.ask("inspect", "root")).root;

  const again = await cli.fail(["relay", file, ...RELAYER]);
  expect(again).toContain(
    `has nonce ${nonce} of ${account}, whose next one is ${nonce + 1}: it is spent. ` +
      "Do nothing if it has applied already",
  );
  expect((await cli.ask("inspect", "root")).root).toBe(root);
  expect(await countSent(who)).toBe(sent);
  const [applied] = relayed as { notices: { args: Record<string, unknown> }[] }[];
  return applied!.notices.at(-1)!.args;
}
const show = (id: string) => cli.ask("escrow", "show", id);
const commitment = ["--commitment", "22".repeat(32)];

test("services are published, updated and withdrawn", async () => {
  await relay(["service", "organization", "grid", "Grid"], PROVIDER);
  const group = ["service", "payment-group", "grid", "main", "--group", "01".repeat(32)];
  await relay(group, PROVIDER);
  const offer = ["--tags", "data", "--price", "0.01"];
  expect(await relay(["service", "publish", "units", ...offer], PROVIDER)).toMatchObject({
    serviceId: 1,
  });
  await relay(["service", "publish", "live", ...offer, "--mode", "pubsub"], PROVIDER);
  await relay(["service", "publish", "old", ...offer], PROVIDER);
  await relay(["service", "update", "3", "--tags", "data", "--price", "0.02"], PROVIDER);
  await relay(["service", "withdraw", "3"], PROVIDER);
  const { services } = await cli.ask("discover", "data");
  expect(services).toMatchObject([{ serviceId: 1, provider: addressOf(1) }]);
});

test("a pull is opened, filled, delivered, accepted, disputed and split", async () => {
  const terms = ["--units", "3", "--arbiter", addressOf(2)];
  const { escrowId } = await relay(["escrow", "open", "1", "0.01", ...terms], BUYER);
  const id = `standard:${escrowId}`;
  expect(await show(id)).toMatchObject({ buyer: addressOf(0), provider: addressOf(1) });
  await relay(["escrow", "fund", id, "0.01"], BUYER);
  await relay(["escrow", "auto-fill", id, "0.01"], BUYER);
  await relay(["escrow", "deliver", id, ...commitment], PROVIDER);
  await relay(["escrow", "accept", id], BUYER);
  await relay(["escrow", "deliver", id, ...commitment], PROVIDER);
  await relay(["escrow", "reject", id], BUYER);
  expect(await relay(["escrow", "split", id, "0.004"], ARBITER)).toMatchObject({
    returned: (6n * 10n ** 15n).toString(),
  });
  expect(await show(id)).toMatchObject({ status: "released", held: "0" });
});

test("an intent is opened, taken, paid by a receipt, ended and poked", async () => {
  const words = ["escrow", "intent", "data", "0.04", "--ceiling", "0.02", "--units", "2"];
  const { escrowId } = await relay(words, BUYER);
  const id = `intent:${escrowId}`;
  await relay(["escrow", "take", id, "1"], PROVIDER);
  const signed = await cli.run(["escrow", "receipt", "sign", id, ...BUYER]);
  const receipt = cli.folder.file("receipt.json", signed.out);
  await relay(["escrow", "receipt", "redeem", receipt], PROVIDER);
  await relay(["escrow", "end", id], BUYER);
  expect(await show(id)).toMatchObject({ status: "ending", paidUnits: 1 });
  await cli.stack.request("evm_increaseTime", [3_600]);
  await cli.stack.mine(1);
  await relay(["escrow", "poke", id], ARBITER);
  expect(await show(id)).toMatchObject({ status: "released" });
});

test("a session is started, anchored and answered", async () => {
  const terms = ["--session", "60s", "--min-messages", "2", "--expected", "2", "--no-renew"];
  const { escrowId } = await relay(["escrow", "open", "2", "0.01", ...terms], BUYER);
  const id = `standard:${escrowId}`;
  await relay(["escrow", "session", "start", id], PROVIDER);
  await cli.stack.request("evm_increaseTime", [60]);
  await cli.stack.mine(1);
  const anchor = ["escrow", "session", "anchor", id, "--count", "2", "--root", "00".repeat(32)];
  await relay(anchor, PROVIDER);
  await relay(["escrow", "session", "answer", id], BUYER);
  expect(await show(id)).toMatchObject({ status: "released", paidUnits: 1 });
});

test("a channel is opened, filled, extended, claimed and timed out", async () => {
  const open = ["channel", "open", addressOf(1), "0.02", "--blocks", "200"];
  const channelId = String((await relay(open, BUYER)).channelId);
  await relay(["channel", "add", channelId, "0.02"], BUYER);
  await relay(["channel", "extend", channelId, "--blocks", "250"], BUYER);
  // Whoever relays it, this data folder has not seen the opening.
  const first = ["--lane", "2", "--promised-before", "0"];
  const paid = await cli.run(["channel", "pay", channelId, "0.01", ...first, ...BUYER]);
  const file = cli.folder.file("payment.json", paid.out);
  await relay(["channel", "claim", file], PROVIDER);
  await cli.stack.mine(300);
  expect(await relay(["channel", "timeout", channelId], BUYER)).toMatchObject({
    amount: (3n * 10n ** 16n).toString(),
  });

  const third = ["channel", "sign-opening", addressOf(1), "0.01", "--payer", addressOf(0)];
  const opening = await cli.run([...third, ...ARBITER]);
  const message = cli.folder.file("opening.json", opening.out);
  const opened = await relay(["channel", "open-signed", message, "--amount", "0.01"], BUYER);
  expect(String(opened.sender).toLowerCase()).toBe(addressOf(2));
});

test("whoever reads along is told what was made", async () => {
  const sign = async (name: string, ...words: string[]): Promise<string> => {
    const file = cli.folder.file(name);
    await cli.ask(...words, "--relay-out", file, ...BUYER);
    const { out } = await cli.run(["relay", file, ...RELAYER]);
    return out;
  };
  const open = ["channel", "open", addressOf(1), "0.01", "--blocks", "200"];
  expect(await sign("channel.json", ...open)).toMatch(
    /: open_channel applied, channel \d+ \(input \d+\)\n$/,
  );
  const told = await sign("escrow.json", "escrow", "open", "1", "0.01", "--units", "1");
  const [, id = ""] = /: open_escrow applied, escrow (standard:0x\w+) /.exec(told) ?? [];
  expect(await show(id)).toMatchObject({ buyer: addressOf(0) });
});

test("a treasurer's round is signed by one who has no Ether", async () => {
  const open = ["channel", "open", addressOf(1), "0.03", "--blocks", "200"];
  const channelId = String((await relay(open, BUYER)).channelId);
  const lanes = ["0.01", "0.005"].map(async (amount, lane) => {
    const words = ["channel", "pay", channelId, amount, "--lane", `${lane + 1}`];
    return (await cli.run([...words, "--promised-before", "0", ...BUYER])).out;
  });
  const file = cli.folder.file("round.txt", (await Promise.all(lanes)).join(""));
  const round = ["channel", "multi-claim", file];
  expect(await relay(round, PROVIDER)).toMatchObject({ lane: 2, amount: `${5n * 10n ** 15n}` });
  const channel = await cli.ask("channel", "show", channelId);
  expect(channel).toMatchObject({ value: `${15n * 10n ** 15n}` });

  const unsigned = cli.folder.file("unsigned.json");
  const again = await cli.fail([...round, "--relay-out", unsigned, ...PROVIDER]);
  expect(again).toContain("2 payments read, and none brings anything now.");
  const others = await cli.fail([...round, "--relay-out", unsigned, ...RELAYER]);
  expect(others).toContain("2 cannot be claimed by this account");
  expect(existsSync(unsigned)).toBe(false);
});
