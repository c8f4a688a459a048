import { zeroAddress } from "viem";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { getDevelopmentAccount } from "../../node-client/chain/chain-client.ts";
import { formatTime } from "../../node-client/command/terminal/format-csv.ts";
import { submitFalseBatch } from "./fixtures/false-batch.ts";
import { OnlineCli } from "./fixtures/online-cli.ts";

/** Escrows over streams by the command: sealed units, proven fraud, sessions that are judged. */

const BUYER = ["--dev-account", "0"];
const PROVIDER = ["--dev-account", "1"];
const addressOf = (index: number): string => getDevelopmentAccount(index).address.toLowerCase();
const MILLI_ETHER = 10n ** 15n;
/** An escrow's money, in the command's Ether: 0.01 a unit. */
const PRICE = 10n * MILLI_ETHER;
let cli: OnlineCli;
beforeAll(async () => {
  cli = await OnlineCli.start();
  await cli.ask("deposit", "1", ...BUYER);
});
afterAll(() => cli?.close());

const balanceOf = async (index: number): Promise<bigint> =>
  BigInt(String((await cli.ask("balance", addressOf(index))).amount));
const open = async (...words: string[]): Promise<string> =>
  String((await cli.ask("escrow", "open", ...words, ...BUYER)).escrowId);
const show = (id: string) => cli.ask("escrow", "show", id);
const factsOf = async (tag: string, ...words: string[]): Promise<unknown> => {
  const { services } = await cli.ask("discover", tag, ...words);
  return (services as { facts: unknown }[])[0]?.facts;
};

let fileCount = 0;
/** Sends temperatures of one device, and gives the number of the batch that they are in. */
async function submit(device: string, readings: string[], ...words: string[]) {
  const rows = ["device_id,timestamp,temperature", ...readings.map((row) => `${device},${row}`)];
  const file = cli.folder.file(`readings-${fileCount++}.csv`, `${rows.join("\n")}\n`);
  const scale = ["--scale", "*=2"];
  const { streams } = await cli.ask("submit", "--csv", file, ...scale, ...words, ...PROVIDER);
  const streamId = (streams as { streamId: number }[])[0]!.streamId;
  const { batches } = await cli.ask("inspect", "batches", `stream_id=${streamId}`);
  return { streamId, batchId: (batches as { batch_id: number }[]).at(-1)!.batch_id };
}

