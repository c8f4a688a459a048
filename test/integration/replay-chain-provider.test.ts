import { toFunctionSelector } from "viem";
import { writeContract } from "viem/actions";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  APPLICATION_ABI,
  CONSENSUS_ABI,
  CONTRACTS,
  encodeDataAvailability,
  FACTORIES_ABI,
  TOPICS,
} from "../../node-client/chain/contracts.ts";
import { waitForReceipt } from "../../node-client/chain/find-receipt.ts";
import type { Hex } from "../../spec/outputs.ts";
import {
  type Lie,
  type LyingProvider,
  type RpcCall,
  startLyingProvider,
} from "./fixtures/lying-provider.ts";
import { ReplayedChain } from "./fixtures/replayed-chain.ts";
import { type CliResult, lastJson, runCli } from "./fixtures/run-cli.ts";
import { TEMPLATE_HASH } from "./fixtures/test-chain.ts";
import { takeTestPort } from "./fixtures/test-port.ts";

/** `replay --rpc` through providers that leave out, alter, fail, or change their mind. */

const ETHER = 10n ** 18n;
const GET_INPUT_HASH = toFunctionSelector("getInputHash(address,uint256)");

interface Log {
  readonly topics: readonly string[];
  readonly data: string;
}

let chain: ReplayedChain;
let provider: LyingProvider;

beforeAll(async () => {
  chain = await ReplayedChain.start();
  await chain.send(...chain.encodeDevices());
  await chain.claim();
  await chain.depositEther(ETHER);
  const recipient = Uint8Array.from(Buffer.from(chain.client.account.address.slice(2), "hex"));
  const token = new Uint8Array(20);
  await chain.sendOperation({ kind: "withdraw", token, recipient, amount: ETHER });
  await chain.claim();
  const { outputs } = await chain.follow();
  const index = outputs.findIndex((output) => output[0] === 0x23);
  await chain.execute(outputs, index);
  provider = await startLyingProvider(chain.chain.anvil.rpcUrl);
});
afterAll(async () => {
  await provider?.close();
  await chain?.stop();
});
afterEach(() => {
  provider.lie = {};
});

function replay(lie: Lie, app = chain.app): Promise<CliResult> {
  provider.lie = lie;
  return runCli(["replay", "--rpc", provider.url, "--app", app, "--json"]);
}

/** Changes every answer of `eth_getLogs`. */
const changingLogs = (change: (logs: Log[]) => Log[]): Lie => ({
  falsify: (call, result) => (call.method === "eth_getLogs" ? change(result as Log[]) : undefined),
});

/** Leaves out the nth log of one event. */
const dropping = (topic: Hex, n: number): Lie =>
  changingLogs((logs) => {
    let count = 0;
    return logs.filter(({ topics }) => topics[0] !== topic || count++ !== n);
  });

const isHashCall = ({ method, params }: RpcCall): boolean =>
  method === "eth_call" && (params[0] as { data?: string }).data?.slice(0, 10) === GET_INPUT_HASH;

/** Exit code 2 in one line, and no verdict. */
function expectUntold({ code, out, err }: CliResult, words: string | RegExp): void {
  // With `--json` the error is an object too; without, nothing is printed.
  const told = out === "" ? {} : JSON.parse(out);
  expect([code, Object.keys(told)]).toEqual([2, out === "" ? [] : ["error"]]);
  expect(err).toMatch(words);
  expect(err).toMatch(/^tallyroll: [^\n]+\n$/);
}

test("an honest one is verified", async () => {
  expect((await replay({})).code).toBe(0);
});

