import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { OnlineCli } from "./fixtures/online-cli.ts";

/** `buy` of an open stream: what comes, how a wait ends, and what is not bought. */

const BUYER = ["--dev-account", "0"];
const PROVIDER = ["--dev-account", "1"];
let cli: OnlineCli;
beforeAll(async () => {
  cli = await OnlineCli.start();
  await cli.ask("deposit", "1", ...BUYER);
}, 60_000);
afterAll(() => cli?.close());

const show = (id: string) => cli.ask("escrow", "show", id);

let fileCount = 0;
/** Sends temperatures of one device, and gives the stream that they are in. */
async function submit(device: string, readings: string[], ...words: string[]): Promise<number> {
  const rows = ["device_id,timestamp,temperature", ...readings.map((row) => `${device},${row}`)];
  const file = cli.folder.file(`readings-${fileCount++}.csv`, `${rows.join("\n")}\n`);
  const { streams } = await cli.ask("submit", "--csv", file, ...words, ...PROVIDER);
  return (streams as { streamId: number }[])[0]!.streamId;
}

/** The buyer's escrow that waits for its first delivery, once it is there. */
async function nextEscrow(): Promise<string> {
  for (;;) {
    const { escrows } = await cli.ask("escrow", "list", "--status", "active", ...BUYER);
    const [only] = escrows as { escrowId: string }[];
    if (only !== undefined) return only.escrowId;
    await new Promise((done) => setTimeout(done, 50));
  }
}

describe("an open stream that is bought", () => {
  const OPEN = ["--stream-name", "tower"];
  let serviceId: string;
  beforeAll(async () => {
    const streamId = await submit("tower", ["1700000000,7.5"], ...OPEN);
    const offer = ["--tags", "towers", "--price", "0.01", "--stream", String(streamId)];
    const published = await cli.ask("service", "publish", "tower", ...offer, ...PROVIDER);
    serviceId = String(published.serviceId);
  });

  test("comes unit by unit as CSV; what is not accepted waits for an answer", async () => {
    const words = ["buy", serviceId, "0.02", "--units", "2", "--interval", "50", ...BUYER];
    const buying = cli.run(words);
    const id = await nextEscrow();
    await submit("tower", ["1700003600,8.2"], ...OPEN);
    await cli.ask("escrow", "deliver", id, ...PROVIDER);
    await cli.ask("escrow", "accept", id, ...BUYER);
    await submit("tower", ["1700007200,9"], ...OPEN);
    await cli.ask("escrow", "deliver", id, ...PROVIDER);
    const { code, out, err } = await buying;
    expect([code, out]).toEqual([
      0,
      "sequence,timestamp,temperature\n1,1700003600,8.2\n2,1700007200,9.0\n",
    ]);
    expect(err).toContain(`${id}: 0.02 ETH for 2 units of tower, 0.01 ETH each.`);
    expect(err).toMatch(/Unit 2 of 2, batch \d+: 1 reading for 0\.01 ETH; silence accepts it at /);
    expect(err).toContain(
      `Accept it with \`tallyroll escrow accept ${id} --dev-account 0\`, or reject it with ` +
        `\`tallyroll escrow reject ${id} --dev-account 0\`.`,
    );
    await cli.ask("escrow", "accept", id, ...BUYER);
  });

  test("ends its wait with Ctrl-C or the delivery time, and says how to go on", async () => {
    let interrupt = (): void => {};
    const onInterrupt = (listener: () => void): (() => void) => {
      interrupt = listener;
      return () => {};
    };
    const words = ["buy", serviceId, "0.01", "--interval", "50", "--delivery-time", "1h", ...BUYER];
    const stopped = cli.run(words, { onInterrupt });
    const id = await nextEscrow();
    interrupt();
    const { code, err } = await stopped;
    expect([code, err]).toEqual([
      2,
      expect.stringContaining(
        `Interrupted: 0 of 1 unit came; ${id} is left as it is. See it with \`tallyroll escrow units ${id}\``,
      ),
    ]);
    expect(await show(id)).toMatchObject({ status: "active" });
    await cli.stack.request("evm_increaseTime", [3_601]);
    await cli.stack.mine(1);
    await cli.ask("escrow", "poke", id, ...BUYER);
    const late = cli.run(words);
    const second = await nextEscrow();
    await cli.stack.request("evm_increaseTime", [3_601]);
    await cli.stack.mine(1);
    const told = (await late).err;
    expect(told).toContain("Nothing more was delivered by ");
    expect(told).toContain(
      `Take back what it holds with \`tallyroll escrow poke ${second} --dev-account 0\`.`,
    );
    await cli.ask("escrow", "poke", second, ...BUYER);
  });

  test("is no session, and no data that goes another way", async () => {
    const offer = ["--tags", "other", "--price", "0.01"];
    const live = await cli.ask(
      ...["service", "publish", "live", "--mode", "pubsub", ...offer, ...PROVIDER],
    );
    const session = await cli.fail(["buy", String(live.serviceId), "0.01", ...BUYER]);
    expect(session).toContain("live is sold by the session, which is not bought in one command");
    expect(session).toContain(`\`tallyroll escrow open ${live.serviceId} AMOUNT --dev-account 0\``);
    const files = await cli.ask("service", "publish", "files", ...offer, ...PROVIDER);
    const other = await cli.fail(["buy", String(files.serviceId), "0.01", ...BUYER]);
    expect(other).toContain("files sells no stream: what it delivers goes another way");
    const little = await cli.fail(["buy", serviceId, "0.001", ...BUYER]);
    expect(little).toContain("A unit of tower costs 0.01 ETH");
  });
});
