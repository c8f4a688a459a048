import { existsSync } from "node:fs";
import { toFunctionSelector } from "viem";
import { writeContract } from "viem/actions";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { APPLICATION_ABI, CONSENSUS_ABI, TOPICS } from "../../node-client/chain/contracts.ts";
import { waitForReceipt } from "../../node-client/chain/find-receipt.ts";
import type { Hex } from "../../spec/outputs.ts";
import { type Lie, type LyingProvider, startLyingProvider } from "./fixtures/lying-provider.ts";
import { ReplayedChain } from "./fixtures/replayed-chain.ts";
import { type CliResult, Folder, lastJson, runCli } from "./fixtures/run-cli.ts";
import { TEMPLATE_HASH } from "./fixtures/test-chain.ts";

/** What `replay --rpc` makes of strangers' seals, missing keys and providers that say nothing. */

const FALSE_ROOT: Hex = `0x${"0f".repeat(32)}`;
const GET_INPUT_HASH = toFunctionSelector("getInputHash(address,uint256)");
const folder = new Folder();
let first: ReplayedChain;
let devices: ReplayedChain;
let provider: LyingProvider;

beforeAll(async () => {
  first = await ReplayedChain.start();
  devices = await first.another();
  await devices.send(...devices.encodeDevices());
  await devices.claim();
  await devices.claim();
  provider = await startLyingProvider(first.chain.anvil.rpcUrl);
});
afterAll(async () => {
  await provider?.close();
  await first?.stop();
  folder.remove();
});
afterEach(() => {
  provider.lie = {};
});

function replay(lie: Lie, of = devices, ...words: string[]): Promise<CliResult> {
  provider.lie = lie;
  return runCli(["replay", "--rpc", provider.url, "--app", of.app, "--json", ...words]);
}

