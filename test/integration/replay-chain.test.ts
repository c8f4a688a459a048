import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Hex } from "../../spec/outputs.ts";
import { computeOutputsRoot, ReplayedChain } from "./fixtures/replayed-chain.ts";
import { Folder, lastJson, runCli } from "./fixtures/run-cli.ts";

/** `replay --rpc` over a real chain. What providers do to it: replay-chain-provider.test.ts. */

const ETHER = 10n ** 18n;
const HASH = /^0x[0-9a-f]{64}$/;
const folder = new Folder();
let first: ReplayedChain;

beforeAll(async () => {
  first = await ReplayedChain.start();
});
afterAll(async () => {
  await first?.stop();
  folder.remove();
});

const replay = (chain: ReplayedChain, ...words: string[]) =>
  runCli(["replay", ...chain.words, ...words]);

/** Deposits, and sends the withdrawal of half of it: its voucher is the last output but one. */
async function withdraw(chain: ReplayedChain): Promise<void> {
  await chain.depositEther(ETHER);
  const recipient = Uint8Array.from(Buffer.from(chain.client.account.address.slice(2), "hex"));
  const token = new Uint8Array(20);
  await chain.sendOperation({ kind: "withdraw", token, recipient, amount: ETHER / 2n });
}

describe("an honest chain", () => {
  let chain: ReplayedChain;
  let claims: { readonly epoch: number; readonly root: Hex }[];
  let outputs: readonly Uint8Array[];
  let voucher: number;
  beforeAll(async () => {
    chain = await first.another();
    await chain.send(...chain.encodeDevices());
    const devices = await chain.claim();
    await withdraw(chain);
    // An input that is refused counts, too.
    await chain.send(new Uint8Array(3));
    claims = [devices, await chain.claim(), await chain.claim()];
    outputs = (await chain.follow()).outputs;
    voucher = outputs.findIndex((output) => output[0] === 0x23);
    await chain.execute(outputs, voucher);
  });

  test("is verified: inputs, claims, an executed voucher, a block", async () => {
    // The tree is computed here from all its leaves, and the contract has taken its proof.
    expect(computeOutputsRoot(outputs)).toBe(claims[1]?.root);
    const { code, out, err } = await replay(chain, "--json");
    expect([code, err]).toEqual([0, ""]);
    const result = lastJson(out);
    const head = await chain.readHead();
    expect(result).toEqual({
      inputs: 7,
      accepted: 6,
      rejected: 1,
      exceptions: 0,
      genesisRoot: expect.stringMatching(HASH),
      root: expect.stringMatching(HASH),
      outputsMerkleRoot: claims[1]?.root,
      claims: claims.map(({ epoch, root }, i) => ({
        epoch,
        lastProcessedBlockNumber: chain.getLastBlock(epoch),
        outputsMerkleRoot: root,
        input: [3, 6, 6][i],
        transactionHash: expect.stringMatching(HASH),
        holds: true,
      })),
      unclaimedEpochs: [],
      executed: [
        {
          outputIndex: voucher,
          outputHash: expect.stringMatching(HASH),
          transactionHash: expect.stringMatching(HASH),
          holds: true,
        },
      ],
      chainId: 31_337,
      app: chain.app,
      block: head,
      verified: true,
      keyProved: true,
    });
  });

  test("is told to people in lines that end in the verdict", async () => {
    const { code, out, err } = await replay(chain);
    expect([code, err]).toEqual([0, ""]);
    expect(out).toContain("inputs               7 (6 accepted, 1 rejected)\n");
    expect(out).toContain("claims               3 of 3 hold\n");
    expect(out).toContain("executed outputs     1 of 1 hold\nverified: every input is");
  });

  test("gives the same root on two threads, and a snapshot; shows progress and removes it", async () => {
    const one = lastJson((await replay(chain, "--json")).out);
    const file = folder.file("state.sqlite");
    const words = ["--threads", "2", "--snapshot", file, "--json"];
    const two = await runCli(["replay", ...chain.words, ...words], { isTerminal: true });
    expect(two.code).toBe(0);
    expect(lastJson(two.out)).toEqual(one);
    // A line more every 100 ms: the clock says how many.
    const lines = two.err.replaceAll("\r\u001b[K", "|");
    const [, told] = lines.match(/^(?:\|re-executing input \d+)+\|([^|]*)$/) ?? [];
    expect(told).toBe(`The state is in ${file}, a SQLite file.\n`);
    expect(existsSync(file)).toBe(true);
  });

  test("as of an earlier block has what was there then; one that is not there yet is told", async () => {
    const [devices] = claims;
    const lastBlock = chain.getLastBlock(devices!.epoch);
    const { code, out } = await replay(chain, "--to-block", String(lastBlock + 2), "--json");
    expect(code).toBe(0);
    expect(lastJson(out)).toMatchObject({
      inputs: 4,
      claims: [{ holds: true }],
      executed: [],
      block: { number: lastBlock + 2 },
    });
    const before = await replay(chain, "--to-block", String(lastBlock), "--json");
    expect(lastJson(before.out)).toMatchObject({ inputs: 4, claims: [], unclaimedEpochs: [] });
    const beyond = await replay(chain, "--to-block", "1000000");
    expect(beyond).toMatchObject({ code: 2, out: "" });
    expect(beyond.err).toMatch(/^tallyroll: The chain has no block 1000000 yet\. .*\n$/);
    const early = await replay(chain, "--to-block", "3");
    expect(early).toMatchObject({ code: 2, err: expect.stringContaining(`no contract at`) });
  });

  test("prints refused operations", async () => {
    const { code, out } = await replay(chain, "--reports");
    expect(code).toBe(0);
    expect(out).toMatch(/^input 6: envelope_[a-z_]+ \(\d+\)/);
  });

  test("with another machine's key it cannot be told", async () => {
    const env = { TALLYROLL_MACHINE_KEY: "77".repeat(32) };
    const { code, out, err } = await runCli(["replay", ...chain.words, "--json"], { env });
    expect(code).toBe(2);
    expect(lastJson(out)).toMatchObject({
      ...{ verified: false, keyProved: false },
      divergence: { subject: "claim" },
    });
    expect(err).toContain(
      "Nothing proves the machine key of TALLYROLL_MACHINE_KEY: the application",
    );
    expect(err).toContain("set TALLYROLL_MACHINE_KEY or --data-folder to the application's");
    expect(err).toContain("may run another build of the program");
  });
});

