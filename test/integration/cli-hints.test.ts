import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { getDevelopmentAccount } from "../../node-client/chain/chain-client.ts";
import { OnlineCli } from "./fixtures/online-cli.ts";

/** What a command says to do next can be pasted, and does it. */

const PROVIDER = ["--dev-account", "0"];
const BUYER = ["--dev-account", "1"];
const STRANGER = ["--dev-account", "2"];
const addressOf = (index: number): string => getDevelopmentAccount(index).address.toLowerCase();
let cli: OnlineCli;
/** A sealed stream that is sold, and an open one beside it. */
let sealed: string;
let open: string;
let serviceId: string;
beforeAll(async () => {
  cli = await OnlineCli.start();
  await cli.ask("deposit", "1", ...BUYER);
  sealed = await submit("1700000000,7.5", "--sealed", "--stream-name", "sold");
  open = await submit("1700000000,7.5");
  const offer = ["--tags", "wells", "--price", "0.01", "--stream", sealed];
  serviceId = String(
    (await cli.ask("service", "publish", "wells", ...offer, ...PROVIDER)).serviceId,
  );
});
afterAll(() => cli?.close());

let fileCount = 0;
async function submit(row: string, ...words: string[]): Promise<string> {
  const content = `device_id,timestamp,temperature\nwell,${row}\n`;
  const file = cli.folder.file(`readings-${fileCount++}.csv`, content);
  const { streams } = await cli.ask("submit", "--csv", file, ...words, ...PROVIDER);
  return String((streams as { streamId: number }[])[0]?.streamId);
}

