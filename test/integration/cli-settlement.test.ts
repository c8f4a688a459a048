import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { getDevelopmentAccount } from "../../node-client/chain/chain-client.ts";
import { OnlineCli } from "./fixtures/online-cli.ts";
import { SMALL_CSV } from "./fixtures/run-cli.ts";

/** Services, escrows and channels by the command, over a real chain and node. */

const BUYER = ["--dev-account", "0"];
const PROVIDER = ["--dev-account", "1"];
const ARBITER = ["--dev-account", "2"];
const addressOf = (index: number): string => getDevelopmentAccount(index).address.toLowerCase();
const ETHER = 10n ** 18n;
let cli: OnlineCli;
beforeAll(async () => {
  cli = await OnlineCli.start();
  await cli.ask("deposit", "5", ...BUYER);
});
afterAll(() => cli?.close());

const balanceOf = async (index: number): Promise<bigint> =>
  BigInt(String((await cli.ask("balance", addressOf(index))).amount));
const open = async (...words: string[]): Promise<string> =>
  String((await cli.ask("escrow", ...words, ...BUYER)).escrowId);
const show = (id: string) => cli.ask("escrow", "show", id);

describe("services", () => {
  test("are published, found by tag and price, updated, and shown with their record", async () => {
    await cli.ask("service", "organization", "north-grid", "North Grid Ltd", ...PROVIDER);
    const group = "01".repeat(32);
    await cli.ask(
      ...["service", "payment-group", "north-grid", "default", "--group", group, ...PROVIDER],
    );
    const offer = ["--tags", "weather,test", "--price", "0.01"];
    const published = await cli.ask(
      ...["service", "publish", "roof", ...offer, "--organization", "north-grid"],
      ...["--group", group, "--endpoint", "https://grid.example/api", ...PROVIDER],
    );
    expect(published).toMatchObject({ serviceId: 1, version: 1 });
    const live = ["--mode", "pubsub", "--tags", "weather", "--price", "0.4"];
    await cli.ask("service", "publish", "live", ...live, ...PROVIDER);
    expect(await cli.ask("discover", "weather", "--ceiling", "0.02")).toMatchObject({
      services: [{ serviceId: 1, name: "roof", provider: addressOf(1), mode: "pull" }],
    });
    expect(await cli.ask("discover", "weather", "--ceiling", "0.001")).toMatchObject({
      services: [],
    });
    expect(await cli.ask("discover")).toMatchObject({
      services: [{ name: "roof" }, { name: "live" }],
    });
    expect(await cli.ask("discover", "--mode", "pubsub")).toMatchObject({
      services: [{ name: "live" }],
    });
    expect((await cli.ask("discover", "--ceiling", "0.02")).services).toHaveLength(1);
    expect(await cli.ask("discover", "--token", "local")).toEqual({ services: [] });
    const update = ["service", "update", "1", "--tags", "weather", "--price", "0.02"];
    expect(await cli.ask(...update, ...PROVIDER)).toMatchObject({ version: 2 });
    const shown = await cli.run(["service", "show", "1"]);
    expect(shown.out).toContain("price     0.02 ETH a pull\n");
    expect(shown.out).toContain("0 released, 0 refunded, 0 lapsed, 0 challenged");
    const first = await cli.run(["service", "show", "1", "--service-version", "1"]);
    expect(first.out).toContain("version   1 of 2\n");
    expect(first.out).toContain("price     0.01 ETH a pull\n");
    const stranger = await cli.fail([...update, ...BUYER]);
    expect(stranger).toContain("service_sender_not_provider");
    expect(stranger).toContain(
      "with the provider's account, whom `tallyroll service show SERVICE` names.",
    );
  });
});