describe("a sealed stream", () => {
  const SEALED = ["--sealed", "--stream-name", "sold"];
  let streamId: number;
  let firstBatch: number;
  beforeAll(async () => {
    ({ streamId, batchId: firstBatch } = await submit("well", ["1700000000,7.5"], ...SEALED));
    await cli.ask("key", "encryption");
    await cli.ask("grant", "key", ...BUYER);
    const offer = ["--tags", "wells", "--price", "0.01", "--stream", String(streamId)];
    await cli.ask("service", "publish", "wells", ...offer, ...PROVIDER);
  });

  test("is not opened without a word by a buyer who has no encryption key", async () => {
    const opening = (name: string, account: string) =>
      cli.run(
        ["escrow", "open", "1", "0.01", "--dev-account", account].concat(
          ...["--relay-out", cli.folder.file(name)],
        ),
      );
    const keyless = await opening("keyless.json", "3");
    expect(keyless.err).toContain(
      `Stream ${streamId} is sealed, and ${addressOf(3)} has no encryption key yet: until it has ` +
        "one, nothing can be delivered. Run `tallyroll grant key --dev-account 3`.",
    );
    expect((await opening("keyed.json", "0")).err).not.toContain("encryption key");
  });

  test("is delivered batch by batch once its buyer has the keys, paid, and read", async () => {
    const id = await open("1", "0.02", "--units", "2");
    const deliver = (batchId: number) => ["escrow", "deliver", id, "--batch", String(batchId)];
    const old = await cli.fail([...deliver(firstBatch), ...PROVIDER]);
    expect(old).toContain(`delivery_batch_wrong: batch ${firstBatch} is not younger`);
    const { batchId } = await submit("well", ["1700003600,8.25", "1700007200,9"], ...SEALED);
    const bare = await cli.fail(["escrow", "deliver", id, ...PROVIDER]);
    expect(bare).toContain(`(batch ${batchId}: ${addressOf(0)} has no grant over its epoch 0 that`);
    const early = await cli.fail([...deliver(batchId), ...PROVIDER]);
    expect(early).toContain(`has no grant of stream ${streamId}, epoch 0`);
    expect(early).toContain("`tallyroll grant give STREAM BUYER --dev-account 1`");

    await cli.ask("grant", "give", String(streamId), addressOf(0), ...PROVIDER);
    const delivered = await cli.ask("escrow", "deliver", id, ...PROVIDER);
    expect(delivered.change).toMatchObject({ delivered: { unit: 1, batchId } });
    const before = await balanceOf(1);
    const accepted = await cli.ask("escrow", "accept", id, ...BUYER);
    expect(accepted.change).toMatchObject({ released: { firstUnit: 1, count: 1 } });
    expect((await balanceOf(1)) - before).toBe(PRICE);
    expect(await show(id)).toMatchObject({ status: "active", unit: 2, paidUnits: 1 });
    const read = await cli.run(["stream", "read", String(streamId), ...BUYER]);
    expect(read.out).toBe(
      "sequence,timestamp,temperature\n0,1700000000,7.50\n1,1700003600,8.25\n2,1700007200,9.00\n",
    );
    const twice = await cli.fail([...deliver(batchId), ...PROVIDER]);
    expect(twice).toContain(`batch ${batchId} is not younger than ${batchId}`);
  });

  test("is bought by one command, which waits, reads, checks and pays", async () => {
    const listIds = async (): Promise<string[]> => {
      const { escrows } = await cli.ask("escrow", "list", ...BUYER);
      return (escrows as { escrowId: string }[]).map(({ escrowId }) => escrowId);
    };
    const before = new Set(await listIds());
    const words = ["buy", "1", "0.01", "--accept", "--interval", "50", "--json"];
    const buying = cli.run([...words, ...BUYER]);
    let id: string | undefined;
    while (id === undefined) id = (await listIds()).find((one) => !before.has(one));
    const { batchId } = await submit("well", ["1700010800,9.5"], ...SEALED);
    await cli.ask("escrow", "deliver", id, "--batch", String(batchId), ...PROVIDER);
    const { code, out, err } = await buying;
    expect({ code, err }).toMatchObject({ code: 0 });
    const lines = out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines[1]).toEqual({ sequence: 3, time: 1_700_010_800, values: { temperature: "9.50" } });
    expect(lines.at(-1)).toMatchObject({ readings: 1, units: [{ batchId, outcome: "paid" }] });
    expect(await show(id)).toMatchObject({ status: "released" });
  });

  test("is not bought where it could not be read", async () => {
    const stranger = await cli.fail(["buy", "1", "0.01", "--dev-account", "3"]);
    expect(stranger).toContain("encryption key");
    expect(stranger).toContain("nothing was sent");
  });

  test("that is false is disproved, its unit refunded, and the provider's record says so", async () => {
    const id = await open("1", "0.02", "--units", "2", "--arbiter", addressOf(2));
    const batchId = await submitFalseBatch(cli, streamId);
    await cli.ask("escrow", "deliver", id, "--batch", String(batchId), ...PROVIDER);
    const reject = ["escrow", "reject", id, "--batch", String(batchId), ...BUYER];
    const unproven = await cli.fail(reject);
    expect(unproven).toContain(`escrow_batch_not_disproved: batch ${batchId} is not disproved`);
    expect(await factsOf("wells")).toMatchObject({ challenged: 0, refunded: 0 });

    const refused = await cli.fail(["stream", "read", String(streamId), ...BUYER]);
    const place = /--group (\d+) --batch-key (0x[0-9a-f]{64})/.exec(refused);
    expect(refused).toContain(`tallyroll challenge ${batchId}`);
    const revealed = ["--group", place?.[1] ?? "", "--batch-key", place?.[2] ?? ""];
    const proven = await cli.ask("challenge", String(batchId), ...revealed, ...BUYER);
    expect(proven).toMatchObject({ streamId });
    const before = await balanceOf(0);
    const rejected = await cli.ask(...reject);
    expect(rejected.change).toMatchObject({
      refunded: { unit: 1, amount: PRICE.toString() },
      closed: { ending: "refunded", returned: PRICE.toString() },
    });
    expect((await balanceOf(0)) - before).toBe(2n * PRICE);
    expect(await factsOf("wells")).toMatchObject({ challenged: 1, refunded: 1 });
    const { out } = await cli.run(["discover", "wells"]);
    expect(out).toContain("1 refunded, 0 lapsed, 1 challenged");
    const disproved = await cli.fail(["stream", "read", String(streamId), ...BUYER]);
    expect(disproved).toContain("a challenge has proved it false");
    const again = await cli.fail(["challenge", String(batchId), ...revealed, ...BUYER]);
    expect(again).toContain(`batch_disproved_already: batch ${batchId}`);
  });
});

