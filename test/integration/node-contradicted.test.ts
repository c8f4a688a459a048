import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { writeContract } from "viem/actions";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { readHead } from "../../node-client/chain/ask-chain.ts";
import { checkApplication } from "../../node-client/chain/check-contracts.ts";
import { APPLICATION_ABI } from "../../node-client/chain/contracts.ts";
import type { EpochStatus } from "../../node-client/chain/epoch-status.ts";
import { waitForReceipt } from "../../node-client/chain/find-receipt.ts";
import { submitClaim } from "../../node-client/chain/submit-claim.ts";
import { createRpcClaimSender } from "../../node-client/node/run/rpc-claim-sender.ts";
import type { Hex } from "../../spec/outputs.ts";
import { buildStubGuest } from "./fixtures/start-stub-guest.ts";
import { EPOCH_LENGTH, startTestChain, type TestChain } from "./fixtures/test-chain.ts";
import { addInputs, deployApp, startGuest, TestNode } from "./fixtures/test-node.ts";

const FIRST = { limit: 1, offset: 0 };

/** Two who claim for one application, and do not agree. */
let chain: TestChain;
let folder: string;
let node: TestNode | undefined;
let stub: string;

beforeAll(async () => {
  chain = await startTestChain();
  stub = await buildStubGuest();
});
afterAll(async () => {
  rmSync(dirname(stub), { recursive: true });
  await chain.stop();
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tallyroll-claims-"));
});
afterEach(async () => {
  await node?.close();
  node = undefined;
  rmSync(folder, { recursive: true });
});

test("a node that finds another's claim accepted says so, and claims nothing on top of it", async () => {
  const app = await deployApp(chain);
  const contracts = await checkApplication(chain.client, app);
  await addInputs(chain, app, ["n"]);
  const { number } = await readHead(chain.client);
  const lastProcessedBlockNumber = (Math.floor(number / EPOCH_LENGTH) + 1) * EPOCH_LENGTH - 1;
  await chain.control.mine({ blocks: EPOCH_LENGTH });
  const wrong: Hex = `0x${"bd".repeat(32)}`;
  const claim = { ...contracts, lastProcessedBlockNumber, outputsMerkleRoot: wrong };
  expect((await submitClaim(chain.client, claim)).kind).toBe("sent");
  await addInputs(chain, app, ["n"]);
  await chain.control.mine({ blocks: EPOCH_LENGTH });

  let submissions = 0;
  node = await TestNode.start(chain, {
    ...{ app, rpcUrl: chain.anvil.rpcUrl, databasePath: join(folder, "node.sqlite") },
    startMachine: () => startGuest(stub),
    claims: (client, identity) => {
      const channel = createRpcClaimSender(client, identity, { confirmations: 0 });
      return {
        ...channel,
        submit(epoch) {
          submissions += 1;
          return channel.submit(epoch);
        },
      };
    },
  });
  const { view, lines } = node;
  await node.until(
    () => lines.some((line) => line.includes("another claim")),
    () => `nobody was told: ${statusesOf()}`,
  );
  function statusesOf(): EpochStatus[] {
    return view.listEpochs({}, { limit: 9, offset: 0 }).items.map(({ status }) => status);
  }
  expect(statusesOf()).toEqual(["CLAIM_REJECTED", "CLAIM_COMPUTED"]);
  expect(submissions).toBe(0);
  expect(node.node.findFault()).toContain(
    `another claim for epoch ${view.listEpochs({}, FIRST).items[0]?.index}`,
  );
  // Whoever does not claim has to hear of it too, and after a restart.
  await node.close();
  node = await TestNode.start(chain, {
    ...{ app, rpcUrl: chain.anvil.rpcUrl, databasePath: join(folder, "node.sqlite") },
    startMachine: () => startGuest(stub),
  });
  const again = node;
  await again.until(
    () => again.lines.some((line) => line.includes("another claim")),
    () => "nobody was told again",
  );
  expect(again.view.getProcessedInputCount()).toBe(2);
});

test("a node whose application leaves its consensus says so and goes on answering", async () => {
  const app = await deployApp(chain);
  const started = await TestNode.start(chain, {
    ...{ app, rpcUrl: chain.anvil.rpcUrl, databasePath: join(folder, "node.sqlite") },
    startMachine: () => startGuest(stub),
  });
  node = started;
  await addInputs(chain, app, ["n", "n"]);
  const hash = await writeContract(chain.client, {
    address: app,
    abi: APPLICATION_ABI,
    functionName: "migrateToOutputsMerkleRootValidator",
    args: [chain.contracts.consensus],
  });
  await waitForReceipt(chain.client, hash);
  await started.until(
    () => started.node.findFault() !== undefined && started.view.getProcessedInputCount() === 2,
    () => "it did not notice",
  );
  expect(started.node.findFault()).toContain(`another consensus, ${chain.contracts.consensus}`);
  expect(started.node.isReady()).toBe(false);
  expect(started.lines.filter((line) => line.includes("another consensus"))).toHaveLength(1);
  expect((await started.node.inspect(new Uint8Array(1))).processedInputCount).toBe(2);
});