test("an application without inputs is verified, its empty claim too", async () => {
  const chain = await first.another();
  const { code, out } = await replay(chain, "--json");
  expect(code).toBe(0);
  expect(lastJson(out)).toMatchObject({ inputs: 0, claims: [], verified: true });
  await chain.claim();
  const claimed = await replay(chain, "--json");
  expect(claimed.code).toBe(0);
  expect(lastJson(claimed.out)).toMatchObject({ claims: [{ input: null, holds: true }] });
});

test("an epoch that has ended without a claim is mentioned, and nothing is wrong", async () => {
  const chain = await first.another();
  await chain.send(...chain.encodeDevices());
  const { epoch } = await chain.claim();
  await withdraw(chain);
  const ended = await chain.endEpoch();
  const { code, out } = await replay(chain, "--json");
  expect(code).toBe(0);
  expect(lastJson(out)).toMatchObject({
    claims: [{ epoch, holds: true }],
    unclaimedEpochs: [ended],
  });
  const told = await replay(chain);
  expect(told.out).toContain(`1 of 1 hold; epoch ${ended} has ended and is not claimed yet\n`);
});

describe("a false claim", () => {
  let chain: ReplayedChain;
  let claimed: { readonly epoch: number; readonly root: Hex };
  let forged: Uint8Array;
  let honestRoot: Hex;
  beforeAll(async () => {
    chain = await first.another();
    await chain.send(...chain.encodeDevices());
    const truth = await chain.claim();
    await withdraw(chain);
    const { outputs } = await chain.follow();
    honestRoot = computeOutputsRoot(outputs);
    // The owner of the Authority pays himself all of it, where the machine paid half.
    const index = outputs.findIndex((output) => output[0] === 0x23);
    forged = Uint8Array.from(outputs[index]!);
    forged.set(Buffer.from(ETHER.toString(16).padStart(64, "0"), "hex"), 4 + 32);
    const falsified = outputs.map((output, i) => (i === index ? forged : output));
    claimed = await chain.claim(computeOutputsRoot(falsified));
    expect(truth.epoch).toBeLessThan(claimed.epoch);
    await chain.execute(falsified, index);
    await chain.claim();
  });

  test("has exit code 1; the epoch, the input, both roots, and the payment that it made", async () => {
    const { code, out } = await replay(chain, "--json");
    expect(code).toBe(1);
    const result = lastJson(out);
    expect(result).toMatchObject({
      verified: false,
      claims: [{ holds: true }, { epoch: claimed.epoch, holds: false }, { holds: true }],
      executed: [{ holds: false }],
    });
    expect(result.divergence).toEqual({
      subject: "claim",
      input: 5,
      epoch: claimed.epoch,
      expected: claimed.root,
      actual: honestRoot,
    });
    const told = await replay(chain);
    expect(told.out).toContain(
      "claims               2 of 3 hold\nexecuted outputs     0 of 1 hold",
    );
    expect(told.out).toContain(
      `DIVERGES at input 5, in the claim of epoch ${claimed.epoch}\n  on chain     ${claimed.root}\n`,
    );
    expect(told.out).not.toContain("verified");
  });

  test("with another machine's key, neither it nor its contrary can be told", async () => {
    const env = { TALLYROLL_MACHINE_KEY: "77".repeat(32) };
    const { code, out } = await runCli(["replay", ...chain.words], { env });
    expect([code, out]).toEqual([2, expect.not.stringContaining("DIVERGES")]);
  });
});

test("an output that no input produced, executed under a false claim, is told", async () => {
  const chain = await first.another();
  await withdraw(chain);
  const { outputs } = await chain.follow();
  const invented = [...outputs, outputs.find((output) => output[0] === 0x23)!];
  const { epoch } = await chain.claim(computeOutputsRoot(invented));
  await chain.execute(invented, invented.length - 1);
  const { code, out } = await replay(chain, "--json");
  expect(code).toBe(1);
  expect(lastJson(out)).toMatchObject({
    claims: [{ epoch, holds: false }],
    executed: [{ outputIndex: outputs.length, holds: false }],
    divergence: { subject: "claim", input: 1, epoch },
  });
});

test.each([
  [["--inputs", "x", "--to-block", "1"], "either --inputs, or --rpc, --app and --to-block."],
  [["--claims", "x"], "--claims goes with --inputs"],
  [["--to-block", "1e3"], "whole number"],
  [["--rpc", "localhost"], "Give a URL such as"],
])("refuses %j", async (words, expected) => {
  const { code, err } = await runCli(["replay", ...words]);
  expect(code).toBe(2);
  expect(err).toContain(expected);
  expect(err.trimEnd()).not.toContain("\n");
});