describe("a session that a predicate judges", () => {
  const LIVE = ["--stream-name", "live"];
  const SESSION_SEC = 600;
  const ANSWER_SEC = 300;
  const pass = async (seconds: number): Promise<void> => {
    await cli.stack.request("evm_increaseTime", [seconds]);
    await cli.stack.mine(1);
  };
  /** Readings in the time of the session that runs: seconds behind its start, temperatures. */
  const submitLive = async (id: string, readings: [number, number][]): Promise<void> => {
    const { startedAtSec } = await show(id);
    const rows = readings.map(
      ([behindSec, value]) => `${Number(startedAtSec) + behindSec},${value}`,
    );
    await submit("roof", rows, ...LIVE);
  };

  test("is paid where the thresholds are met, refunded where not, and nobody else is asked", async () => {
    const { streamId } = await submit("roof", ["1700000000,20"], ...LIVE);
    const offer = ["--tags", "live", "--mode", "pubsub", "--stream", String(streamId)];
    await cli.ask("service", "publish", "roof", ...offer, "--price", "0.01", ...PROVIDER);
    const terms = [
      ...["--predicate", "temperature in [0, 30)", "--units", "2", "--min-valid", "0.75"],
      ...["--session", `${SESSION_SEC}s`, "--answer-time", `${ANSWER_SEC}s`],
      ...["--expected", "4", "--min-messages", "4"],
    ];
    const id = await open("2", "0.02", ...terms);
    await cli.ask("escrow", "session", "start", id, ...PROVIDER);
    const anchor = ["escrow", "session", "anchor", id, "--count", "4", "--root", "00".repeat(32)];
    const word = await cli.fail([...anchor, ...PROVIDER]);
    expect(word).toContain("escrow_judged_by_machine: a predicate judges unit 1");
    expect(word).toContain("`tallyroll escrow poke ESCROW --dev-account 1`");

    // Three of four hold: 0.75, as was asked. The one behind the session's end is not counted.
    const inTime: [number, number][] = [
      [1, 0],
      [2, 29.99],
      [SESSION_SEC - 1, 12],
      [3, 30],
    ];
    await submitLive(id, [...inTime, [SESSION_SEC, 35]]);
    const judged = { messageCount: 4, validCount: 3, earlyCount: 0, lateCount: 1, beyondCount: 0 };
    expect(await show(id)).toMatchObject({ status: "running", judged });
    await pass(SESSION_SEC + ANSWER_SEC - 60);
    expect(await cli.fail(["escrow", "poke", id, ...BUYER])).toContain("escrow_nothing_due");
    await pass(60);
    const before = [await balanceOf(0), await balanceOf(1)];
    const paid = await cli.ask("escrow", "poke", id, "--dev-account", "3");
    expect(paid.change).toMatchObject({
      released: { firstUnit: 1, count: 1, payee: addressOf(1), amount: PRICE.toString() },
      started: { unit: 2 },
    });
    expect(paid.judged).toEqual(judged);

    // Two of four hold.
    await submitLive(id, [
      [1, 0],
      [2, 10],
      [3, 30],
      [4, -0.01],
    ]);
    await pass(SESSION_SEC + ANSWER_SEC);
    const refunded = await cli.ask("escrow", "poke", id, ...PROVIDER);
    expect(refunded.change).toMatchObject({
      refunded: { unit: 2, amount: PRICE.toString() },
      closed: { ending: "released", returned: "0" },
    });
    const after = [await balanceOf(0), await balanceOf(1)];
    expect(after.map((balance, i) => balance - before[i]!)).toEqual([PRICE, PRICE]);
    const amount = PRICE.toString();
    const { units } = await cli.ask("escrow", "units", id);
    expect(units).toMatchObject([
      { unit: 1, outcome: "paid", amount, inputIndex: paid.inputIndex, judged },
      { unit: 2, outcome: "refunded", amount, judged: { messageCount: 4, validCount: 2 } },
    ]);
    expect(await factsOf("live", "--mode", "pubsub")).toMatchObject({ released: 2 });
  });

  test("is refunded where too few readings came in time", async () => {
    const terms = ["--predicate", "temperature < 30", "--expected", "2", "--min-messages", "2"];
    const times = ["--session", `${SESSION_SEC}s`, "--answer-time", `${ANSWER_SEC}s`, "--no-renew"];
    const id = await open("2", "0.01", ...terms, ...times);
    const begun = await cli.run(["escrow", "session", "start", id, ...PROVIDER]);
    const { startedAtSec } = await show(id);
    const [start = "", end = "", verdict = ""] = [0, SESSION_SEC, SESSION_SEC + ANSWER_SEC].map(
      (seconds) => formatTime(Number(startedAtSec) + seconds),
    );
    expect(begun.out).toContain(
      `Session 1 runs until ${end}; from ${verdict} on the machine judges the readings sent since ` +
        `now whose device time lies from ${start} until then.`,
    );
    // All of them hold; but for one they are not of the session's time.
    await submitLive(id, [
      [-90, 20],
      [-60, 20],
      [-30, 20],
      [1, 20],
      [SESSION_SEC, 20],
    ]);
    const counts =
      `1 reading counts, 1 of them valid; left out: 3 with a device time before ${start}, ` +
      `1 with a device time of ${end} or later`;
    const shown = await cli.run(["escrow", "show", id]);
    expect(shown.out).toContain(`so far    ${counts}\n`);
    expect(shown.out).toMatch(/^terms +Paid if all readings of a session of 10 minutes have /m);
    expect(shown.out).toMatch(/^awaits +the session's end, and the machine's judgement after it$/m);
    await pass(SESSION_SEC + ANSWER_SEC);
    const poked = await cli.run(["escrow", "poke", id, ...BUYER]);
    expect(poked.out).toBe(
      `${id}: Unit 1 refunded: 0.01 ETH to the buyer. It was judged: ${counts}. ` +
        "Closed as refunded; 0 ETH went back to the buyer.\n",
    );
    expect(await show(id)).toMatchObject({ status: "refunded", token: zeroAddress });
  });
});