/** The commands that a text says to run. */
const hintsIn = (text: string): string[] =>
  [...text.replace(/\s+/g, " ").matchAll(/`tallyroll ([^`]+)`/g)].map(([, words = ""]) => words);
const runHint = (hint: string | undefined, ...more: string[]) =>
  cli.run([...(hint ?? "").split(" "), ...more]);
const openEscrow = (...words: string[]) =>
  cli.run(["escrow", "open", serviceId, "0.01", "--json", ...words]);
const idIn = (out: string): string => JSON.parse(out).escrowId;

describe("an encryption key", () => {
  test("is made and published by what opening says, with the account", async () => {
    const { err } = await openEscrow(...BUYER, "--relay-out", "never.json");
    expect(hintsIn(err)).toEqual(["key encryption", "grant key --dev-account 1"]);
    await runHint(hintsIn(err)[0]);
    // The folder has one now: making it again would fail.
    const again = await openEscrow(...BUYER, "--relay-out", "nor-this.json");
    expect(hintsIn(again.err)).toEqual(["grant key --dev-account 1"]);
    const bare = await cli.fail(["stream", "read", sealed, ...STRANGER]);
    expect(hintsIn(bare)[0]).toBe("grant key --dev-account 2");
    expect((await runHint(hintsIn(again.err)[0])).code).toBe(0);
  });

  test("that is there is asked for no more, and sent no second time", async () => {
    const early = await cli.fail(["stream", "read", sealed, ...BUYER]);
    expect(hintsIn(early)).toEqual([`grant give ${sealed} ${addressOf(1)}`]);
    const inputsOf = async () => (await cli.ask("status")).node as { processedInputCount: number };
    const before = await inputsOf();
    const twice = await cli.run(["grant", "key", ...BUYER]);
    expect([twice.code, twice.out]).toEqual([
      0,
      expect.stringMatching(/^The encryption key of 0x\w+ is 0x\w+ already; nothing was sent\.$/m),
    ]);
    expect(await cli.ask("grant", "key", ...BUYER)).toMatchObject({ sent: false });
    expect(await inputsOf()).toMatchObject({ processedInputCount: before.processedInputCount });
  });
});

test("a delivery that lacks a grant names it, whole", async () => {
  const id = idIn((await openEscrow(...BUYER)).out);
  await submit("1700003600,8.5", "--sealed", "--stream-name", "sold");
  const early = await cli.fail(["escrow", "deliver", id, ...PROVIDER]);
  const give = `grant give ${sealed} ${addressOf(1)} --dev-account 0`;
  expect(hintsIn(early)).toEqual([give]);
  expect(early).not.toContain("Send new readings");
  expect((await runHint(give)).code).toBe(0);
  expect((await cli.run(["escrow", "deliver", id, ...PROVIDER])).code).toBe(0);
});

test("a purchase that is interrupted is gone on with for the same account", async () => {
  let interrupt = (): void => {};
  const onInterrupt = (listener: () => void): (() => void) => {
    interrupt = listener;
    return () => {};
  };
  const buying = cli.run(["buy", serviceId, "0.01", "--interval", "50", ...BUYER], { onInterrupt });
  const list = ["escrow", "list", "--status", "active", ...BUYER];
  await expect
    .poll(async () => (await cli.ask(...list)).escrows, { timeout: 60_000 })
    .not.toEqual([]);
  interrupt();
  const { err } = await buying;
  const id = /standard:0x[0-9a-f]{32}/.exec(err)?.[0];
  expect(hintsIn(err)).toEqual([
    `escrow units ${id}`,
    `stream read ${sealed} --dev-account 1`,
    `escrow accept ${id} --dev-account 1`,
    `escrow reject ${id} --dev-account 1`,
  ]);
  const read = await runHint(hintsIn(err)[1]);
  expect(read.err).not.toContain("as the owner");
  const token = await cli.run(["escrow", "show", id ?? ""]);
  expect(token.out).toMatch(/^token +token-did:empic:/m);
});

test("a sealed stream read without an account says whose keys read it", async () => {
  const { err } = await cli.run(["stream", "read", sealed]);
  expect(err).toContain("Read as the owner, by the epoch keys of this data folder.");
});

test("money that comes in or goes out is followed by the same account's next step", async () => {
  const withdrawn = await cli.run(["withdraw", "0.1", ...BUYER]);
  expect(hintsIn(withdrawn.out)).toEqual([expect.stringMatching(/^execute \d+ --dev-account 1$/)]);
  const terms = [addressOf(0), "0.1", "--blocks", "1000"];
  const opened = await cli.run(["channel", "open", ...terms, ...BUYER]);
  expect(hintsIn(opened.out)).toEqual([
    expect.stringMatching(/^channel pay \d+ AMOUNT --dev-account 1$/),
  ]);
});

describe("readings", () => {
  test.each([["latest"], ["readings"]])("of a sealed stream: stream %s says how", async (name) => {
    const said = await cli.fail(["stream", name, sealed]);
    expect(hintsIn(said)).toEqual([`stream read ${sealed}`]);
  });

  test("that are to be proved, or read the wrong way, name the stream", async () => {
    const proof = await cli.fail(["prove", sealed, "0"]);
    expect(hintsIn(proof)).toEqual([`stream read ${sealed}`]);
    const decrypted = await cli.fail(["stream", "read", open]);
    expect(hintsIn(decrypted)).toEqual([`stream readings ${open}`]);
    const span = ["--from", "2023-11-14", "--to", "2023-11-16"];
    const metric = await cli.fail(["stream", "statistics", open, "tempp", ...span]);
    expect(hintsIn(metric)).toEqual([`stream show ${open}`]);
    const service = await cli.fail(["escrow", "open", "99", "0.01", ...BUYER]);
    expect(hintsIn(service)).toEqual(["discover"]);
  });
});

describe("whoever only looks", () => {
  test.each([
    ["balance"],
    ["status"],
    ["device list"],
    ["escrow list"],
    ["channel list"],
    ["wallet statement"],
    ["wallet low-balance"],
    ["grant list"],
    ["service list"],
  ])("%s signs nothing, and does not say so", async (words) => {
    const { err } = await cli.run([...words.split(" "), ...BUYER]);
    expect(err).not.toContain("Signing");
    expect(err.match(/As development account 1, 0x\w{40}\./g)).toHaveLength(1);
  });

  test("is told once whose grants read a stream", async () => {
    const { err } = await cli.run(["stream", "read", sealed, ...BUYER]);
    expect(err.match(/development account/g)).toHaveLength(1);
    expect(err).not.toContain("Signing");
  });
});

test("a balance without --token is of all that the local rollup knows", async () => {
  const before = await cli.run(["balance", ...STRANGER]);
  expect(before.out).toBe("0 ETH\n");
  await cli.ask("mint", "5", ...STRANGER);
  await cli.ask("deposit", "5", "--token", "local", "--approve", ...STRANGER);
  const { out } = await cli.run(["balance", ...STRANGER]);
  expect(out).toBe("0 ETH\n5 TEST\n");
  expect(await cli.ask("balance", ...STRANGER)).toMatchObject({
    amount: "0",
    balances: [
      { symbol: "ETH", amount: "0" },
      { symbol: "TEST", amount: "5000000000000000000" },
    ],
  });
});
