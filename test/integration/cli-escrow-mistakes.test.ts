import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { getDevelopmentAccount } from "../../node-client/chain/chain-client.ts";
import { OnlineCli } from "./fixtures/online-cli.ts";
import { SMALL_CSV } from "./fixtures/run-cli.ts";

/** What an escrow's commands tell before anything is sent or signed, and what they did. */

const BUYER = ["--dev-account", "0"];
const PROVIDER = ["--dev-account", "1"];
const addressOf = (index: number): string => getDevelopmentAccount(index).address.toLowerCase();
const commitment = ["--commitment", "22".repeat(32)];
const [UNITS, LIVE, STREAM] = ["1", "2", "3"] as const;
let cli: OnlineCli;
let streamId: string;
beforeAll(async () => {
  cli = await OnlineCli.start();
  await cli.ask("deposit", "1", ...BUYER);
  const offer = ["--tags", "data", "--price", "0.01"];
  await cli.ask("service", "publish", "units", ...offer, ...PROVIDER);
  await cli.ask("service", "publish", "live", ...offer, "--mode", "pubsub", ...PROVIDER);
  streamId = await submit("first.csv", SMALL_CSV);
  await cli.ask("service", "publish", "roof", ...offer, "--stream", streamId, ...PROVIDER);
});
afterAll(() => cli?.close());

/** Sends a file of readings, and gives its stream. */
async function submit(name: string, text: string): Promise<string> {
  const file = cli.folder.file(name, text);
  const { streams } = await cli.ask("submit", "--csv", file, ...PROVIDER);
  return String((streams as { streamId: number }[])[0]?.streamId);
}
const open = async (...words: string[]): Promise<string> =>
  String((await cli.ask("escrow", "open", ...words, ...BUYER)).escrowId);
const intend = async (...words: string[]): Promise<string> =>
  String((await cli.ask("escrow", "intent", "data", ...words, ...BUYER)).escrowId);
/** Runs what has to succeed, and gives its text. */
async function say(...words: string[]): Promise<string> {
  const { code, out, err } = await cli.run(words);
  if (code !== 0) throw new Error(err);
  return out;
}
/** Runs what has to fail without an input, and gives its last line. */
async function failUnsent(...words: string[]): Promise<string> {
  const nonces = () =>
    Promise.all(
      [0, 1].map((index) =>
        cli.stack.request("eth_getTransactionCount", [addressOf(index), "latest"]),
      ),
    );
  const before = await nonces();
  const line = await cli.fail(words);
  expect(await nonces()).toEqual(before);
  return line;
}

test("an intent is taken under its own name only", async () => {
  const id = await intend("0.01", "--ceiling", "0.01");
  const wrong = id.replace("intent", "standard");
  expect(await failUnsent("escrow", "take", wrong, UNITS, ...PROVIDER)).toContain(
    `${wrong} has its provider already; nothing was sent. Take an intent`,
  );
  expect(await say("escrow", "take", id, UNITS, ...PROVIDER)).toContain(`${id} is yours at`);
});

test("money that is too little, in the units that were typed", async () => {
  const under = (amount: string) =>
    `more than the ${amount} ETH put in (escrow_amount_under_price)`;
  const over = (amount: string) => `which is less than ${amount} ETH (balance_too_low)`;
  const opening = ["escrow", "open", UNITS];
  expect(await failUnsent(...opening, "0.001", ...BUYER)).toContain(under("0.001"));
  expect(await failUnsent(...opening, "5", ...BUYER)).toContain(over("5"));
  const intent = ["escrow", "intent", "data"];
  const cheap = [...intent, "0.002", "--ceiling", "0.003", ...BUYER];
  expect(await failUnsent(...cheap)).toContain(`ceiling of a unit is 0.003 ETH, ${under("0.002")}`);
  expect(await failUnsent(...intent, "6", "--ceiling", "1", ...BUYER)).toContain(over("6"));
  const id = await open(UNITS, "0.01");
  expect(await failUnsent("escrow", "fund", id, "7", ...BUYER)).toContain(over("7"));
  const low = await intend("0.005", "--ceiling", "0.005");
  expect(await failUnsent("escrow", "take", low, UNITS, ...PROVIDER)).toContain(
    "A unit of units costs 0.01 ETH, more than the intent's ceiling of 0.005 ETH",
  );
});

