import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readContract } from "viem/actions";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { CONTRACTS, INPUT_BOX_ABI } from "../../node-client/chain/contracts.ts";
import { createRpcClaimSender } from "../../node-client/node/run/rpc-claim-sender.ts";
import type { Hex } from "../../spec/outputs.ts";
import { type Lie, type LyingProvider, startLyingProvider } from "./fixtures/lying-provider.ts";
import { startTestChain, type TestChain } from "./fixtures/test-chain.ts";
import {
  addInputs,
  deployApp,
  readView,
  TestNode,
  type TestNodeOptions,
} from "./fixtures/test-node.ts";

/** The node and its chain: providers that fail, reorganisations, claims across a death. */
let chain: TestChain;
let provider: LyingProvider;
let folder: string;
let app: Hex;
const nodes: TestNode[] = [];

beforeAll(async () => {
  chain = await startTestChain();
  provider = await startLyingProvider(chain.anvil.rpcUrl);
});
afterAll(async () => {
  await provider.close();
  await chain.stop();
});
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "tallyroll-node-"));
  app = await deployApp(chain);
});
afterEach(async () => {
  provider.lie = {};
  for (const node of nodes.splice(0)) await node.close();
  rmSync(folder, { recursive: true });
});

async function start(options: Partial<TestNodeOptions> = {}): Promise<TestNode> {
  const databasePath = join(folder, `node-${nodes.length}.sqlite`);
  const node = await TestNode.start(chain, { app, rpcUrl: provider.url, databasePath, ...options });
  nodes.push(node);
  return node;
}

const request = (method: string, params: readonly unknown[]): Promise<unknown> =>
  chain.client.request({ method, params } as never);

const noise = (count: number): string[] => Array.from({ length: count }, (_, i) => `no ${i}`);

/** What a node says that sees the chain for the first time, without anybody between. */
async function readFresh(inputCount: number) {
  const fresh = await start({ rpcUrl: chain.anvil.rpcUrl });
  await fresh.processed(inputCount);
  return readView(fresh.view);
}

/** One fault in so many calls, again and again. */
function sometimes<Result>(oneIn: number, result: Result): () => Result | undefined {
  let calls = 0;
  return () => {
    calls += 1;
    return calls % oneIn === 0 ? result : undefined;
  };
}

const isInputLogs = (result: unknown): result is unknown[] =>
  Array.isArray(result) && result.length > 0;

describe("a provider that", () => {
  const faults: readonly (readonly [name: string, makeLie: () => Lie])[] = [
    [
      "answers with errors",
      () => ({ refuse: () => ({ error: { code: -32_000, message: "no" } }) }),
    ],
    ["limits the rate", () => ({ http: () => ({ status: 429, body: "slow down" }) })],
    ["is broken", () => ({ http: () => ({ status: 503, body: "<html>sorry</html>" }) })],
    ["says nothing", () => ({ silent: () => true })],
    ["fails now and then", () => ({ http: sometimes(3, { status: 502, body: "" }) })],
    [
      "leaves the last log out",
      () => ({
        falsify: (call, result) =>
          call.method === "eth_getLogs" && isInputLogs(result) ? result.slice(0, -1) : undefined,
      }),
    ],
    [
      "leaves the first log out",
      () => ({
        falsify: (call, result) =>
          call.method === "eth_getLogs" && isInputLogs(result) ? result.slice(1) : undefined,
      }),
    ],
    [
      "has no logs",
      () => ({ falsify: ({ method }) => (method === "eth_getLogs" ? [] : undefined) }),
    ],
    [
      "invents a head",
      () => ({
        falsify: ({ method, params }, result) =>
          method === "eth_getBlockByNumber" && params[0] === "latest"
            ? { ...(result as object), hash: `0x${"ab".repeat(32)}` }
            : undefined,
      }),
    ],
  ];
  test.each(faults)("%s costs time and no input", async (_, makeLie) => {
    const lie = makeLie();
    const node = await start(lie.silent === undefined ? {} : { requestMs: 500 });
    await addInputs(chain, app, noise(3));
    await node.processed(3);
    provider.lie = lie;
    await addInputs(chain, app, noise(6));
    // Some of its answers come, and lead nowhere.
    for (let round = 0; round < 5; round++) {
      await addInputs(chain, app, noise(1));
      expect(node.view.getInputCount()).toBeLessThanOrEqual(10 + round);
    }
    provider.lie = {};
    await node.processed(14);
    expect(readView(node.view)).toEqual(await readFresh(14));
  });

  test("lags behind is believed when it stays there, and not before", async () => {
    await addInputs(chain, app, noise(4));
    const node = await start();
    await node.processed(4);
    const head = node.view.getHead();
    const behind = await request("eth_getBlockByNumber", [
      `0x${((head?.number ?? 0) - 2).toString(16)}`,
      false,
    ]);
    let looks = 0;
    provider.lie = {
      before: () => {
        looks += 1;
      },
      falsify: ({ method, params }) =>
        method === "eth_getBlockByNumber" && params[0] === "latest" && looks < 12
          ? behind
          : undefined,
    };
    await node.until(
      () => looks >= 14,
      () => "it does not look",
    );
    expect(node.view.getHead()).toEqual(head);
    expect(node.view.getProcessedInputCount()).toBe(4);
  });
});