describe("one that leaves out", () => {
  test.each([
    ["the first input", TOPICS.inputAdded, 0, "left input 0 out"],
    ["an input in the middle", TOPICS.inputAdded, 2, "left input 2 out"],
    ["the last input", TOPICS.inputAdded, 5, "gave 5 inputs, and the InputBox counts 6."],
    ["the first claim", TOPICS.claimAccepted, 0, "hold 1 accepted claims of the consensus"],
    ["the last claim", TOPICS.claimAccepted, 1, "hold 1 accepted claims of the consensus"],
    ["an executed output", TOPICS.outputExecuted, 0, "hold 0 executed outputs, and there are 1."],
  ])("%s: could not tell", async (_, topic, n, words) => {
    expectUntold(await replay(dropping(topic, n)), words);
  });

  test("only for a moment: verified", async () => {
    let rest = 1;
    const lie = changingLogs((logs) => (rest-- > 0 ? [] : logs));
    expect((await replay(lie)).code).toBe(0);
  });
});

describe("one that alters", () => {
  test("an input: exit code 1, and which", async () => {
    const lie = changingLogs((logs) =>
      logs.map((log) => {
        if (log.topics[0] !== TOPICS.inputAdded || Number(log.topics[2]) !== 4) return log;
        // Offset, length, selector, five words: a byte of prev_randao.
        const at = 2 + 2 * 64 + 8 + 5 * 64 + 8;
        const other = log.data.slice(at, at + 2) === "ff" ? "00" : "ff";
        return { ...log, data: `${log.data.slice(0, at)}${other}${log.data.slice(at + 2)}` };
      }),
    );
    const { code, out } = await replay(lie);
    expect(code).toBe(1);
    // The claim of the epoch before was judged; nothing that rests on the input was.
    expect(lastJson(out)).toMatchObject({
      inputs: 4,
      claims: [{ holds: true }],
      executed: [],
      verified: false,
      divergence: { subject: "inputHash", input: 4 },
    });
    provider.lie = lie;
    const told = await runCli(["replay", "--rpc", provider.url, "--app", chain.app]);
    expect(told.out).toMatch(
      /DIVERGES at input 4, in the input's hash in the InputBox\n {2}on chain/,
    );
  });

  test("an input hash: the same", async () => {
    const wrong = `0x${"0e".repeat(32)}`;
    const lie: Lie = {
      falsify: (call) =>
        isHashCall(call) && (call.params[0] as { data: string }).data.endsWith("02")
          ? wrong
          : undefined,
    };
    const { code, out } = await replay(lie);
    expect(code).toBe(1);
    const divergence = { subject: "inputHash", input: 2, expected: wrong };
    expect(lastJson(out)).toMatchObject({ inputs: 2, claims: [], divergence });
  });
});