test("a service that sells a stream is delivered by a batch, and by nothing else", async () => {
  const id = await open(STREAM, "0.01");
  const deliver = ["escrow", "deliver", id, ...PROVIDER];
  const sells = `service ${STREAM} sells stream ${streamId}; nothing was sent. Give --batch alone`;
  expect(await failUnsent(...deliver)).toContain(`--batch is missing: ${sells}`);
  expect(await failUnsent(...deliver, ...commitment)).toContain(`--batch is missing: ${sells}`);
  expect(await failUnsent(...deliver, "--batch", "1", ...commitment)).toContain(
    `--commitment is not possible: ${sells}`,
  );
});

test("a unit that the machine judges is not left to silence", async () => {
  const id = await open(STREAM, "0.01", "--predicate", "temperature > 999", "--min-valid", "1");
  await submit("second.csv", SMALL_CSV.replaceAll("1700", "1701"));
  const { batches } = await cli.ask("inspect", "batches", `stream_id=${streamId}`);
  const batch = String((batches as { batch_id: number }[]).at(-1)?.batch_id);
  const told = await say("escrow", "deliver", id, "--batch", batch, ...PROVIDER);
  expect(told).toContain("Unit 1 is delivered and was judged at once. Unit 1 refunded:");
  expect(told).not.toContain("silence");
  const asked = await open(UNITS, "0.01");
  const silent = await say("escrow", "deliver", asked, ...commitment, ...PROVIDER);
  expect(silent).toContain("Unit 1 is delivered; silence accepts it at");
});

describe("a receipt is not signed", () => {
  const sign = (id: string, ...words: string[]) => [...["escrow", "receipt", "sign", id, ...words]];

  test("for a unit that there is not, nor for a pull's messages", async () => {
    const id = await open(UNITS, "0.01", "--units", "3");
    for (const unit of ["0", "4", "99"]) {
      expect(await failUnsent(...sign(id, "--unit", unit), ...BUYER)).toContain(
        `${id} has units 1 to 3, not ${unit}; nothing was signed.`,
      );
    }
    expect(await failUnsent(...sign(id, "--messages", "3"), ...BUYER)).toContain(
      "a pull has no messages; nothing was signed.",
    );
    await say(...sign(id, "--unit", "3"), ...BUYER);
  });

  test("without a session's counts, with impossible ones, nor by anybody else", async () => {
    const id = await open(LIVE, "0.01");
    expect(await failUnsent(...sign(id), ...BUYER)).toContain(
      "nothing says what session 1 had; nothing was signed. Give --messages",
    );
    const more = sign(id, "--messages", "5", "--valid", "9");
    expect(await failUnsent(...more, ...BUYER)).toContain(
      "9 valid messages are more than all 5; nothing was signed.",
    );
    expect(await failUnsent(...sign(id, "--messages", "5"), ...PROVIDER)).toContain(
      `The buyer of ${id} is ${addressOf(0)}, not ${getDevelopmentAccount(1).address}; nothing`,
    );
    await say(...sign(id, "--messages", "0"), ...BUYER);
  });
});

test("what was done is said, and what is awaited until when", async () => {
  const id = await open(LIVE, "0.01", "--session", "60s", "--answer-time", "2m");
  expect(await say("escrow", "fund", id, "0.02", ...BUYER)).toBe(`${id}: 0.02 ETH put in.\n`);
  expect(await say("escrow", "auto-fill", id, "0.03", ...BUYER)).toBe(
    `${id}: It may draw 0.03 ETH from your balance.\n`,
  );
  expect(await say("escrow", "auto-fill", id, "0", ...BUYER)).toBe(
    `${id}: It draws nothing more from your balance.\n`,
  );
  expect(await say("escrow", "show", id)).toMatch(/^awaits +the next unit$/m);
  const started = await say("escrow", "session", "start", id, ...PROVIDER);
  const [, end = "", anchored = ""] =
    /runs until (.+?); without a receipt or an anchor by (.+?) it is refunded\./.exec(started) ??
    [];
  expect(Date.parse(`${anchored}`) - Date.parse(`${end}`)).toBe(120_000);
  expect(await say("escrow", "show", id)).toMatch(/^awaits +the session's end and word of it$/m);
});

test("a service is found by what its publishing says", async () => {
  const offer = ["--tags", "wind", "--price", "0.01", ...PROVIDER];
  const publish = (name: string, ...words: string[]) =>
    say("service", "publish", name, ...words, ...offer);
  for (const [name, ...words] of [["a"], ["b", "--mode", "pubsub"], ["c", "--token", "local"]]) {
    const told = await publish(name ?? "", ...words);
    const command = /find it with `tallyroll (.+)`/.exec(told)?.[1] ?? "";
    expect(await say(...command.split(" ")), told).toContain(` ${name} `);
  }
});