describe("a reorganisation", () => {
  test("below all snapshots leaves nothing of what was", async () => {
    await addInputs(chain, app, noise(25));
    const node = await start();
    await node.processed(25);
    const before = readView(node.view);
    await request("anvil_reorg", [24, []]);
    await node.processed(1);
    expect(node.lines.join()).toContain("reorganised");
    await addInputs(chain, app, ["other", ...noise(5)]);
    await node.processed(7);
    const after = readView(node.view);
    expect(after).toEqual(await readFresh(7));
    expect(after.inputs[0]).toEqual(before.inputs[0]);
    expect(after.inputs[1]).not.toEqual(before.inputs[1]);
  });

  test("while inputs run ends with those that are left", async () => {
    const node = await start();
    for (let round = 0; round < 8; round++) {
      await addInputs(chain, app, noise(6));
      await request("anvil_reorg", [1 + (round % 5), []]);
    }
    const left = Number(
      await readContract(chain.client, {
        address: CONTRACTS.inputBox,
        abi: INPUT_BOX_ABI,
        functionName: "getNumberOfInputs",
        args: [app],
      }),
    );
    expect(left).toBeGreaterThan(20);
    await node.processed(left);
    expect(readView(node.view)).toEqual(await readFresh(left));
  });
});

describe("a claim", () => {
  const countClaimerNonce = async (): Promise<number> =>
    Number(await request("eth_getTransactionCount", [chain.client.account.address, "latest"]));

  test.each([
    ["is in a block", true],
    ["waits for one", false],
  ])(
    "is not doubled when the node dies before it remembers sending, and it %s",
    async (_, isMined) => {
      await addInputs(chain, app, noise(2));
      await chain.control.mine({ blocks: 30 });
      const before = await countClaimerNonce();
      let sent = 0;
      const dying = await start({
        databasePath: join(folder, "claims.sqlite"),
        claims: (client, identity) => {
          const channel = createRpcClaimSender(client, identity, "finalized");
          return {
            ...channel,
            async submit(epoch) {
              if (!isMined) await chain.control.setAutomine(false);
              await channel.submit(epoch);
              sent += 1;
              throw new Error("the power went");
            },
          };
        },
      });
      const failure = await dying.node.failed;
      expect([failure.message, sent]).toEqual(["the power went", 1]);
      await dying.close();
      nodes.length = 0;

      const next = await start({
        databasePath: join(folder, "claims.sqlite"),
        claims: (client, identity) => createRpcClaimSender(client, identity, "finalized"),
      });
      if (!isMined) {
        // It finds its twin waiting: sent again or not, one of them gets in.
        await next.until(
          () => next.node.isReady(),
          () => "it does not follow",
        );
        await new Promise((resolve) => setTimeout(resolve, 200));
        await chain.control.mine({ blocks: 1 });
        await chain.control.setAutomine(true);
      }
      const isAccepted = (): boolean =>
        next.view.listEpochs({ status: "CLAIM_ACCEPTED" }, { limit: 1, offset: 0 }).totalCount ===
        1;
      await next.until(isAccepted, () => "the claim is not accepted");
      await chain.control.mine({ blocks: 3 });
      expect((await countClaimerNonce()) - before).toBe(1);
    },
  );
});