describe("escrows", () => {
  const commitment = ["--commitment", "22".repeat(32)];

  test("a pull is delivered, accepted by its buyer and by a receipt", async () => {
    const id = await open("open", "1", "0.04", "--units", "2");
    await cli.ask("escrow", "deliver", id, ...commitment, ...PROVIDER);
    const before = await balanceOf(1);
    const accepted = await cli.ask("escrow", "accept", id, ...BUYER);
    expect(accepted.change).toMatchObject({ released: { firstUnit: 1, count: 1 } });
    const signed = await cli.run(["escrow", "receipt", "sign", id, "--unit", "2", ...BUYER]);
    const file = cli.folder.file("receipt.json", signed.out);
    const redeemed = await cli.ask("escrow", "receipt", "redeem", file, ...PROVIDER);
    expect(redeemed.change).toMatchObject({ closed: { ending: "released", returned: "0" } });
    expect((await balanceOf(1)) - before).toBe((4n * ETHER) / 100n);
    const again = await cli.fail(["escrow", "receipt", "redeem", file, ...PROVIDER]);
    expect(again).toContain(
      `The receipt accepts 2 units, and ${id} has 2 paid and 0 refunded, so it was redeemed or ` +
        "settled already; the escrow is released. Nothing was sent (receipt_not_needed).",
    );
    expect(await cli.ask("escrow", "units", id)).toMatchObject({
      units: [
        { unit: 1, outcome: "paid", amount: (ETHER / 50n).toString() },
        { unit: 2, outcome: "paid", amount: (ETHER / 50n).toString() },
      ],
    });
    const { out } = await cli.run(["escrow", "units", id]);
    expect(out).toMatch(/^unit +outcome +input +delivered +judged\n +1 +paid 0\.02 ETH +\d+/);
  });

  test("a rejected unit is split by the arbiter", async () => {
    const id = await open("open", "1", "0.02", "--arbiter", addressOf(2));
    await cli.ask("escrow", "deliver", id, ...commitment, ...PROVIDER);
    await cli.ask("escrow", "reject", id, ...BUYER);
    expect(await show(id)).toMatchObject({ status: "disputed" });
    const disputes = ["escrow", "list", "--disputes", ...ARBITER];
    expect(await cli.ask(...disputes)).toMatchObject({
      account: addressOf(2),
      escrows: [{ escrowId: id, status: "disputed" }],
    });
    expect((await cli.run(["escrow", "list", ...ARBITER])).err).toContain("--disputes those that");
    const tooMuch = await cli.fail(["escrow", "split", id, "0.03", ...ARBITER]);
    expect(tooMuch).toContain("arbitration_over_price");
    const split = await cli.ask("escrow", "split", id, "0.005", ...ARBITER);
    expect(split.change).toMatchObject({
      released: { amount: ((5n * ETHER) / 1_000n).toString() },
      closed: { ending: "released" },
    });
    expect(await cli.ask(...disputes)).toMatchObject({ escrows: [] });
  });

  test("an intent is taken by whoever fits, and ended", async () => {
    const id = await open("intent", "weather", "0.05", "--ceiling", "0.05", "--units", "1");
    expect(id).toMatch(/^intent:0x[0-9a-f]{32}$/);
    expect(await cli.ask("escrow", "intents", "weather")).toMatchObject({
      escrows: [{ escrowId: id, status: "offered" }],
    });
    const taken = await cli.ask("escrow", "take", id, "1", ...PROVIDER);
    expect(taken).toMatchObject({ price: ((2n * ETHER) / 100n).toString() });
    const ended = await cli.ask("escrow", "end", id, ...PROVIDER);
    const returned = ((2n * ETHER) / 100n).toString();
    expect(ended.change).toEqual({ closed: { ending: "refunded", returned } });
  });

  test("sessions are settled by the buyer's receipt, and renew", async () => {
    const terms = [
      "--units",
      "2",
      "--session",
      "60s",
      "--min-messages",
      "10",
      "--min-valid",
      "0.75",
    ];
    const id = await open("open", "2", "0.4", "--auto-fill", "0.4", ...terms);
    await cli.ask("escrow", "session", "start", id, ...PROVIDER);
    const counts = ["--messages", "15", "--valid", "14"];
    const signed = await cli.run(["escrow", "receipt", "sign", id, ...counts, ...BUYER]);
    const file = cli.folder.file("session.json", signed.out);
    const redeemed = await cli.ask("escrow", "receipt", "redeem", file, ...PROVIDER);
    expect(redeemed.change).toMatchObject({
      released: { firstUnit: 1 },
      filled: ((4n * ETHER) / 10n).toString(),
      started: { unit: 2 },
    });
    const early = ["escrow", "session", "anchor", id, "--count", "3", "--root", "00".repeat(32)];
    expect(await cli.fail([...early, ...PROVIDER])).toContain("Wait for its end");
    expect(await cli.fail(["escrow", "poke", id, ...BUYER])).toContain("escrow_nothing_due");
  });
});

