import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readContract } from "viem/actions";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { createNodeCrypto } from "../../dapp/crypto/node-crypto.ts";
import { readHead } from "../../node-client/chain/ask-chain.ts";
import { checkApplication } from "../../node-client/chain/check-contracts.ts";
import {
  CONTRACTS,
  encodeDataAvailability,
  SELF_HOSTED_FACTORY_ABI,
} from "../../node-client/chain/contracts.ts";
import { deployApplication } from "../../node-client/chain/deploy-contracts.ts";
import { readChain } from "../../node-client/replay/read-chain.ts";
import type { Hex } from "../../spec/outputs.ts";
import {
  EPOCH_LENGTH,
  startTestChain,
  TEMPLATE_HASH,
  type TestChain,
} from "./fixtures/test-chain.ts";
import { addInputs, TestNode } from "./fixtures/test-node.ts";

/**
 * The InputBox takes inputs for addresses without code, and an application's address is known before
 * it is deployed: whoever sees the deployment coming can be there first.
 */
let chain: TestChain;
let folder: string;
let node: TestNode | undefined;

beforeAll(async () => {
  chain = await startTestChain();
});
afterAll(async () => {
  await chain.stop();
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tallyroll-early-"));
});
afterEach(async () => {
  await node?.close();
  node = undefined;
  rmSync(folder, { recursive: true });
});

const planOf = (salt: number) => {
  const text: Hex = `0x${salt.toString(16).padStart(64, "e")}`;
  return { templateHash: TEMPLATE_HASH, epochLength: EPOCH_LENGTH, salt: text } as const;
};

/** Where a plan's application is going to be. */
async function foretell({ salt, epochLength }: ReturnType<typeof planOf>): Promise<Hex> {
  const owner = chain.client.account.address;
  const inputBox = encodeDataAvailability(CONTRACTS.inputBox);
  const [app] = await readContract(chain.client, {
    address: CONTRACTS.selfHostedApplicationFactory,
    abi: SELF_HOSTED_FACTORY_ABI,
    functionName: "calculateAddresses",
    args: [owner, BigInt(epochLength), owner, TEMPLATE_HASH, inputBox, salt],
  });
  return app.toLowerCase() as Hex;
}

async function start(app: Hex): Promise<TestNode> {
  const databasePath = join(folder, "node.sqlite");
  node = await TestNode.start(chain, { app, rpcUrl: chain.anvil.rpcUrl, databasePath });
  return node;
}

test("inputs from before the deployment are inputs", async () => {
  const app = await foretell(planOf(1));
  await addInputs(chain, app, ["early"]);
  await chain.control.mine({ blocks: 25 });
  await addInputs(chain, app, ["earlier than it"]);
  await chain.control.mine({ blocks: 3 });
  await deployApplication(chain.client, planOf(1));
  await addInputs(chain, app, ["late"]);
  const { view } = await start(app).then(async (started) => {
    await started.processed(3);
    return started;
  });
  const blocks = view.listInputs({}, { limit: 9, offset: 0 }).items.map((i) => i.blockNumber);
  expect(blocks[1]! - blocks[0]!).toBe(26);
  expect(view.listEpochs({}, { limit: 9, offset: 0 }).totalCount).toBeGreaterThan(1);

  const contracts = await checkApplication(chain.client, app);
  expect(blocks[1]).toBeLessThan(contracts.deploymentBlock);
  const place = { client: chain.client, contracts, block: await readHead(chain.client) };
  const read: number[] = [];
  for await (const { inputs } of readChain(place, await createNodeCrypto())) {
    read.push(...inputs.map(({ index }) => index));
  }
  expect(read).toEqual([0, 1, 2]);
});

test("a chain that lost the application is waited for until it has it again", async () => {
  const before = await chain.control.snapshot();
  await chain.control.mine({ blocks: 30 });
  const { app } = await deployApplication(chain.client, planOf(2));
  await addInputs(chain, app, ["first life"]);
  const running = await start(app);
  await running.processed(1);
  await chain.control.revert({ id: before });
  await running.until(
    () => running.view.getInputCount() === 0,
    () => "the inputs are still there",
  );
  await chain.control.mine({ blocks: 2 });
  const { number } = await readHead(chain.client);
  await running.until(
    () => running.view.getHead()?.number === number,
    () => "the shorter chain is not followed",
  );
  // In an earlier block than the node's file knows of.
  await deployApplication(chain.client, planOf(2));
  await addInputs(chain, app, ["second", "life"]);
  await running.processed(2);
});