describe("the machine's key", () => {
  const wrongKey = { env: { TALLYROLL_MACHINE_KEY: "77".repeat(32) } };
  /** Bytes of no meaning, long enough that some key might open them. */
  const junk = Uint8Array.from([2, ...Array.from({ length: 80 }, (_, i) => (7 * i + 9) % 251)]);

  test.each<[string, Uint8Array]>([
    ["a seal's version and nothing after it", Uint8Array.of(2)],
    ["a seal that some key may open", junk],
  ])("%s, and a lying claim: it lies", async (_, payload) => {
    const own = await first.another();
    await own.send(payload);
    const before = await replay({}, own);
    expect([before.code, lastJson(before.out)]).toMatchObject([0, { claims: [], keyProved: true }]);
    await own.claim(FALSE_ROOT);
    const { code, out } = await replay({}, own);
    expect([code, lastJson(out)]).toMatchObject([1, { divergence: { input: 0 } }]);
  });

  test("that is another's is 2 before anything else, and both causes are named", async () => {
    const own = await first.another();
    await own.depositEther(5n);
    await own.claim(FALSE_ROOT);
    const lying = await runCli(["replay", ...own.words], wrongKey);
    expect([lying.code, lying.out]).toEqual([2, expect.not.stringContaining("DIVERGES")]);
    expect(lying.err).toMatch(/It may be another machine's key: set .* may run another build/);
    await own.claim();
    expect((await runCli(["replay", ...own.words], wrongKey)).code).toBe(2);
    expect((await replay({}, own)).code).toBe(1);
  });

  test("of a real machine: what no claim proves stays 2; then a lie is one", async () => {
    const own = await first.another(TEMPLATE_HASH);
    await own.send(Uint8Array.of(2));
    const nothing = await replay({}, own);
    expect([nothing.code, lastJson(nothing.out)]).toMatchObject([0, { keyProved: false }]);
    // The outputs are none, as before any input: another key might have opened the seal.
    await own.claim();
    const refused = await replay({}, own);
    expect([refused.code, lastJson(refused.out).claims]).toMatchObject([2, [{ holds: true }]]);
    await own.depositEther(5n);
    await own.claim(FALSE_ROOT);
    const unclear = await replay({}, own);
    expect([unclear.code, unclear.err]).toEqual([2, expect.stringContaining("Cartesi Machine's")]);
    await own.claim();
    const proved = await replay({}, own);
    expect([proved.code, lastJson(proved.out)]).toMatchObject([
      1,
      { keyProved: true, claims: [{ holds: true }, { holds: false }, { holds: true }] },
    ]);
    expect((await runCli(["replay", ...own.words], wrongKey)).code).toBe(2);
  });

  test("of a real machine is proved by a claim that holds", async () => {
    const own = await first.another(TEMPLATE_HASH);
    await own.depositEther(5n);
    await own.claim();
    const { code, out } = await replay({}, own);
    expect([code, lastJson(out)]).toMatchObject([0, { keyProved: true }]);
  });
});

test.each([["0x"], [`0x${"0".repeat(64)}`], ["junk"], ["0x12"], [null], [7], [{}]])(
  "an input hash that is %j is the provider's fault, not a claim's",
  async (answer) => {
    // The fixture takes null for honest.
    const own = { result: answer };
    const { code, out, err } = await replay({
      refuse: ({ method, params }) =>
        method === "eth_call" && (params[0] as { data: string }).data.startsWith(GET_INPUT_HASH)
          ? own
          : undefined,
    });
    expect([code, Object.keys(lastJson(out))]).toEqual([2, ["error"]]);
    expect(err).toMatch(/^tallyroll: [^\n]+another RPC provider[^\n]+\n$/);
  },
);

test.each<[string, string]>([
  ["an error object", '{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"no batches"}}'],
  ["null", "null"],
])("a provider that answers batches by %s is asked call by call", async (_, body) => {
  let singles = 0;
  const { code, out } = await replay({
    http(calls) {
      if (calls.length > 1) return { status: 200, body };
      singles += 1;
      return undefined;
    },
  });
  expect([code, lastJson(out).verified, singles > 20]).toEqual([0, true, true]);
});

test("an altered claim is not taken for the claimant's: its receipt says otherwise", async () => {
  const { code, err } = await replay({
    falsify: ({ method }, result) =>
      method !== "eth_getLogs"
        ? undefined
        : (result as { topics: string[]; data: string }[]).map((log) =>
            log.topics[0] === TOPICS.claimAccepted
              ? { ...log, data: log.data.slice(0, 66) + FALSE_ROOT.slice(2) }
              : log,
          ),
  });
  expect([code, err]).toEqual([2, expect.stringContaining("contradicts itself")]);
});

test("a move to another consensus and back is found without its logs", async () => {
  const own = await first.another();
  const other = await first.another();
  const send = async (call: object): Promise<void> => {
    const hash = await writeContract(own.client, call as never);
    await waitForReceipt(own.client, hash);
  };
  const functionName = "migrateToOutputsMerkleRootValidator";
  const move = { address: own.app, abi: APPLICATION_ABI, functionName };
  await own.depositEther(5n);
  const root = (await own.follow()).replayer.listEpochs().at(-1)?.outputsMerkleRoot;
  await send({ ...move, args: [other.consensus] });
  // The consensus that it left takes claims all the same.
  const lastBlock = BigInt(own.getLastBlock(await own.endEpoch()));
  const claim = { address: own.consensus, abi: CONSENSUS_ABI, functionName: "submitClaim" };
  await send({ ...claim, args: [own.app, lastBlock, root] });
  await send({ ...move, args: [own.consensus] });
  const withoutMoves: Lie = {
    falsify: ({ method }, result) =>
      method === "eth_getLogs"
        ? (result as { topics: string[] }[]).filter(
            ({ topics }) => topics[0] !== TOPICS.validatorChanged,
          )
        : undefined,
  };
  const { code, err } = await replay(withoutMoves, own);
  expect([code, err]).toEqual([2, expect.stringContaining("moved it to another consensus")]);
});

describe("without a machine key", () => {
  const env = { HOME: folder.file("clean") };
  const run = (...words: string[]) => runCli(["replay", ...words], { env });

  test("none is made, and its lack is named in place of a divergence", async () => {
    const { code, out, err } = await run(...devices.words);
    expect(code).toBe(2);
    expect(out).not.toContain("DIVERGES");
    expect(err).toContain(`There is no machine key at ${env.HOME}/.local/share/tallyroll/`);
    expect(existsSync(env.HOME)).toBe(false);
  });

  test("what nobody claims is replayed, and says that it compared nothing", async () => {
    const own = await first.another();
    await own.depositEther(5n);
    const { code, out } = await run(...own.words);
    expect([code, out]).toEqual([0, expect.stringContaining("\nreplayed: nothing to compare")]);
    expect(out).not.toContain("verified");
    expect(existsSync(env.HOME)).toBe(false);
  });
});

describe("a provider that keeps no old states", () => {
  const forgetting = (isGone: (block: number) => boolean): Lie => ({
    refuse: ({ method, params }) =>
      method === "eth_call" && isGone(Number(params[1]))
        ? { error: { code: -32_000, message: "missing trie node 12ab" } }
        : undefined,
  });

  test("is asked for one by --to-block: says that an archive node is needed", async () => {
    const { number } = await devices.readHead();
    const lie = forgetting((block) => block <= number);
    const { code, err } = await replay(lie, devices, "--to-block", `${number - 1}`);
    expect([code, err]).toEqual([2, expect.stringMatching(/missing trie node 12ab.*archive node/)]);
  });

  test("is enough for the head; what it did not show is said", async () => {
    const { number } = await devices.readHead();
    const { code, err } = await replay(forgetting((block) => block < number));
    expect([code, err]).toEqual([0, expect.stringContaining("known from its logs alone")]);
  });
});
