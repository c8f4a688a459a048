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
/** Runs what has to succeed, and gives what it says of terms before anything is signed. */
async function told(...words: string[]): Promise<string[]> {
  const { code, err } = await cli.run(words);
  if (code !== 0) throw new Error(err);
  return err.split("\n").filter((line) => line !== "" && !line.startsWith("Signing as "));
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

test("a service that sells a stream is delivered by its newest batch, and by nothing old", async () => {
  const id = await open(STREAM, "0.02", "--units", "2");
  const deliver = ["escrow", "deliver", id, ...PROVIDER];
  const newest = async (): Promise<number> => {
    const { batches } = await cli.ask("inspect", "batches", `stream_id=${streamId}`);
    return (batches as { batch_id: number }[]).at(-1)?.batch_id ?? 0;
  };
  const old = await newest();
  const none = `Stream ${streamId} has no batch that can be delivered (batch ${old}: what was there when`;
  expect(await failUnsent(...deliver)).toContain(
    `${none} the escrow began (up to batch ${old + 1}) is not sold); nothing was sent. Send new`,
  );
  for (const words of [commitment, ["--batch", "1", ...commitment]]) {
    expect(await failUnsent(...deliver, ...words)).toContain(
      `--commitment is not possible: service ${STREAM} sells stream ${streamId}; nothing was sent.`,
    );
  }
  const numbers: string[] = [];
  for (const hour of ["1703", "1704", "1705"]) {
    const file = cli.folder.file(`${hour}.csv`, SMALL_CSV.replaceAll("1700", hour));
    const sent = await say("submit", "--csv", file, ...PROVIDER);
    // Two devices, so two batches; the first device's stream is sold.
    expect(sent).toMatch(/; 1 input sent; batches \d+ to \d+\n$/);
    numbers.push(/batches (\d+)/.exec(sent)?.[1] ?? "");
  }
  const [first, second, third] = numbers;
  expect(await told(...deliver)).toEqual([
    `Delivering batch ${third} of stream ${streamId}, the newest that can be. After it older ones ` +
      `cannot be any more: ${second}, ${first}; to deliver one of them first, name it with --batch.`,
    `Not deliverable is batch ${old}: what was there when the escrow began (up to batch ` +
      `${old + 1}) is not sold.`,
  ]);
  await cli.ask("escrow", "accept", id, ...BUYER);
  expect(await failUnsent(...deliver)).toContain(
    `batch ${third}: what was there when its last unit was settled (up to batch ${third}) is not`,
  );
});

test("what is left unsaid is said before it is signed: an opening, an intent, its taking", async () => {
  const silence =
    "Terms: Paid if the buyer accepts the unit, or says nothing for 1 hour after its delivery; what " +
    "the buyer rejects is refunded and ends the escrow; up to 3 units, each delivered within 1 day " +
    "after the one before is settled, or the escrow ends and returns what it holds; nothing more is drawn from " +
    "the buyer's balance.";
  const three = ["0.01", "--units", "3", ...BUYER];
  const later = (name: string) => ["--relay-out", cli.folder.file(name)];
  expect(await told("escrow", "open", UNITS, ...three, ...later("opening.json"))).toEqual([
    silence,
    "0.01 ETH pays 1 of 3 units; the others need `tallyroll escrow fund ESCROW AMOUNT --dev-account 0`, or --auto-fill.",
  ]);
  const intent = ["escrow", "intent", "data", "--ceiling", "0.01", ...three];
  expect(await told(...intent, ...later("intent.json"))).toEqual([
    "Anybody who sells data at 0.01 ETH or less a unit may take it within 1 day; else 0.01 ETH comes back.",
    silence,
    "0.01 ETH pays 1 of 3 units, whatever the provider's price: what these do not cost comes back. " +
      "The others need `tallyroll escrow fund ESCROW AMOUNT --dev-account 0`, or --auto-fill.",
  ]);
  const id = await intend("0.01", "--ceiling", "0.01", "--units", "3");
  expect(await told("escrow", "take", id, UNITS, ...PROVIDER)).toEqual([
    silence,
    "It holds 0.01 ETH, which pays 1 of 3 units; the others wait for the buyer's money.",
  ]);
});

test("what is left unsaid is said before it is signed: an offer, a channel", async () => {
  const later = (name: string) => ["--relay-out", cli.folder.file(name)];
  const offer = ["service", "publish", "unsaid", "--tags", "a,b", "--price", "0.01", ...PROVIDER];
  expect(await told(...offer, ...later("offer.json"))).toEqual([
    "Offer: 0.01 ETH a pull, paid to this account, for data off the machine; 2 tags, 0 endpoints, " +
      "no organization.",
  ]);
  const channel = ["channel", "open", addressOf(1), "0.01", ...BUYER];
  const [terms] = await told(...channel, ...later("channel.json"));
  expect(terms?.replace(/block \d+ \(about [-\d]+ [\d:]+ UTC\)/, "block N (about then)")).toBe(
    `Terms: 0.01 ETH for ${addressOf(1)}, who redeems payments signed by ${addressOf(0)} in MPE's ` +
      "form or EIP-712's; no payment group; from block N (about then) on, 50000 blocks from now, " +
      "the sender takes back what is left.",
  );
});

test.each([
  ["escrow", "open", 13],
  ["escrow", "intent", 17],
  ["service", "publish", 9],
  ["channel", "open", 5],
])(
  "every option of %s %s that may be left away has its default in the help",
  async (group, name, least) => {
    const { out } = await cli.run([group, name, "--help"]);
    const own = out
      .replace(/\n {10,}/g, " ")
      .split("\n")
      .filter((line) => /^ +--/.test(line) && !/--(?:price|tags|ceiling) /.test(line));
    const bare = own.filter((line) => !line.includes("default: "));
    // These say of themselves what they do; none is a term.
    const plain =
      /--(?:rpc|node|inspect|app|keystore|dev-account|relay-out|json|data-folder|base-units|token|until|days|organization|payment-group)/;
    expect(bare.filter((line) => !plain.test(line))).toEqual([]);
    expect(own.length).toBeGreaterThanOrEqual(least);
  },
);

test("a predicate that one reading fails refunds the unit, unless less was asked for", async () => {
  const sevens = SMALL_CSV.replaceAll("1700", "1702");
  const judging = ["--predicate", "temperature in [25, 143)"];
  const opening = ["escrow", "open", STREAM, "0.01", ...judging, ...BUYER];
  const { out, err } = await cli.run([...opening, "--json"]);
  expect(err).toContain("Terms: Paid if all readings of a batch have temperature in [25, 142.99]");
  const whole = String(JSON.parse(out).escrowId);
  const lax = await open(STREAM, "0.01", ...judging, "--min-valid", "0");
  await submit("sevens.csv", sevens);
  const { batches } = await cli.ask("inspect", "batches", `stream_id=${streamId}`);
  const batch = ["--batch", String((batches as { batch_id: number }[]).at(-1)?.batch_id)];
  expect(await say("escrow", "deliver", whole, ...batch, ...PROVIDER)).toContain("Unit 1 refunded");
  expect(await say("escrow", "deliver", lax, ...batch, ...PROVIDER)).toContain("Unit 1 paid");
});

test("a unit that the machine judges is not left to silence", async () => {
  const id = await open(STREAM, "0.01", "--predicate", "temperature > 999");
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