describe("channels", () => {
  test("payments are signed off chain, redeemed at once, and recovered from the state", async () => {
    const opened = await cli.ask("channel", "open", addressOf(1), "0.1", ...BUYER);
    expect(opened).toMatchObject({ channelId: 0, sender: addressOf(0) });
    const lines: string[] = [];
    for (const lane of ["0", "1", "2", "1", "2"]) {
      const { out } = await cli.run(["channel", "pay", "0", "0.01", "--lane", lane, ...BUYER]);
      lines.push(out);
    }
    const file = cli.folder.file("payments.txt", lines.join(""));
    const before = await balanceOf(1);
    const claimed = await cli.ask("channel", "multi-claim", file, ...PROVIDER);
    expect(claimed).toMatchObject({ read: 5, redeemed: 3, idle: [] });
    expect((await balanceOf(1)) - before).toBe((5n * ETHER) / 100n);
    expect(await cli.ask("channel", "recover", ...BUYER)).toMatchObject({
      channels: [{ channel: { nonce: 1, lastActual: (ETHER / 100n).toString() }, freshLane: 3 }],
    });
    const again = await cli.ask("channel", "multi-claim", file, ...PROVIDER);
    expect(again).toMatchObject({ redeemed: 0 });
    const over = await cli.fail(["channel", "pay", "0", "0.06", ...BUYER]);
    expect(over).toContain("Add funds to the channel");
    const early = await cli.fail(["channel", "timeout", "0", ...BUYER]);
    expect(early).toContain("channel_not_expired");
  });

  test("one payment is claimed with send-back; funds and expiration are the sender's", async () => {
    await cli.ask("channel", "add", "0", "0.05", ...BUYER);
    await cli.ask("channel", "extend", "0", "--blocks", "90000", "--add", "0.05", ...BUYER);
    const { out } = await cli.run(["channel", "pay", "0", "0.02", "--mpe", ...BUYER]);
    const file = cli.folder.file("one.json", out);
    const claim = ["channel", "claim", file, "--actual", "0.01", "--send-back", ...PROVIDER];
    expect(await cli.ask(...claim)).toMatchObject({
      amount: (ETHER / 100n).toString(),
      sentBack: ((14n * ETHER) / 100n).toString(),
      keptInChannel: "0",
    });
  });

  test("a third party opens one for whoever signs", async () => {
    const words = ["channel", "sign-opening", addressOf(1), "0.01", "--payer", addressOf(0)];
    const { out } = await cli.run([...words, ...ARBITER]);
    const file = cli.folder.file("opening.json", out);
    const open = ["channel", "open-signed", file, "--amount", "0.01"];
    const opened = await cli.ask(...open, ...BUYER);
    expect(opened).toMatchObject({ sender: addressOf(2), recipient: addressOf(1) });
    const twice = await cli.fail([...open, ...BUYER]);
    expect(twice).toContain("channel_message_used");
  });
});

describe("wallet", () => {
  test("a low balance is told when it falls, once, and relayed operations keep their notices", async () => {
    await cli.ask("wallet", "low-balance", "4", ...BUYER);
    const set = await cli.ask("wallet", "low-balance", ...BUYER);
    expect(set).toMatchObject({ threshold: (4n * ETHER).toString() });
    const files = ["a.json", "b.json"].map((name) => cli.folder.file(name));
    for (const [nonce, file] of files.entries()) {
      const relay = ["--relay-out", file, "--relay-nonce", String(nonce)];
      await cli.ask("transfer", "0.5", addressOf(1), ...relay, ...BUYER);
    }
    const { relayed } = await cli.ask("relay", ...files, ...ARBITER);
    expect(relayed).toMatchObject([{ status: "applied" }, { status: "applied" }]);
    const told = await cli.ask("outputs", "--notice", "BalanceLow", "--limit", "9");
    expect(told.outputs).toHaveLength(1);
  });
});

test("a file of readings is no payment", async () => {
  const file = cli.folder.file("readings.csv", SMALL_CSV);
  const { code, err } = await cli.run(["channel", "multi-claim", file, ...PROVIDER]);
  expect(code).toBe(2);
  expect(err).toContain("readings.csv, line 1: This is not a channel's payment: it is not JSON.");
  expect(err).toContain("none redeemed");
});