describe("one that fails", () => {
  test("for a while is asked again", async () => {
    let failures = 0;
    const { code } = await replay({
      http: (calls) =>
        calls.some(({ method }) => method === "eth_getLogs") && failures++ < 1
          ? { status: 503, body: "{}" }
          : undefined,
    });
    expect([code, failures > 1]).toEqual([0, true]);
  });

  test("for good, in the middle: could not tell", async () => {
    const refused = { error: { code: -32_000, message: "missing trie node" } };
    const lie: Lie = { refuse: (call) => (isHashCall(call) ? refused : undefined) };
    expectUntold(await replay(lie), "missing trie node");
  });

  test("at the very end, for a moment: the work is not lost", async () => {
    // The changes of the consensus are asked for last; then only whether the block is still there.
    let state: "working" | "ending" | "refused" = "working";
    const { code } = await replay({
      refuse: ({ method, params }) => {
        const filter = method === "eth_getLogs" ? (params[0] as Partial<Log>) : undefined;
        if (filter?.topics?.[0] === TOPICS.validatorChanged) state = "ending";
        if (method !== "eth_getBlockByNumber" || state !== "ending") return undefined;
        state = "refused";
        return { error: { code: -32_603, message: "try again" } };
      },
    });
    expect([code, state]).toEqual([0, "refused"]);
  });

  test("from the beginning: nothing answers there", async () => {
    const url = `http://127.0.0.1:${await takeTestPort()}`;
    const result = await runCli(["replay", "--rpc", url, "--app", chain.app, "--json"]);
    expectUntold(result, `nothing answers at ${url}`);
  });

  test.each([
    ["no application", `0x${"12".repeat(20)}` as Hex, /There is no contract at .* on chain 31337/],
    ["another contract", CONTRACTS.inputBox, /is not of Cartesi's contract line 2\.2\.0/],
  ])("because the address is %s", async (_, app, words) => {
    expectUntold(await replay({}, app), words);
  });

  test("because the chain has other contracts", async () => {
    const lie: Lie = { falsify: ({ method }) => (method === "eth_getCode" ? "0x" : undefined) };
    expectUntold(await replay(lie), "lacks contracts of Cartesi's line 2.2.0");
  });
});

test("a consensus that serves another application as well is counted apart", async () => {
  const other = await chain.another();
  await writeAndWait(other, {
    address: CONTRACTS.applicationFactory,
    abi: FACTORIES_ABI,
    functionName: "newApplication",
    args: [
      other.consensus,
      other.client.account.address,
      TEMPLATE_HASH,
      encodeDataAvailability(CONTRACTS.inputBox),
      TEMPLATE_HASH,
    ],
  });
  await other.send(...other.encodeDevices());
  const { epoch, root } = await other.claim();
  const args = [chain.app, BigInt(other.getLastBlock(epoch)), root] as const;
  const { consensus } = other;
  await writeAndWait(other, {
    address: consensus,
    abi: CONSENSUS_ABI,
    functionName: "submitClaim",
    args,
  });
  expect((await replay({}, other.app)).code).toBe(0);
  const lie = changingLogs((logs) =>
    logs.filter(
      ({ topics }) => topics[0] !== TOPICS.claimAccepted || topics[1]?.endsWith(chain.app.slice(2)),
    ),
  );
  expectUntold(await replay(lie, other.app), "accepted claims");
});

test("an application that was moved to another consensus cannot be told, even as of before", async () => {
  const [own, other] = [await chain.another(), await chain.another()];
  await own.send(new Uint8Array(1));
  const { number } = await own.readHead();
  await writeAndWait(own, {
    address: own.app,
    abi: APPLICATION_ABI,
    functionName: "migrateToOutputsMerkleRootValidator",
    args: [other.consensus],
  });
  expectUntold(await replay({}, own.app), "moved it to another consensus");
  const words = ["--rpc", provider.url, "--app", own.app, "--to-block", String(number)];
  expectUntold(await runCli(["replay", ...words]), "moved it to another consensus");
});

describe("a chain that is reorganised", () => {
  test("while it is read: everything is read anew, as of the new head", async () => {
    const own = await chain.another();
    await own.send(...own.encodeDevices());
    await own.send(new Uint8Array(5));
    let isDone = false;
    const before = async (call: RpcCall): Promise<void> => {
      if (isDone || !isHashCall(call)) return;
      isDone = true;
      // The last block's only transaction, which is our last input, goes with it.
      await own.chain.control.request({ method: "anvil_reorg", params: [1, []] } as never);
    };
    const { code, out, err } = await replay({ before }, own.app);
    expect([isDone, code]).toEqual([true, 0]);
    expect(err).toBe("The chain was reorganised while it was read: beginning again.\n");
    expect(lastJson(out)).toMatchObject({
      inputs: own.encodeDevices().length,
      block: await own.readHead(),
      verified: true,
    });
  });

  test("again and again: could not tell", async () => {
    const before = async (call: RpcCall): Promise<void> => {
      if (!isHashCall(call) || !String((call.params[0] as { data: string }).data).endsWith("00"))
        return;
      await chain.chain.control.request({ method: "anvil_reorg", params: [1, []] } as never);
    };
    const { code, out, err } = await replay({ before });
    expect([code, Object.keys(JSON.parse(out))]).toEqual([2, ["error"]]);
    expect(err).toMatch(/tallyroll: The chain was reorganised 5 times while it was read\./);
  });
});

async function writeAndWait(of: ReplayedChain, call: object): Promise<void> {
  const hash = await writeContract(of.client, call as never);
  await waitForReceipt(of.client, hash);
}
