import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { computeOutputsRoot, ReplayedChain } from "./fixtures/replayed-chain.ts";
import { Folder, lastJson, runCli } from "./fixtures/run-cli.ts";

/** `replay --rpc` over a real chain. What a provider may do to it is in replay-chain-provider. */

const ETHER = 10n ** 18n;
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

describe("an honest chain", () => {
  test("is verified: inputs, claims, an executed voucher", async () => {
    const chain = await first.another();
    await chain.send(...chain.encodeDevices());
    await chain.claim();
    const { address } = chain.client.account;
    await chain.depositEther(ETHER);
    const recipient = Uint8Array.from(Buffer.from(address.slice(2), "hex"));
    const token = new Uint8Array(20);
    await chain.sendOperation({ kind: "withdraw", token, recipient, amount: ETHER / 2n });
    await chain.send(new Uint8Array(3));
    const { epoch, root } = await chain.claim();
    const { outputs } = await chain.follow();
    const voucher = outputs.findIndex((output) => output[0] === 0x23);
    await chain.execute(outputs, voucher);
    expect(computeOutputsRoot(outputs)).toBe(root);

    const { code, out, err } = await replay(chain, "--json");
    expect([code, err]).toEqual([0, ""]);
    expect(lastJson(out)).toMatchObject({
      verified: true,
      claims: [{ holds: true }, { epoch, holds: true }],
    });
  });
});
